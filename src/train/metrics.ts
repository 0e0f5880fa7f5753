import { HUBER_DELTA } from '../engine/engine.ts'
import type { Loss, Rows } from '../engine/engine.ts'

/**
 * The loss in float64 on the host, as engines define it: the mean over rows, weighted, of
 *   mse            sum_j (out_j - y_j)^2 / outputs
 *   mae            sum_j |out_j - y_j| / outputs
 *   huber          sum_j h(out_j - y_j) / outputs, h(e) = e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2)
 *   cross-entropy  log sum_j exp(out_j) - out_y, shifted by the largest output so that exp cannot overflow.
 */
export function meanLoss(loss: Loss, outputs: Float64Array, rows: Rows, delta = HUBER_DELTA): number {
  const columns = outputs.length / rows.weights.length
  const errors = {
    mse: (e: number) => e * e,
    mae: (e: number) => Math.abs(e),
    huber: (e: number) => (Math.abs(e) <= delta ? e ** 2 / 2 : delta * (Math.abs(e) - delta / 2)),
  }
  let sum = 0
  let total = 0
  rows.weights.forEach((weight, r) => {
    const row = outputs.subarray(r * columns, (r + 1) * columns)
    sum +=
      weight *
      (loss === 'cross-entropy'
        ? crossEntropy(row, rows.y[r]!)
        : meanError(errors[loss], row, rows.y.subarray(r * columns)))
    total += weight
  })
  return sum / total
}

function meanError(error: (e: number) => number, row: Float64Array, target: Float64Array): number {
  return row.reduce((sum, value, j) => sum + error(value - target[j]!), 0) / row.length
}

function crossEntropy(row: Float64Array, label: number): number {
  const largest = row.reduce((a, b) => Math.max(a, b), -Infinity)
  const exponentials = row.reduce((sum, value) => sum + Math.exp(value - largest), 0)
  return Math.log(exponentials) + largest - row[label]!
}

/** Root of the weighted mean over rows, and the mean over outputs, of the squared error. */
export function rootMeanSquare(outputs: Float64Array, rows: Rows): number {
  return Math.sqrt(meanLoss('mse', outputs, rows))
}

/**
 * 1 - residual / total sum of squares (weighted, about the weighted mean), averaged over outputs; NaN where a target is
 * constant, for then there is nothing to explain.
 */
export function rSquared(outputs: Float64Array, rows: Rows): number {
  const columns = outputs.length / rows.weights.length
  const total = rows.weights.reduce((sum, weight) => sum + weight, 0)
  let mean = 0
  for (let j = 0; j < columns; j++) {
    const target = (r: number): number => rows.y[r * columns + j]!
    const first = target(0)
    const constant = rows.weights.every((_, r) => target(r) === first)
    const centre = rows.weights.reduce((sum, weight, r) => sum + weight * target(r), 0) / total
    let residual = 0
    let spread = 0
    rows.weights.forEach((weight, r) => {
      residual += weight * (outputs[r * columns + j]! - target(r)) ** 2
      spread += weight * (target(r) - centre) ** 2
    })
    mean += constant ? NaN : (1 - residual / spread) / columns
  }
  return mean
}

/** Weighted share of rows whose largest output (the first of equals) is their class. */
export function accuracy(outputs: Float64Array, rows: Rows): number {
  const columns = outputs.length / rows.weights.length
  let right = 0
  let total = 0
  rows.weights.forEach((weight, r) => {
    const row = outputs.subarray(r * columns, (r + 1) * columns)
    const largest = row.reduce((best, value, j) => (value > row[best]! ? j : best), 0)
    if (largest === rows.y[r]) right += weight
    total += weight
  })
  return right / total
}
