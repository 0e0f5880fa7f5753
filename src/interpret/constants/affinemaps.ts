import { compile, difference, number, product, sum, variable, variables } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'

/** constant + sum of slope * variable, of variables that are levels of one text: one of them at most is 1, the others are 0. */
export interface AffineMap {
  readonly constant: number
  readonly slopes: ReadonlyMap<string, number>
}

/** The map as the formula writes it; undefined where it is another function. */
export function mapOf(node: Expression): AffineMap | undefined {
  if (node.kind === 'variable') return { constant: 0, slopes: new Map([[node.name, 1]]) }
  if (variables(node).length === 0) return { constant: valueOf(node), slopes: new Map() }
  if (node.kind === 'negate') return through(mapOf(node.argument), -1)
  if (node.kind === 'add') return added(mapOf(node.left), mapOf(node.right))
  if (node.kind === 'subtract') return added(mapOf(node.left), through(mapOf(node.right), -1))
  if (node.kind === 'divide' && variables(node.right).length === 0)
    return through(mapOf(node.left), 1 / valueOf(node.right))
  if (node.kind !== 'multiply') return undefined
  if (variables(node.left).length === 0) return through(mapOf(node.right), valueOf(node.left))
  return variables(node.right).length === 0 ? through(mapOf(node.left), valueOf(node.right)) : undefined
}

/** The map through a function's values at each level alone and at none; undefined where one does not exist. */
export function mapThrough(node: Expression): AffineMap | undefined {
  const names = variables(node)
  const value = compile(node, names)
  const constant = value(names.map(() => 0))
  const slopes = names.map((name, i) => {
    const slope = value(names.map((_, k) => Number(i === k))) - constant
    return [name, Math.abs(slope) <= ROUNDING * Math.abs(constant) ? 0 : slope] as const
  })
  const isFinite = [constant, ...slopes.map(([, slope]) => slope)].every(Number.isFinite)
  return isFinite ? rounded({ constant, slopes: new Map(slopes) }) : undefined
}

/** What a few roundings make of a difference that is 0, as a share of what is subtracted. */
const ROUNDING = 2 ** -50

/** The map with another level for the one that stands for 0, where one of them is 1 on every row. */
export function rebased({ constant, slopes }: AffineMap, name: string, all: readonly string[]): AffineMap {
  const base = slopes.get(name) ?? 0
  const others = all.filter(other => other !== name)
  return {
    constant: constant + base,
    slopes: new Map(others.map(other => [other, (slopes.get(other) ?? 0) - base])),
  }
}

function added(a: AffineMap | undefined, b: AffineMap | undefined): AffineMap | undefined {
  if (a === undefined || b === undefined) return undefined
  const slopes = new Map(a.slopes)
  for (const [name, slope] of b.slopes) slopes.set(name, (slopes.get(name) ?? 0) + slope)
  return { constant: a.constant + b.constant, slopes }
}

function through(map: AffineMap | undefined, factor: number): AffineMap | undefined {
  return map && scaled(map, factor)
}

/** factor * map. */
export function scaled(map: AffineMap, factor: number): AffineMap {
  return changed(map, value => factor * value)
}

/** Digits that a product or an exponential may be trusted to have: 1.1 * 3 is 3.3 in 15 and 3.3000000000000003 in 17. */
const DIGITS = 15

/** The number with no more digits than those. */
export function inDigits(value: number): number {
  return Number(value.toPrecision(DIGITS))
}

/** The map with those digits. */
export function rounded(map: AffineMap): AffineMap {
  return changed(map, inDigits)
}

function changed({ constant, slopes }: AffineMap, change: (value: number) => number): AffineMap {
  return { constant: change(constant), slopes: new Map([...slopes].map(([name, s]) => [name, change(s)])) }
}

/** The value of a formula without variables. */
export function valueOf(node: Expression): number {
  return compile(node, [])([])
}

/** The map as a sum: the terms with a plus first, the constant last, but where it alone has a plus. */
export function written({ constant, slopes }: AffineMap): Expression {
  const terms = [...slopes].toSorted(([, a], [, b]) => Number(b > 0) - Number(a > 0))
  const leads = constant > 0 && !terms.some(([, slope]) => slope > 0)
  const all = terms.reduce<Expression>(
    (total, [name, slope]) => {
      const size = product(number(Math.abs(slope)), variable(name))
      return slope < 0 ? difference(total, size) : sum(total, size)
    },
    number(leads ? constant : 0),
  )
  return leads ? all : sum(all, number(constant))
}
