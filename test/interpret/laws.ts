import { readFileSync } from 'node:fs'
import { evaluateRows, fold, number, parse, Tape, withChildren } from '../../src/formula/index.ts'
import type { Expression } from '../../src/formula/index.ts'
import { Random } from '../../src/random.ts'

/** A law of the Feynman list (test/formula/feynman.test.ts says where it is from) with its variables' ranges. */
export interface Law {
  readonly name: string
  readonly text: string
  readonly formula: Expression
  readonly variables: readonly string[]
  readonly ranges: readonly (readonly [number, number])[]
}

/** All hundred. */
export const laws: readonly Law[] = readFileSync(
  new URL('../formula/feynman_equations.csv', import.meta.url),
  'utf8',
)
  .trim()
  .split(/\r?\n/)
  .slice(1)
  .map(line => {
    const [name, , , text, , ...columns] = line.split(',')
    const variables: string[] = []
    const ranges: (readonly [number, number])[] = []
    for (let i = 0; i < columns.length; i += 3)
      if (columns[i]) {
        variables.push(columns[i]!)
        ranges.push([Number(columns[i + 1]), Number(columns[i + 2])])
      }
    return { name: name!, text: text!, formula: parse(text!, { variables }), variables, ranges }
  })

/** Rows uniform in the law's ranges, and the law there. */
export function sampleLaw(
  { formula, variables, ranges }: Pick<Law, 'formula' | 'variables' | 'ranges'>,
  rows: number,
  seed: number,
): { readonly x: Float64Array; readonly y: Float64Array } {
  const random = new Random(seed)
  const x = Float64Array.from({ length: rows * variables.length }, (_, i) => {
    const [low, high] = ranges[i % variables.length]!
    return low + (high - low) * random.uniform()
  })
  return { x, y: evaluateRows(formula, variables, x, rows) }
}

/**
 * The law with every number and pi off by up to `share` of itself, at random, apart from whole exponents, in nodes of their
 * own: what a search hands over.
 */
export function perturbed(formula: Expression, share: number, seed: number): Expression {
  const random = new Random(seed)
  const exponents = new Set<Expression>()
  fold<undefined>(formula, node => {
    if (node.kind === 'power' && node.right.kind === 'number') exponents.add(node.right)
    return undefined
  })
  return fold<Expression>(formula, (node, parts) => {
    const value = node.kind === 'number' ? node.value : node.kind === 'constant' ? Math.PI : undefined
    if (value === undefined) return withChildren(node, parts)
    const moved = value * (1 + share * (2 * random.uniform() - 1))
    return exponents.has(node) && Number.isInteger(value) ? node : number(moved)
  })
}

/** RMS over the rows of the bound of what rounding does to the formula's values. */
export function roundingOf(
  formula: Expression,
  variables: readonly string[],
  x: Float64Array,
  rows: number,
): number {
  const inputs = variables.length
  const columns = variables.map((_, i) => x.filter((_, at) => at % inputs === i))
  const bound = new Float64Array(rows)
  new Tape(formula, variables, { roundings: true }).roundings(columns, [], bound)
  return rms(bound)
}

/** Root mean square. */
export function rms(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}
