import { evaluateRows, parse, toText } from '../formula/index.ts'
import type { Expression } from '../formula/index.ts'

/** Errors of a formula or a network on rows, in the targets' own units. */
export interface RowErrors {
  readonly rows: number
  /** Root of the mean squared error over all outputs; Infinity where a value does not exist. */
  readonly rmse: number
  /** The same with every output's errors divided by the standard deviation of its targets. */
  readonly relative: number
  /** 1 - relative^2. */
  readonly r2: number
}

/** Rows with targets, flat and row-major, in the table's own units. */
export interface TargetRows {
  readonly x: Float64Array
  readonly y: Float64Array
  /** [rows]; rows of weight 0 do not count. */
  readonly weights: Float64Array
}

/** The errors of values [rows][outputs]. */
export function rowErrors(values: ArrayLike<number>, { y, weights }: TargetRows): RowErrors {
  const rows = weights.length
  const outputs = y.length / rows
  let total = 0
  for (const weight of weights) total += weight
  let [squares, shares] = [0, 0]
  for (let j = 0; j < outputs; j++) {
    let [mean, own, spread] = [0, 0, 0]
    for (let r = 0; r < rows; r++) mean += (weights[r]! * y[r * outputs + j]!) / total
    for (let r = 0; r < rows; r++) {
      own += (weights[r]! * (values[r * outputs + j]! - y[r * outputs + j]!) ** 2) / total
      spread += (weights[r]! * (y[r * outputs + j]! - mean) ** 2) / total
    }
    squares += own / outputs
    shares += own / spread / outputs
  }
  const isFinite = Number.isFinite(squares)
  const rmse = isFinite ? Math.sqrt(squares) : Infinity
  // Targets that are all the same have no deviation to compare with: an error of 0 is none all the same.
  const relative = squares === 0 ? 0 : isFinite && !Number.isNaN(shares) ? Math.sqrt(shares) : Infinity
  return { rows, rmse, relative, r2: 1 - relative ** 2 }
}

/** The errors of formulas, one an output, as they are printed: of parse(toText(expression)), never better than what one gets. */
export function formulaErrors(
  formulas: readonly Expression[],
  names: readonly string[],
  samples: TargetRows,
): RowErrors {
  const rows = samples.weights.length
  const values = new Float64Array(rows * formulas.length)
  formulas.forEach((expression, j) => {
    const own = evaluateRows(parse(toText(expression), { variables: names }), names, samples.x, rows)
    for (let r = 0; r < rows; r++) values[r * formulas.length + j] = own[r]!
  })
  return rowErrors(values, samples)
}
