import { DataError } from '../errors.ts'
import { cellKind, hasDecimalComma, isTextColumn } from './cell.ts'
import { Problems } from './problems.ts'
import { quote } from './quote.ts'
import type { Column } from './columns.ts'

/** A table as it stands in its file: trimmed cells, every record as long as the header. */
export interface Source {
  /** What messages call it. */
  readonly name: string
  readonly header: readonly string[]
  /** The rows below the header, and the line each begins on. */
  readonly records: readonly (readonly string[])[]
  readonly lines: readonly number[]
  /** The columns to read, in ascending order. */
  readonly places: readonly number[]
}

/** What reading a table's rows came to. */
export interface Reading {
  /** The rows that were read, ascending; the columns hold these. */
  readonly kept: readonly number[]
  readonly columns: readonly Column[]
  /** Missing cells of each column. */
  readonly gaps: Uint32Array
  readonly problems: Problems
}

/** Spellings are kept for class labels; a column with more distinct values than this holds measurements. */
const MOST_SPELLINGS = 1000

/** Reads all rows, or with 'drop' those without missing cells; cells that cannot be read become problems. */
export function readRows(source: Source, missing: 'error' | 'drop'): Reading {
  const gaps = new Uint32Array(source.header.length)
  const kept = missing === 'drop' ? completeRows(source, gaps) : [...source.records.keys()]
  const problems = new Problems()
  const columns = source.places.map(place => readColumn(source, place, kept, problems))
  return { kept, columns, gaps, problems }
}

/** The rows without missing cells. `gaps` counts the missing cells of each column. */
function completeRows({ records, places }: Source, gaps: Uint32Array): number[] {
  const withNan = new Set<number>()
  let kept: number[] = []
  for (const [row, record] of records.entries()) {
    let complete = true
    for (const place of places) {
      const kind = cellKind(record[place]!)
      if (kind === 'nan') withNan.add(place)
      if (kind !== 'missing') continue
      complete = false
      gaps[place]!++
    }
    if (complete) kept.push(row)
  }
  // NaN is missing in a column of numbers and a text among texts. Which of them a column is, is judged on the rows that are
  // kept, so that dropping rows may turn one into the other: hence again until nothing changes.
  for (;;) {
    const numeric = [...withNan].filter(place => !isText(tally(records, place, kept)))
    const rest = kept.filter(row => {
      const missing = numeric.filter(place => cellKind(records[row]![place]!) === 'nan')
      for (const place of missing) gaps[place]!++
      return missing.length === 0
    })
    if (rest.length === kept.length) return kept
    kept = rest
  }
}

/** What the cells of a column look like; NaN, infinities and overflows count as numbers. */
interface Tally {
  readonly numbers: number
  readonly texts: number
  /** Different texts, up to two. */
  readonly distinct: number
  /** Texts such as 1,5. */
  readonly commas: number
}

function tally(records: Source['records'], place: number, rows: readonly number[]): Tally {
  let numbers = 0
  let texts = 0
  let commas = 0
  const distinct = new Set<string>()
  for (const row of rows) {
    const cell = records[row]![place]!
    const kind = cellKind(cell)
    if (kind === 'text') {
      texts++
      if (distinct.size < 2) distinct.add(cell)
      if (hasDecimalComma(cell)) commas++
    } else if (kind !== 'missing') numbers++
  }
  return { numbers, texts, distinct: distinct.size, commas }
}

function isText({ numbers, texts, distinct }: Tally): boolean {
  return isTextColumn(numbers, texts, distinct)
}

/** One column's cells of some rows as numbers or texts; cells that are missing or do not fit its kind go to `problems`. */
function readColumn(
  { name: table, header, records, lines }: Source,
  place: number,
  rows: readonly number[],
  problems: Problems,
): Column {
  const name = header[place]!
  const counts = tally(records, place, rows)
  const at = (row: number): string => `line ${lines[row]!}, column ${quote(name)}`
  if (2 * counts.commas > counts.numbers + counts.texts) {
    const row = rows.find(r => hasDecimalComma(records[r]![place]!))!
    throw new DataError(
      `${table}: ${at(row)}: ${quote(records[row]![place]!)} has a comma. Write decimals with a point (1.5) and leave ` +
        `out thousands separators.`,
    )
  }
  const reportGap = (row: number, cell: string): void =>
    problems.add('missing', lines[row]!, place, () => {
      const found = cell === '' ? 'is empty' : `(${quote(cell)}) is missing`
      return `${at(row)}: the value ${found}`
    })
  if (isText(counts)) {
    const values = rows.map(row => {
      const cell = records[row]![place]!
      if (cellKind(cell) === 'missing') reportGap(row, cell)
      return cell
    })
    return { name, kind: 'text', values }
  }

  const values = new Float64Array(rows.length)
  const written = new Map<number, string>()
  for (const [r, row] of rows.entries()) {
    const cell = records[row]![place]!
    const kind = cellKind(cell)
    if (kind === 'number') {
      const value = Number(cell)
      values[r] = value
      if (written.size <= MOST_SPELLINGS && !written.has(value)) written.set(value, cell)
    } else if (kind === 'missing') reportGap(row, cell)
    else
      problems.add(kind === 'nan' ? 'missing' : 'wrong', lines[row]!, place, () => {
        const fault = {
          text: 'is not a number, but the column is numeric',
          nonfinite: 'is not a finite number (the largest is about 1.8e308)',
          nan: 'is not a finite number',
        }[kind]
        return `${at(row)}: ${quote(cell)} ${fault}`
      })
  }
  return { name, kind: 'numeric', values, ...(written.size <= MOST_SPELLINGS ? { written } : {}) }
}
