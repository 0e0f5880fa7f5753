import { HUBER_DELTA } from '../engine.ts'
import type { Plan } from '../engine.ts'

/** Which loss, and where Huber's bends. */
export type LossPlan = Pick<Plan, 'loss' | 'huberDelta'>

/**
 * The weighted loss of a block of rows and, if asked, its gradient by the outputs. With `share` = 1 / sum_b w_b and e_j = y_j - t_j,
 *
 *     mse             l_b = 1/J sum_j e_j^2                    d/dy_j = share w_b 2/J e_j
 *     mae             l_b = 1/J sum_j |e_j|                    d/dy_j = share w_b 1/J sign(e_j)             (0 at 0)
 *     huber           l_b = 1/J sum_j h(e_j)                   d/dy_j = share w_b 1/J max(-delta, min(delta, e_j))
 *     cross-entropy   l_b = log sum_j e^(y_j) - y_label        d/dy_j = share w_b (softmax_j - [j = label])
 *
 * with h(e) = e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2) (Huber 1964, as torch's HuberLoss).
 *
 * Returns sum over the block of w_b l_b, without the share.
 *
 * @param y node-major [outputs][rowStride]
 * @param targets [rows][outputs], or [rows] labels; `rowsOf` gives the row of each place in the block
 * @param dy node-major like y; empty when no gradient is wanted
 */
export function blockLoss(
  { loss, huberDelta = HUBER_DELTA }: LossPlan,
  outputs: number,
  y: Float64Array,
  rowStride: number,
  size: number,
  targets: Float64Array,
  weights: Float64Array,
  rowsOf: Int32Array,
  share: number,
  dy: Float64Array,
): number {
  if (loss === 'mse') return meanSquares(outputs, y, rowStride, size, targets, weights, rowsOf, share, dy)
  if (loss === 'cross-entropy')
    return crossEntropy(outputs, y, rowStride, size, targets, weights, rowsOf, share, dy)
  const delta = loss === 'huber' ? huberDelta : 0
  return robust(outputs, y, rowStride, size, targets, weights, rowsOf, share, dy, delta)
}

function meanSquares(
  outputs: number,
  y: Float64Array,
  rowStride: number,
  size: number,
  targets: Float64Array,
  weights: Float64Array,
  rowsOf: Int32Array,
  share: number,
  dy: Float64Array,
): number {
  let total = 0
  for (let b = 0; b < size; b++) {
    const row = rowsOf[b]!
    const weight = weights[row]!
    let sum = 0
    for (let j = 0; j < outputs; j++) {
      const error = y[j * rowStride + b]! - targets[row * outputs + j]!
      sum += error * error
      if (dy.length > 0) dy[j * rowStride + b] = ((share * weight * 2) / outputs) * error
    }
    total += (weight * sum) / outputs
  }
  return total
}

/** Huber's loss; with delta 0 the mean absolute error. */
function robust(
  outputs: number,
  y: Float64Array,
  rowStride: number,
  size: number,
  targets: Float64Array,
  weights: Float64Array,
  rowsOf: Int32Array,
  share: number,
  dy: Float64Array,
  delta: number,
): number {
  let total = 0
  for (let b = 0; b < size; b++) {
    const row = rowsOf[b]!
    const weight = weights[row]!
    const factor = (share * weight) / outputs
    let sum = 0
    for (let j = 0; j < outputs; j++) {
      const error = y[j * rowStride + b]! - targets[row * outputs + j]!
      const distance = Math.abs(error)
      // e^2 / 2 near 0, delta (|e| - delta / 2) beyond.
      const near = Math.min(distance, delta)
      sum += delta > 0 ? near * (distance - near / 2) : distance
      if (dy.length > 0)
        dy[j * rowStride + b] = factor * (delta > 0 ? Math.sign(error) * near : Math.sign(error))
    }
    total += (weight * sum) / outputs
  }
  return total
}

function crossEntropy(
  outputs: number,
  y: Float64Array,
  rowStride: number,
  size: number,
  labels: Float64Array,
  weights: Float64Array,
  rowsOf: Int32Array,
  share: number,
  dy: Float64Array,
): number {
  let total = 0
  for (let b = 0; b < size; b++) {
    const row = rowsOf[b]!
    const weight = weights[row]!
    const label = labels[row]!
    // Shifted by the largest output, so that no exponential overflows.
    let most = y[b]!
    for (let j = 1; j < outputs; j++) most = Math.max(most, y[j * rowStride + b]!)
    let sum = 0
    for (let j = 0; j < outputs; j++) sum += Math.exp(y[j * rowStride + b]! - most)
    total += weight * (most + Math.log(sum) - y[label * rowStride + b]!)
    if (dy.length === 0) continue
    for (let j = 0; j < outputs; j++) {
      const probability = Math.exp(y[j * rowStride + b]! - most) / sum
      dy[j * rowStride + b] = share * weight * (probability - (j === label ? 1 : 0))
    }
  }
  return total
}
