import { InvalidArgumentError } from 'commander'
import Papa from 'papaparse'
import type { WidthEntry } from '../model/width.ts'
import { networkLimits } from './defaults.ts'

/** Reads an option's whole number from `least` to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const value = readNumber(text)
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(
        most < Number.MAX_SAFE_INTEGER || value > most
          ? `Give a whole number from ${least} to ${most}.`
          : `Give a whole number of at least ${least}.`,
      )
    return value
  }
}

/** Reads an option's positive number. */
export function positiveNumber(text: string): number {
  const value = readNumber(text)
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Give a number above 0.')
  return value
}

/** Reads an option's number of at least 0. */
export function weight(text: string): number {
  const value = readNumber(text)
  if (!(value >= 0 && Number.isFinite(value))) throw new InvalidArgumentError('Give a number of at least 0.')
  return value
}

/** Reads grids to climb: `5,10,20`. */
export function gridList(text: string): number[] {
  const [least, most] = networkLimits.grid
  return text.split(',').map(part => {
    const value = readNumber(part)
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(
        `Give the intervals of each grid, whole numbers from ${least} to ${most}, such as 5,10,20.`,
      )
    return value
  })
}

/** Reads a fraction in [0, 1). */
export function fraction(text: string): number {
  const value = readNumber(text)
  if (!(value >= 0 && value < 1))
    throw new InvalidArgumentError('Give a fraction from 0 up to, not including, 1.')
  return value
}

/** Reads an interval, `-1,1`: two finite numbers, the lower first. */
export function interval(text: string): [low: number, high: number] {
  const [low = Number.NaN, high = Number.NaN, ...more] = text.split(',').map(readNumber)
  if (more.length > 0 || !(low < high && Number.isFinite(high - low)))
    throw new InvalidArgumentError('Give two numbers with a comma between, the lower first, such as -1,1.')
  return [low, high]
}

/** Reads column names with commas between, in quotes where a name holds one, and adds them to those given before. */
export function columnNames(text: string, before: readonly string[] = []): string[] {
  const names = Papa.parse<string[]>(text, { delimiter: ',' })
    .data.flat()
    .map(name => name.trim())
  if (names.length === 0 || names.includes(''))
    throw new InvalidArgumentError('Give the names of columns with commas between, such as id,date.')
  return [...before, ...names]
}

/** Reads the hidden layers: `5`, `5,3`, `3+2` for 3 sums and 2 products, or `none`. */
export function hiddenLayers(text: string): WidthEntry[] {
  if (text === 'none') return []
  const [least, most] = networkLimits.hidden
  return text.split(',').map(part => {
    const counts = part.split('+').map(readNumber)
    const [sums = Number.NaN, products = 0] = counts
    const nodes = sums + products
    if (
      counts.length > 2 ||
      !counts.every(count => Number.isSafeInteger(count) && count >= 0) ||
      nodes < least ||
      nodes > most
    )
      throw new InvalidArgumentError(
        `Give the nodes of each hidden layer, whole numbers from ${least} to ${most}, such as 5 or 8,4, or 3+2 for 3 sums and 2 products; or none.`,
      )
    return products > 0 ? [sums, products] : sums
  })
}

/** Number() alone would read '' as 0. */
function readNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

/** Four significant digits, with an exponent only where the zeros would not fit. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2)
  if (size >= 1e4) return value.toFixed(0)
  return value.toPrecision(4)
}

/** Four significant digits of a positive number, or of one just below it: never more than it is. */
export function shortBelow(value: number): string {
  const near = Number(value.toPrecision(4))
  if (!(near > value)) return String(near)
  const unit = 10 ** (Math.floor(Math.log10(value)) - 3)
  return String(Number((Math.floor(value / unit) * unit).toPrecision(4)))
}

/** A duration for a person: `0.8 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  const padded = (value: number): string => String(value).padStart(2, '0')
  return minutes < 60
    ? `${minutes} min ${padded(whole % 60)} s`
    : `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`
}

/** A size in bytes for a person: `812 B`, `24 kB`, `1.2 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const [value, unit] =
    bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
}
