import type { Table } from './columns.ts'

/** A column that spans more than so many powers of ten is better seen on a logarithmic scale. */
const SUGGESTED_DECADES = 3

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
 * The columns of numbers, inputs and target alike, that span more than SUGGESTED_DECADES: every value positive, but for one in
 * twenty that may be 0, and the largest above 1000 times the smallest. On a linear scale, which min-max scaling keeps, all of their
 * rows but those of the last decade lie in a tenth of the grid.
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
    return decades > SUGGESTED_DECADES && zeros * ROWS_A_ZERO <= column.values.length
      ? [{ column: column.name, decades, zeros }]
      : []
  })
}
