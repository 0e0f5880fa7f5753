import { evaluateRows, parse, toText } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'

/** Errors of a formula or a network on rows, in the targets' own units. */
export interface RowErrors {
  readonly rows: number
  /** Root of the mean squared error over all outputs; Infinity where a value does not exist. */
  readonly rmse: number
  /** The same with every output's errors divided by the standard deviation of its targets, over outputs that have one. */
  readonly relative: number
  /** 1 - relative^2. */
  readonly r2: number
  /** The errors of the natural logarithms, where those are what is judged. */
  readonly log?: LogErrors | undefined
}

/** Rows with targets, flat and row-major, in the table's own units. */
export interface WeightedRows {
  readonly x: Float64Array
  readonly y: Float64Array
  /** [rows]; rows of weight 0 do not count. */
  readonly weights: Float64Array
}

/** Targets whose deviation is at most this share of their size differ by rounding: 8 units in the last place. */
const ROUNDING = 8 * 2 ** -52

/**
 * The errors of values [rows][outputs]. Every output is measured in units of about its largest target before it is squared, so
 * that targets of 1e-200 and 1e200 neither vanish nor overflow. Outputs whose targets are all the same, but for rounding, have no
 * deviation to compare with: `relative` and `r2` are those of the others; where there is none, errors within rounding are none
 * and others Infinity.
 */
export function rowErrors(values: ArrayLike<number>, { y, weights }: WeightedRows): RowErrors {
  const rows = weights.length
  const outputs = y.length / rows
  let total = 0
  for (const weight of weights) total += weight
  let [shares, varying, isExact] = [0, 0, true]
  const own = Array.from({ length: outputs }, (_, j) => {
    let largest = 0
    for (let r = 0; r < rows; r++)
      if (weights[r]! > 0) largest = Math.max(largest, Math.abs(y[r * outputs + j]!))
    // A power of two, so that nothing is rounded.
    const unit = largest > 0 ? 2 ** Math.floor(Math.log2(largest)) : 1
    const rounding = ((ROUNDING * largest) / unit) ** 2
    let [mean, squares, spread] = [0, 0, 0]
    for (let r = 0; r < rows; r++) mean += (weights[r]! * (y[r * outputs + j]! / unit)) / total
    for (let r = 0; r < rows; r++) {
      const target = y[r * outputs + j]! / unit
      squares += (weights[r]! * (values[r * outputs + j]! / unit - target) ** 2) / total
      spread += (weights[r]! * (target - mean) ** 2) / total
    }
    if (spread > rounding) {
      shares += squares / spread
      varying++
    } else isExact &&= squares <= rounding
    return Math.sqrt(squares) * unit
  })
  const rmse = Math.hypot(...own) / Math.sqrt(outputs)
  if (!Number.isFinite(rmse)) return { rows, rmse: Infinity, relative: Infinity, r2: -Infinity }
  const alone = isExact ? 0 : Infinity
  const relative = varying > 0 ? Math.sqrt(shares / varying) : alone
  return { rows, rmse, relative, r2: 1 - relative ** 2 }
}

/** Which outputs are on a logarithmic scale; undefined where none is. */
export type LogOutputs = readonly boolean[] | undefined

/**
 * rowErrors, with the errors of the natural logarithms of the outputs on a logarithmic scale beside them, which exist however small
 * or large the values are. Infinity and -Infinity where a value has no logarithm.
 */
export function scaledErrors(values: ArrayLike<number>, rows: WeightedRows, log: LogOutputs): RowErrors {
  const own = rowErrors(values, rows)
  if (log === undefined) return own
  const isLog = (_: number, p: number): boolean => log[p % log.length]!
  const asked = Float64Array.from(rows.y).filter(isLog)
  const { rmse, r2 } = logErrors(Float64Array.from(values).filter(isLog), { ...rows, y: asked })
  return { ...own, log: { rmse, r2 } }
}

/** What formulas are ranked by: the relative error, of the logarithm for outputs on a logarithmic scale. */
export function judgedError(values: ArrayLike<number>, rows: WeightedRows, log: LogOutputs): number {
  if (log === undefined) return rowErrors(values, rows).relative
  const judged = (all: ArrayLike<number>): Float64Array =>
    // Rows that do not count may hold anything.
    Float64Array.from(all, (value, p) =>
      rows.weights[Math.floor(p / log.length)] === 0 ? 0 : log[p % log.length]! ? Math.log(value) : value,
    )
  return rowErrors(judged(values), { ...rows, y: judged(rows.y) }).relative
}

/** Errors of natural logarithms. */
export interface LogErrors {
  readonly rmse: number
  readonly r2: number
}

/**
 * The errors of the natural logarithms of values [rows][outputs] for positive targets: RMSE of log(value / y), which is the relative
 * error where that is small, and R2 as rowErrors has it. Infinity and -Infinity where a logarithm does not exist.
 */
export function logErrors(
  values: ArrayLike<number>,
  { y, weights }: Pick<WeightedRows, 'y' | 'weights'>,
): LogErrors {
  const rows = weights.length
  const outputs = y.length / rows
  let [total, all, shares] = [0, 0, 0]
  for (const weight of weights) total += weight
  for (let j = 0; j < outputs; j++) {
    let [mean, squares, spread] = [0, 0, 0]
    const counts = (r: number): boolean => weights[r]! > 0
    const target = (r: number): number => y[r * outputs + j]!
    for (let r = 0; r < rows; r++) if (counts(r)) mean += (weights[r]! * Math.log(target(r))) / total
    for (let r = 0; r < rows; r++) {
      if (!counts(r)) continue
      squares += (weights[r]! * logRatio(values[r * outputs + j]!, target(r)) ** 2) / total
      spread += (weights[r]! * (Math.log(target(r)) - mean) ** 2) / total
    }
    all += squares / outputs
    shares += squares === 0 ? 0 : squares / spread / outputs
  }
  return Number.isFinite(all) ? { rmse: Math.sqrt(all), r2: 1 - shares } : { rmse: Infinity, r2: -Infinity }
}

/** log(value / y), exactly where they are nearly equal. */
export function logRatio(value: number, y: number): number {
  const difference = (value - y) / y
  return Math.abs(difference) < 0.5 ? Math.log1p(difference) : Math.log(value) - Math.log(y)
}

/**
 * The values of formulas at rows, one an output, as they are printed: of parse(toText(expression)), never better than what one
 * gets.
 */
export function printedValues(
  formulas: readonly Expression[],
  names: readonly string[],
  { x, weights }: WeightedRows,
): Float64Array {
  const rows = weights.length
  const values = new Float64Array(rows * formulas.length)
  formulas.forEach((expression, j) => {
    const own = evaluateRows(parse(toText(expression), { variables: names }), names, x, rows)
    for (let r = 0; r < rows; r++) values[r * formulas.length + j] = own[r]!
  })
  return values
}

/** The errors of formulas, one an output, as they are printed: see printedValues. */
export function formulaErrors(
  formulas: readonly Expression[],
  names: readonly string[],
  samples: WeightedRows,
): RowErrors {
  return rowErrors(printedValues(formulas, names, samples), samples)
}
