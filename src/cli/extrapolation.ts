import type { TableEncoder } from '../data/index.ts'
import { quote } from '../data/quote.ts'
import type { Model } from '../model/model.ts'
import { scaleRows, unscale } from '../model/scaling.ts'
import type { Samples } from '../train/options.ts'
import { toRows } from '../train/rows.ts'
import { count } from './report.ts'

/** More columns than this are counted, not named. */
const MOST_NAMED = 3

/** What the numeric inputs were in training, and what is looked at, both on one scale. */
interface Comparison {
  /** [inputs] */
  readonly low: ArrayLike<number>
  readonly high: ArrayLike<number>
  /** [rows][inputs] */
  readonly x: Float64Array
  /** A value of input i in the table's units. */
  readonly inUnits: (i: number, u: number) => number
}

/**
 * A warning when rows lie outside the ranges that the numeric inputs had in training: splines say nothing there.
 * @param x [rows][inputs], in the table's units
 */
export function extrapolations(kan: Model, encoder: TableEncoder, x: Float64Array): string[] {
  const { scaling, statistics } = kan
  const seen = statistics?.layers[0]
  if (!scaling || !seen) return []
  // Scaled as in training: the extremes of the training rows compare equal to themselves.
  const found = rowsOutside(encoder, {
    low: seen.inputMin,
    high: seen.inputMax,
    x: scaleRows(x, scaling.input),
    inUnits: (i, u) => unscale(scaling.input, i, u),
  })
  return found === undefined ? [] : [`${found}; predictions there are extrapolations.`]
}

/** The same of test rows, for errors that they explain. Both in the table's units. */
export function testExtrapolations(encoder: TableEncoder, train: Samples, test: Samples): string[] {
  const width = encoder.inputs.length
  const seen = toRows(train.x, { name: 'x', columns: width })
  const low = new Float64Array(width).fill(Infinity)
  const high = new Float64Array(width).fill(-Infinity)
  for (const [place, value] of seen.entries()) {
    const i = place % width
    low[i] = Math.min(low[i]!, value)
    high[i] = Math.max(high[i]!, value)
  }
  const found = rowsOutside(
    encoder,
    { low, high, x: toRows(test.x, { name: 'x', columns: width }), inUnits: (_, u) => u },
    'test row',
  )
  return found === undefined
    ? []
    : [`${found}; splines say nothing there, and the network's test error shows it.`]
}

/** `2 rows lie outside the training range of "a" (12.5 to 80)`, or undefined where none does. */
function rowsOutside(
  encoder: TableEncoder,
  { low, high, x, inUnits }: Comparison,
  noun = 'row',
): string | undefined {
  const width = encoder.inputs.length
  const outside = new Set<number>()
  const columns: string[] = []
  for (const [i, input] of encoder.inputs.entries()) {
    if (input.kind !== 'numeric') continue
    const before = columns.length
    for (let row = 0; row < x.length / width; row++) {
      const u = x[row * width + i]!
      if (u >= low[i]! && u <= high[i]!) continue
      outside.add(row)
      const range = `${figure(inUnits(i, low[i]!))} to ${figure(inUnits(i, high[i]!))}`
      columns[before] = `${quote(input.column)} (${range})`
    }
  }
  if (columns.length === 0) return undefined
  const more = columns.length - MOST_NAMED
  const named =
    more > 0 ? [...columns.slice(0, MOST_NAMED), `and ${count(more, 'more column')}`] : listOf(columns)
  const lie = outside.size === 1 ? 'lies' : 'lie'
  return `${count(outside.size, noun)} ${lie} outside the training range of ${named.join(', ').replace(', and', ' and')}`
}

/** The last two joined by 'or': a row outside one of them is enough. */
function listOf(columns: readonly string[]): string[] {
  return columns.length < 2 ? [...columns] : [...columns.slice(0, -2), columns.slice(-2).join(' or ')]
}

/** Six significant digits, which hide what scaling forth and back rounds. */
function figure(value: number): string {
  return String(Number(value.toPrecision(6)))
}
