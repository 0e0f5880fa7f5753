import type { TableEncoder } from '../data/index.ts'
import { quote } from '../data/quote.ts'
import type { Model } from '../model/model.ts'
import { scaleRows, unscale } from '../model/scaling.ts'
import { count } from './report.ts'

/** More columns than this are counted, not named. */
const MOST_NAMED = 3

/**
 * A warning when rows lie outside the ranges that the numeric inputs had in training: splines say nothing there.
 * @param x [rows][inputs], in the table's units
 */
export function extrapolations(kan: Model, encoder: TableEncoder, x: Float64Array): string[] {
  const { scaling, statistics } = kan
  const seen = statistics?.layers[0]
  if (!scaling || !seen) return []
  const width = encoder.inputs.length
  // Scaled as in training: the extremes of the training rows compare equal to themselves.
  const scaled = scaleRows(x, scaling.input)
  const rows = x.length / width
  const outside = new Set<number>()
  const columns: string[] = []
  for (const [i, input] of encoder.inputs.entries()) {
    if (input.kind !== 'numeric') continue
    const [low, high] = [seen.inputMin[i]!, seen.inputMax[i]!]
    let found = false
    for (let row = 0; row < rows; row++) {
      const u = scaled[row * width + i]!
      if (u >= low && u <= high) continue
      found = true
      outside.add(row)
    }
    const inUnits = (u: number): string => figure(unscale(scaling.input, i, u))
    if (found) columns.push(`${quote(input.column)} (${inUnits(low)} to ${inUnits(high)})`)
  }
  if (columns.length === 0) return []
  const more = columns.length - MOST_NAMED
  const named =
    more > 0 ? [...columns.slice(0, MOST_NAMED), `and ${count(more, 'more column')}`] : listOf(columns)
  const lie = outside.size === 1 ? 'lies' : 'lie'
  return [
    `${count(outside.size, 'row')} ${lie} outside the training range of ${named.join(', ').replace(', and', ' and')}; ` +
      `predictions there are extrapolations.`,
  ]
}

/** The last two joined by 'or': a row outside one of them is enough. */
function listOf(columns: readonly string[]): string[] {
  return columns.length < 2 ? [...columns] : [...columns.slice(0, -2), columns.slice(-2).join(' or ')]
}

/** Six significant digits, which hide what scaling forth and back rounds. */
function figure(value: number): string {
  return String(Number(value.toPrecision(6)))
}
