import { twoValuedColumns } from '../../curves/twovalued.ts'
import { dependencies, effects } from './dependencies.ts'
import type { TargetRows } from '../rows.ts'
import type { Inputs, LayerPlan, Structure } from './structures.ts'

/**
 * The columns that a formula may need: not those that never change, nor those that repeat an earlier one, between which no rows can
 * tell and which would share out what one of them says, nor one level of a text, which the others say together (see redundantLevels).
 * All, where none changes.
 */
export function distinctColumns(table: TargetRows): number[] {
  const { names, x, rows } = table
  const inputs = names.length
  const all = names.map((_, i) => i)
  const isSame = (i: number, other: (r: number) => number): boolean => {
    for (let r = 0; r < rows; r++) if (x[r * inputs + i] !== other(r)) return false
    return true
  }
  const distinct: number[] = []
  for (const i of all) {
    const isConstant = isSame(i, () => x[i]!)
    if (!isConstant && !distinct.some(k => isSame(i, r => x[r * inputs + k]!))) distinct.push(i)
  }
  if (distinct.length === 0) return all
  const redundant = redundantLevels(table, distinct)
  return distinct.filter(i => !redundant.has(i))
}

/**
 * Columns of two values that others of two values say: c + sum of coef * column. Of the levels of a text, whose columns add up to 1,
 * that is one, which stands for 0 then: one that does to the target what another one does, so that this needs no term either.
 */
function redundantLevels(table: TargetRows, distinct: readonly number[]): ReadonlySet<number> {
  const { names, x, rows } = table
  const twoValued = twoValuedColumns(x, names.length)
  const out = new Set<number>()
  for (const circuit of dependencies(
    table,
    distinct.filter(i => twoValued.has(i)),
  )) {
    const last = circuit.at(-1)!
    const isLevels = circuit.length > 2 && circuit.every(i => isIndicator(x, names.length, i))
    const others = distinct.filter(i => !circuit.includes(i) && !out.has(i))
    const free = circuit.filter(i => !out.has(i))
    const found =
      isLevels && rows > distinct.length + 1 ? nearTwin(effects(table, others, circuit), circuit, free) : last
    out.add(found)
  }
  return out
}

/** The one whose effect is nearest to another's. */
function nearTwin(effect: readonly number[], circuit: readonly number[], free: readonly number[]): number {
  let [best, least] = [free.at(-1)!, Infinity]
  for (const [a, one] of circuit.entries())
    for (const [b, two] of circuit.entries()) {
      const distance = Math.abs(effect[a]! - effect[b]!)
      if (one === two || !free.includes(one) || distance >= least) continue
      ;[best, least] = [one, distance]
    }
  return best
}

function isIndicator(x: Float64Array, inputs: number, i: number): boolean {
  for (let at = i; at < x.length; at += inputs) if (x[at] !== 0 && x[at] !== 1) return false
  return true
}

/**
 * These columns in groups that formulas take together: columns of two values, no two of which take all four pairs of values, such as
 * the levels of a text; every other column alone. A product within such a group is a sum: it is c + d u + e v on all rows.
 */
export function columnGroups({ names, x, rows }: TargetRows, columns: readonly number[]): number[][] {
  const inputs = names.length
  const twoValued = twoValuedColumns(x, inputs)
  const excludes = (i: number, k: number): boolean => {
    let pairs = 0
    for (let r = 0; r < rows && pairs !== 15; r++)
      pairs |= 1 << (2 * Number(x[r * inputs + i] === x[i]) + Number(x[r * inputs + k] === x[k]))
    return pairs !== 15
  }
  const groups: number[][] = []
  for (const i of columns) {
    const own = twoValued.has(i)
      ? groups.find(group => group.every(k => twoValued.has(k) && excludes(i, k)))
      : undefined
    if (own === undefined) groups.push([i])
    else own.push(i)
  }
  return groups
}

/** A structure for the first of so many inputs as one for these columns of a table. */
export function onColumns(structure: Structure, columns: readonly number[], inputs: number): Structure {
  if (columns.length === inputs) return structure
  const [first, ...rest] = structure.layers
  const placed = (own: Inputs): Inputs => (own === 'all' ? columns : own.map(i => columns[i]!))
  if (first === undefined) return structure
  const layer: LayerPlan = {
    sums: first.sums.map(placed),
    products: first.products.map(factors => factors.map(placed)),
  }
  return { ...structure, inputs, layers: [layer, ...rest] }
}
