import type { Table } from '../data/index.ts'
import { quote } from '../data/quote.ts'
import { ConfigError, DataError } from '../errors.ts'
import { evaluateRows, parse, variables } from '../formula/index.ts'
import type { Expression } from '../formula/index.ts'
import { Random } from '../random.ts'
import { defaultSampling } from './defaults.ts'
import { short } from './numbers.ts'

/** Streams of the generator for the points to learn from and those of the test: 'func' and 'test' in ASCII. */
const SAMPLE_STREAM = 0x66756e63
const FRESH_STREAM = 0x74657374

/** What the column of the function's values is called. */
const TARGET = 'y'

/** A function's values at random points, as tables: one column a variable, and the target. */
export interface SampledFunction {
  /** As it was typed, on one line. */
  readonly formula: string
  readonly range: readonly [low: number, high: number]
  readonly variables: readonly string[]
  readonly target: string
  readonly table: Table
  /** As many other points, for the test. */
  readonly fresh: Table
}

/**
 * Samples a formula: every variable uniform in the range, independent of the others; equal seeds give equal points.
 *
 * Throws ConfigError for a formula that does not parse (with the place), has no variable, or a variable named as the
 * target, and DataError where a value is not finite at a point, or all values are equal.
 */
export function sampleFormula(
  text: string,
  options: {
    readonly range: readonly [low: number, high: number] | undefined
    readonly samples: number | undefined
    readonly seed: number
  },
): SampledFunction {
  const { range = defaultSampling.range, samples = defaultSampling.samples, seed } = options
  const expression = parse(text)
  const names = variables(expression)
  const formula = text.replaceAll(/\s+/g, ' ').trim()
  if (names.length === 0)
    throw new ConfigError(
      `The function ${quote(formula)} has no variable to learn from. Write x1, x2, ... for its inputs.`,
    )
  if (names.includes(TARGET))
    throw new ConfigError(
      `The function ${quote(formula)} has a variable ${TARGET}, and that is what its value is called. Rename the ` +
        `variable, such as to x2.`,
    )
  const sampleFrom = (stream: number): Table =>
    sampleTable(expression, names, range, samples, new Random(seed, stream))
  const [table, fresh] = [sampleFrom(SAMPLE_STREAM), sampleFrom(FRESH_STREAM)]
  checkValues(formula, names, range, [table, fresh])
  return { formula, range, variables: names, target: TARGET, table, fresh }
}

function sampleTable(
  expression: Expression,
  names: readonly string[],
  [low, high]: readonly [number, number],
  rows: number,
  random: Random,
): Table {
  const x = new Float64Array(rows * names.length)
  for (let i = 0; i < x.length; i++) x[i] = low + (high - low) * random.uniform()
  const inputs = names.map((name, place) => ({
    name,
    kind: 'numeric' as const,
    values: Float64Array.from({ length: rows }, (_, row) => x[row * names.length + place]!),
  }))
  const target = { name: TARGET, kind: 'numeric' as const, values: evaluateRows(expression, names, x, rows) }
  return { name: 'function', rows, columns: [...inputs, target], dropped: 0 }
}

/** Throws DataError where a value at the points of the tables is not finite, or all are equal. */
function checkValues(
  formula: string,
  names: readonly string[],
  [low, high]: readonly [number, number],
  tables: readonly Table[],
): void {
  const where = `--range ${low},${high}`
  let points = 0
  let bad = 0
  let first = ''
  let least = Infinity
  let most = -Infinity
  for (const { rows, columns } of tables) {
    const { values } = columns[names.length]!
    points += rows
    for (let row = 0; row < rows; row++) {
      const value = Number(values[row])
      least = Math.min(least, value)
      most = Math.max(most, value)
      if (Number.isFinite(value) || ++bad > 1) continue
      const point = names.map((name, place) => `${name} = ${short(Number(columns[place]!.values[row]))}`)
      first = `${point.join(', ')}, where it is ${value}`
    }
  }
  if (bad > 0)
    throw new DataError(
      `The function ${quote(formula)} is not finite at ${bad} of ${points} points in ${where}; the first is ${first}. ` +
        `Choose a --range in which it is.`,
    )
  if (least === most)
    throw new DataError(
      `The function ${quote(formula)} is ${short(least)} at every point in ${where}: there is nothing to learn. ` +
        `Choose another one, or another --range.`,
    )
}
