import type { Table } from './columns.ts'

import { FEWEST_TO_SPLIT } from './split.ts'

/** A column that spans more than so many powers of ten is better seen on a logarithmic scale. */
const SUGGESTED_DECADES = 3

/**
 * What makes positive values span decades: so many powers of ten from end to end, but for a share of many rows at each end,
 * where numbers that are uniform from 0 on have a few very small ones. Many rows tell as well by absolute errors, which values
 * near 0 do not spoil, so of these it must be more; or the upper end is above so many times the median, and the largest rows alone
 * would count.
 */
const [FEW, MANY, SKEWED] = [2, 4, 2]
const TAIL = 0.05
const UPPER = 10

/** A value in so many may be 0, as what is too small to measure is often written; it has no logarithm all the same. */
const ROWS_A_ZERO = 20

/** A column that a logarithmic scale would suit. */
export interface LogSuggestion {
  readonly column: string
  /** log10(largest / smallest), of the positive values. */
  readonly decades: number
  /** Rows where the column is 0, which such a scale has no place for. */
  readonly zeros: number
}

/**
 * Whether errors of such values are to be judged as factors, by logarithms: all are positive, and span decades. Of a column that is
 * uniform from 0 on, and of its square and cube, they do not.
 */
export function spansDecades(values: ArrayLike<number>): boolean {
  const sorted = Float64Array.from(values).sort()
  const rows = sorted.length
  if (!(sorted[0]! > 0)) return false
  const isFew = rows < FEWEST_TO_SPLIT
  const tail = isFew ? 0 : Math.floor(TAIL * rows)
  const logOf = (place: number): number => Math.log10(sorted[place]!)
  const high = logOf(rows - 1 - tail)
  const span = high - logOf(tail)
  if (span >= (isFew ? FEW : MANY)) return true
  return span >= SKEWED && high - logOf(Math.floor(rows / 2)) > Math.log10(UPPER)
}

/**
 * The columns of numbers, inputs and target alike, that span more than SUGGESTED_DECADES: every value positive, but for one in
 * twenty that may be 0, the largest above 1000 times the smallest, and that not by a few values at an end (spansDecades). On a
 * linear scale, which min-max scaling keeps, all of their rows but those of the last decade lie in a tenth of the grid.
 *
 * @param table a table, or the columns of rows that come from elsewhere
 */
export function suggestLogColumns({ columns }: Pick<Table, 'columns'>): LogSuggestion[] {
  return columns.flatMap(column => {
    if (column.kind !== 'numeric' || column.values.some(value => value < 0)) return []
    const positive = column.values.filter(value => value > 0)
    const zeros = column.values.length - positive.length
    const [low, high] = positive.reduce(
      ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
      [Infinity, 0],
    )
    // The quotient itself may overflow.
    const decades = Math.log10(high) - Math.log10(low)
    return decades > SUGGESTED_DECADES &&
      spansDecades(positive) &&
      zeros * ROWS_A_ZERO <= column.values.length
      ? [{ column: column.name, decades, zeros }]
      : []
  })
}
