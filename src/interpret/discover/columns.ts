import type { TargetRows } from './rows.ts'
import type { Inputs, LayerPlan, Structure } from './structures.ts'

/**
 * The columns that a formula may need: not those that never change, nor those that repeat an earlier one, between which no rows can
 * tell and which would share out what one of them says. All, where none changes.
 */
export function distinctColumns({ names, x, rows }: TargetRows): number[] {
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
  return distinct.length > 0 ? distinct : all
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
