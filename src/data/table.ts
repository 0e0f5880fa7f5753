import { DataError } from '../errors.ts'
import { cellKind } from './cell.ts'
import type { Table } from './columns.ts'
import { findName } from './name.ts'
import { counted, quote } from './quote.ts'
import { splitRecords } from './records.ts'
import { refusalText } from './refusal.ts'
import { readRows } from './rows.ts'
import type { Source } from './rows.ts'

export interface ParseOptions {
  /**
   * What to do with rows that have a missing cell, or NaN in a column of numbers: refuse the table (default), or leave them
   * out and count them.
   */
  readonly missing?: 'error' | 'drop'
  /** What messages call the table (default 'table'). */
  readonly name?: string
  /** Read these columns only, which must be there; what the others hold is not looked at. */
  readonly only?: readonly string[]
  /** Columns to leave out, which must be there; what they hold is not looked at either. */
  readonly ignore?: readonly string[]
}

/** Bytes, from plain JavaScript: read without a word of their encoding, levels that differ in Latin-1 would be the same. */
function checkText(text: unknown, name: string): void {
  if (typeof text === 'string') return
  const isBytes = ArrayBuffer.isView(text) || text instanceof ArrayBuffer
  throw new DataError(
    `${name}: parseTable reads text, not ${isBytes ? 'bytes' : String(text)}. Give a string` +
      (isBytes
        ? `: new TextDecoder('utf-8', { fatal: true }).decode(bytes) throws for bytes that are not UTF-8.`
        : '.'),
  )
}

function checkHeader(header: readonly string[], table: string): void {
  const first = new Map<string, number>()
  for (const [place, column] of header.entries()) {
    if (column === '')
      throw new DataError(
        `${table}: column ${place + 1} of ${header.length} has no name in the header row. Name it, or leave out the ` +
          `index column and trailing delimiters when writing the file.`,
      )
    const earlier = first.get(column)
    if (earlier !== undefined)
      throw new DataError(
        `${table}: columns ${earlier + 1} and ${place + 1} are both called ${quote(column)}. Give each its own name.`,
      )
    first.set(column, place)
  }
  if (header.every(column => cellKind(column) === 'number'))
    throw new DataError(
      `${table}: line 1 holds numbers only (${quote(header.slice(0, 3).join(', '))}), but the first line must name the ` +
        `columns. Add a header row.`,
    )
}

function checkRagged(
  records: readonly (readonly string[])[],
  lines: readonly number[],
  expected: number,
  name: string,
): void {
  const ragged = records.flatMap((record, index) => (record.length === expected ? [] : [index]))
  const first = ragged[0]
  if (first === undefined) return
  const more = ragged.length - 1
  throw new DataError(
    `${name}: line ${lines[first]!} has ${counted(records[first]!.length, 'cell')}, but the header has ${expected}. ` +
      `Put cells that hold the delimiter in quotes.` +
      (more > 0 ? ` There ${more === 1 ? 'is' : 'are'} ${counted(more, 'more such row')}.` : ''),
  )
}

/**
 * Reads comma, semicolon or tab separated text whose first line names the columns. Cells are trimmed; blank lines are skipped, but
 * between the rows of an only column they are empty cells. Missing are the empty cell, NA, N/A, null and ?, and in a column of
 * numbers NaN as well. A column is text when more than half of its other cells are not numbers, or one in ten and not all the same
 * text; otherwise it is numeric, and a text in it is an error.
 *
 * Throws DataError for what is not a string, and, with the line (the header is line 1), the column and the cell of the first
 * problem, the number of further ones, and what leaving out rows would and would not mend: empty or binary text, no rows, broken
 * quotes, unnamed or repeated columns, ragged rows, missing values (unless they are dropped), cells that are not numbers, infinite
 * and overflowing cells.
 */
export function parseTable(text: string, options: ParseOptions = {}): Table {
  const { missing = 'error', name = 'table', only, ignore = [] } = options
  checkText(text, name)
  const { records, lines } = splitRecords(text, name)
  const header = records[0]!
  checkHeader(header, name)
  if (records.length === 1)
    throw new DataError(
      `${name}: there is a header row but no data rows. Add rows: one is enough to predict, training needs two.`,
    )
  checkRagged(records, lines, header.length, name)
  const ignored = new Set(ignore.map(column => findName(header, column, name, 'column to ignore')))
  const wanted =
    only === undefined ? header.keys() : only.map(column => findName(header, column, name, 'column'))
  const places = [...new Set(wanted)].filter(place => !ignored.has(place)).toSorted((a, b) => a - b)

  const source: Source = { name, header, records: records.slice(1), lines: lines.slice(1), places }
  const reading = readRows(source, missing)
  if (reading.kept.length === 0 || reading.problems.count > 0)
    throw new DataError(refusalText(source, reading, missing))
  return {
    name,
    rows: reading.kept.length,
    columns: reading.columns,
    dropped: source.records.length - reading.kept.length,
    kept: Uint32Array.from(reading.kept),
    lines: Uint32Array.from(reading.kept, row => source.lines[row]!),
  }
}
