import Papa from 'papaparse'
import { ShapeError } from '../errors.ts'
import { quote } from './quote.ts'
import type { Column } from './table.ts'

/** The shortest decimal that reads back as the same float64; String() alone would lose the sign of -0. */
function formatNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/**
 * Columns as comma-separated text with a header row and a final line end. parseTable reads finite numbers back bit for
 * bit and texts as they were. Throws ShapeError when the columns differ in length.
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
  return `${Papa.unparse([columns.map(column => column.name), ...records], { newline: '\n' })}\n`
}
