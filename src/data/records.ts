import Papa from 'papaparse'
import { DataError } from '../errors.ts'
import { quote } from './quote.ts'

/** The cells of a delimited text as they stand in it, trimmed, with the line each record begins on. */
export interface Records {
  readonly records: readonly (readonly string[])[]
  /** 1-based line of the file; differs from the record's place after blank lines and line breaks inside quotes. */
  readonly lines: readonly number[]
}

const DELIMITERS = [',', ';', '\t']
/** Ten lines are enough to tell the delimiter; papaparse would split the whole text once for each candidate. */
const GUESS_CHARACTERS = 65536

/** The delimiter that cuts the first lines most evenly, else the one that cuts the first line into the most cells. */
function guessDelimiter(text: string): string {
  const start = text.slice(0, GUESS_CHARACTERS)
  const guess = Papa.parse<string[]>(start, {
    preview: 10,
    skipEmptyLines: 'greedy',
    newline: '\n',
    delimitersToGuess: DELIMITERS,
  })
  if (!guess.errors.some(error => error.code === 'UndetectableDelimiter')) return guess.meta.delimiter
  const firstLine = start.slice(0, start.indexOf('\n') + 1 || start.length)
  const cuts = DELIMITERS.map(delimiter => firstLine.split(delimiter).length)
  return DELIMITERS[cuts.indexOf(Math.max(...cuts))]!
}

/**
 * Splits a text of comma, semicolon or tab separated values (RFC 4180) into records. A byte order mark, CRLF or CR line ends and blank
 * lines are fine. In a table of one column a blank line between rows, or "" in any line, is an empty cell: spreadsheets write a
 * missing value so, and rows would shift without it. Throws DataError for an empty or binary text and for broken quotes.
 */
export function splitRecords(text: string, name: string): Records {
  if (text.includes('\0'))
    throw new DataError(
      `${name}: the file is binary or UTF-16 (it holds a zero byte). Save it as comma-separated text in UTF-8.`,
    )
  const content = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n')
  const parsed = Papa.parse<string[]>(content, { delimiter: guessDelimiter(content), newline: '\n' })

  const records: string[][] = []
  const lines: number[] = []
  const broken = parsed.errors.find(error => error.type === 'Quotes')
  let line = 1
  let lastLine: number | undefined
  const isOnlyCell = (at: number): boolean => {
    if (records[0]?.length !== 1) return false
    lastLine ??= content.trimEnd().split('\n').length
    return at <= lastLine
  }
  for (const [index, record] of parsed.data.entries()) {
    if (broken !== undefined && broken.row === index) {
      const cell = quote(record.at(-1) ?? '')
      throw new DataError(
        `${name}: line ${line}: a quoted cell is not closed properly, near ${cell}. Double a quote that belongs to the ` +
          `text ("").`,
      )
    }
    const recordLine = line++
    for (const [place, cell] of record.entries()) {
      if (cell.includes('\n')) line += cell.split('\n').length - 1
      record[place] = cell.trim()
    }
    if (record.length === 1 && record[0] === '' && !isOnlyCell(recordLine)) continue
    records.push(record)
    lines.push(recordLine)
  }
  if (records.length === 0)
    throw new DataError(`${name}: the file is empty. Give a header row and at least two rows.`)
  return { records, lines }
}
