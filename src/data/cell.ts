/** What one cell of a table holds. `nonfinite`: a written infinity, or a number beyond 1.8e308 such as 1e400. */
export type CellKind = 'number' | 'missing' | 'nan' | 'nonfinite' | 'text'

/** A decimal number and nothing else: Number() alone would read '' as 0 and '0x10' as 16. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const NAN = /^[+-]?nan$/i
const INFINITE = /^[+-]?inf(?:inity)?$/i
const DECIMAL_COMMA = /^[+-]?\d+,\d+$/
const MISSING: ReadonlySet<string> = new Set(['', 'na', 'n/a', 'null', '?'])

/**
 * The kind of a trimmed cell. Missing are the empty cell, NA, N/A, null (in any case) and the ? of the UCI tables. A
 * written NaN is a kind of its own: numpy and MATLAB write it for a missing value, but it may as well be the trace of a
 * failed computation, or a name in a column of texts.
 */
export function cellKind(cell: string): CellKind {
  if (DECIMAL.test(cell)) return Number.isFinite(Number(cell)) ? 'number' : 'nonfinite'
  if (cell.length <= 4 && MISSING.has(cell.toLowerCase())) return 'missing'
  if (NAN.test(cell)) return 'nan'
  return INFINITE.test(cell) ? 'nonfinite' : 'text'
}

/** Whether a cell looks like 1,5 for 1.5 (or 1,500 for 1500): both need rewriting before a program can read them. */
export function hasDecimalComma(cell: string): boolean {
  return DECIMAL_COMMA.test(cell)
}

/**
 * Whether a column is text, given how many of its non-missing cells are numbers (NaN, inf and overflows count as
 * numbers), how many are not, and how many different texts are among the latter. It is text when
 * - more than half of the cells are not numbers, or
 * - at least one in ten is not, and they are not all the same text.
 * Otherwise it is numeric and every text in it is a mistake to be reported: a typing error is one text in many numbers,
 * a private mark for a missing value ('-', 'unknown') is one text many times.
 */
export function isTextColumn(numbers: number, texts: number, distinctTexts: number): boolean {
  const cells = numbers + texts
  return 2 * texts > cells || (10 * texts >= cells && distinctTexts > 1)
}
