import { DataError } from '../errors.ts'
import { cellKind, hasDecimalComma, isTextColumn } from './cell.ts'
import { findName } from './name.ts'
import { counted, quote } from './quote.ts'
import { splitRecords } from './records.ts'

/** A column of finite numbers. */
export interface NumericColumn {
  readonly name: string
  readonly kind: 'numeric'
  readonly values: Float64Array
  /** How each value is written in the file (class labels keep it); absent beyond 1000 distinct values. */
  readonly written?: ReadonlyMap<number, string>
}

/** A column of texts, without surrounding spaces. */
export interface TextColumn {
  readonly name: string
  readonly kind: 'text'
  readonly values: readonly string[]
}

export type Column = NumericColumn | TextColumn

/** A rectangular table in memory: every column holds `rows` values, none missing. */
export interface Table {
  /** What messages call it, such as the file's name. */
  readonly name: string
  readonly rows: number
  readonly columns: readonly Column[]
  /** Rows left out because of missing values. */
  readonly dropped: number
  /** The line of the file each row begins on (the header is line 1), where the table comes from a file. */
  readonly lines?: Uint32Array
}

export interface ParseOptions {
  /** What to do with rows that have a missing cell: refuse the table (default), or leave them out and count them. */
  readonly missing?: 'error' | 'drop'
  /** What messages call the table (default 'table'). */
  readonly name?: string
  /** Read these columns only, which must be there; what the others hold is not looked at. */
  readonly only?: readonly string[]
}

/** Spellings are kept for class labels; a column with more distinct values than this holds measurements. */
const MOST_SPELLINGS = 1000

/** Keeps the first of a table's bad cells, in reading order, and counts the rest. */
class Problems {
  #count = 0
  #line = Infinity
  #place = Infinity
  #message = ''

  add(line: number, place: number, message: () => string): void {
    this.#count++
    if (line > this.#line || (line === this.#line && place >= this.#place)) return
    this.#line = line
    this.#place = place
    this.#message = message()
  }

  throwFirst(): void {
    if (this.#count === 0) return
    const more = this.#count - 1
    throw new DataError(
      this.#message +
        (more > 0 ? ` There ${more === 1 ? 'is' : 'are'} ${counted(more, 'more bad cell')}.` : ''),
    )
  }
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

/** One column's cells as numbers or texts; cells that do not fit its kind go to `problems`. */
function readColumn(
  name: string,
  place: number,
  records: readonly (readonly string[])[],
  lines: readonly number[],
  where: string,
  problems: Problems,
): Column {
  let numbers = 0
  let texts = 0
  let commas = 0
  const distinct = new Set<string>()
  for (const record of records) {
    const cell = record[place]!
    const kind = cellKind(cell)
    if (kind === 'number' || kind === 'nonfinite') numbers++
    else if (kind === 'text') {
      texts++
      if (distinct.size < 2) distinct.add(cell)
      if (hasDecimalComma(cell)) commas++
    }
  }
  if (2 * commas > numbers + texts) {
    const index = records.findIndex(record => hasDecimalComma(record[place]!))
    const cell = quote(records[index]![place]!)
    throw new DataError(
      `${where}: line ${lines[index]!}, column ${quote(name)}: ${cell} has a comma. Write decimals with a point (1.5) ` +
        `and leave out thousands separators.`,
    )
  }
  if (isTextColumn(numbers, texts, distinct.size))
    return { name, kind: 'text', values: records.map(record => record[place]!) }

  const values = new Float64Array(records.length)
  const written = new Map<number, string>()
  for (const [row, record] of records.entries()) {
    const cell = record[place]!
    const kind = cellKind(cell)
    if (kind === 'number') {
      const value = Number(cell)
      values[row] = value
      if (written.size <= MOST_SPELLINGS && !written.has(value)) written.set(value, cell)
    } else if (kind !== 'missing') {
      const fault =
        kind === 'text'
          ? `is not a number, but the column is numeric`
          : `is not a finite number (the largest is about 1.8e308)`
      problems.add(
        lines[row]!,
        place,
        () =>
          `${where}: line ${lines[row]!}, column ${quote(name)}: ${quote(cell)} ${fault}. Correct the cell, or empty it ` +
          `and use --missing drop.`,
      )
    }
  }
  return { name, kind: 'numeric', values, ...(written.size <= MOST_SPELLINGS ? { written } : {}) }
}

/**
 * Reads comma, semicolon or tab separated text whose first line names the columns. Cells are trimmed; blank lines are
 * skipped. Missing are the empty cell, NA, N/A, null and ?. A column is text when more than half of its other cells are
 * not numbers, or one in ten and not all the same text; otherwise it is numeric, and a text in it is an error.
 *
 * Throws DataError, with the line (the header is line 1), the column and the cell of the first problem and the number
 * of further ones: empty or binary text, no rows, broken quotes, unnamed or repeated columns, ragged rows, missing
 * values (unless they are dropped), cells that are not numbers, NaN, infinite and overflowing cells.
 */
export function parseTable(text: string, options: ParseOptions = {}): Table {
  const { missing = 'error', name = 'table', only } = options
  const split = splitRecords(text, name)
  const header = split.records[0]!
  checkHeader(header, name)
  if (split.records.length === 1)
    throw new DataError(`${name}: there is a header row but no data rows. Add at least two rows.`)
  checkRagged(split.records, split.lines, header.length, name)

  const places =
    only === undefined
      ? [...header.keys()]
      : [...new Set(only.map(column => findName(header, column, name, 'column')))].toSorted((a, b) => a - b)
  const problems = new Problems()
  const missingIn = new Uint32Array(header.length)
  const records: (readonly string[])[] = []
  const lines: number[] = []
  for (let index = 1; index < split.records.length; index++) {
    const record = split.records[index]!
    const line = split.lines[index]!
    let complete = true
    for (const place of places) {
      const cell = record[place]!
      if (cellKind(cell) !== 'missing') continue
      complete = false
      missingIn[place]!++
      if (missing === 'error')
        problems.add(line, place, () => {
          const found = cell === '' ? 'is empty' : `(${quote(cell)}) is missing`
          return `${name}: line ${line}, column ${quote(header[place]!)}: the value ${found}. Fill it in, or use --missing drop to go on without such rows.`
        })
    }
    if (!complete && missing === 'drop') continue
    records.push(record)
    lines.push(line)
  }
  if (records.length === 0) {
    const worst = missingIn.indexOf(Math.max(...missingIn))
    throw new DataError(
      `${name}: every row has a missing value, so --missing drop leaves none; column ${quote(header[worst]!)} lacks ` +
        `${missingIn[worst]!} of ${split.records.length - 1}. Fill in or delete that column.`,
    )
  }
  const columns = places.map(place => readColumn(header[place]!, place, records, lines, name, problems))
  problems.throwFirst()
  return {
    name,
    rows: records.length,
    columns,
    dropped: split.records.length - 1 - records.length,
    lines: Uint32Array.from(lines),
  }
}
