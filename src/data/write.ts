import Papa from 'papaparse'
import { ShapeError } from '../errors.ts'
import { quote } from './quote.ts'
import type { Column } from './columns.ts'

/**
 * The shortest decimal that reads back as the same float64; String() alone would lose the sign of -0. NaN is a missing value,
 * an empty cell.
 */
function formatNumber(value: number): string {
  if (Number.isNaN(value)) return ''
  return Object.is(value, -0) ? '-0' : String(value)
}

/**
 * Columns as comma-separated text with a header row and a final line end. parseTable reads finite numbers back bit for
 * bit and texts as they were. An only cell that is empty is written as "", since a blank line is no row to many readers. Throws
 * ShapeError when the columns differ in length.
 */
export function formatTable(columns: readonly Column[]): string {
  const rows = columns[0]?.values.length ?? 0
  for (const column of columns)
    if (column.values.length !== rows)
      throw new ShapeError(
        `Column ${quote(column.name)} has ${column.values.length} values, ${quote(columns[0]!.name)} has ${rows}. ` +
          `Give every column one value a row.`,
      )
  const records = Array.from({ length: rows }, (_, row) =>
    columns.map(column =>
      column.kind === 'numeric' ? formatNumber(column.values[row]!) : column.values[row]!,
    ),
  )
  const quotes = (cell: string): boolean => columns.length === 1 && cell === ''
  return `${Papa.unparse([columns.map(column => column.name), ...records], { newline: '\n', quotes })}\n`
}
