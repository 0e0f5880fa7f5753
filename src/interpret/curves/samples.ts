import { DataError, ShapeError } from '../../errors.ts'
import { Descent } from './descent.ts'
import type { NormalSamples } from './descent.ts'

/** Rows for a coarse search; more would not find other valleys. */
const COARSE_ROWS = 48

/** The weighted samples of a curve, in the caller's units and in normal form. */
export class CurveSamples {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly weights: Float64Array
  readonly low: number
  readonly high: number
  /** Weighted mean and mean square deviation of y. */
  readonly mean: number
  readonly variance: number
  /** All rows, and a few for a coarse search. */
  readonly all: Descent
  readonly few: Descent

  constructor(x: ArrayLike<number>, y: ArrayLike<number>, weights: ArrayLike<number> | undefined) {
    const rows = x.length
    if (y.length !== rows || (weights !== undefined && weights.length !== rows))
      throw new ShapeError(
        `The curve has ${rows} x, ${y.length} y${weights ? ` and ${weights.length} weights` : ''}; give as many of each.`,
      )
    const order = Array.from({ length: rows }, (_, k) => k).sort((p, q) => x[p]! - x[q]!)
    this.x = Float64Array.from(order, k => x[k]!)
    this.y = Float64Array.from(order, k => y[k]!)
    const raw = Float64Array.from(order, k => weights?.[k] ?? 1)
    let total = 0
    for (let k = 0; k < rows; k++) {
      if (!Number.isFinite(this.x[k]!) || !Number.isFinite(this.y[k]!))
        throw new DataError(
          `Row ${order[k]! + 1} of the curve is (${this.x[k]}, ${this.y[k]}); give finite numbers.`,
        )
      if (!(raw[k]! >= 0) || raw[k] === Infinity)
        throw new DataError(`Weight ${order[k]! + 1} of the curve is ${raw[k]}; weights are at least 0.`)
      total += raw[k]!
    }
    this.low = this.x[0] ?? 0
    this.high = this.x[rows - 1] ?? 0
    if (!(total > 0) || !Number.isFinite(total))
      throw new DataError(`The curve has no row that counts (${rows} rows, weights of sum ${total}).`)
    this.weights = raw.map(weight => weight / total)
    let mean = 0
    for (let k = 0; k < rows; k++) mean += this.weights[k]! * this.y[k]!
    let variance = 0
    for (let k = 0; k < rows; k++) variance += this.weights[k]! * (this.y[k]! - mean) ** 2
    this.mean = mean
    // Values that differ by roundings of a sum alone are one.
    const largest = this.y.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const varies = this.high > this.low && variance > (8 * Number.EPSILON * largest) ** 2
    this.variance = varies ? variance : 0
    const [middle, half] = [(this.low + this.high) / 2, (this.high - this.low) / 2 || 1]
    const t = this.x.map(value => Math.min(1, Math.max(-1, (value - middle) / half)))
    const deviation = Math.sqrt(variance) || 1
    const normal = { t, y: this.y.map(value => (value - mean) / deviation), weights: this.weights }
    this.all = new Descent(normal)
    this.few = rows <= 1.5 * COARSE_ROWS ? this.all : new Descent(thinned(normal))
  }
}

/** Every so many rows, with the weight of those left out; the first and the last row stay. */
function thinned({ t, y, weights }: NormalSamples): NormalSamples {
  const kept = Array.from({ length: COARSE_ROWS }, (_, k) =>
    Math.round((k * (t.length - 1)) / (COARSE_ROWS - 1)),
  )
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, k => values[k]!)
  const own = new Float64Array(COARSE_ROWS)
  for (let k = 0; k < t.length; k++) {
    const nearest = Math.round((k * (COARSE_ROWS - 1)) / (t.length - 1))
    own[nearest] = own[nearest]! + weights[k]!
  }
  return { t: pick(t), y: centred(pick(y), own), weights: own }
}

/** y - its weighted mean, over its deviation. */
function centred(y: Float64Array, weights: Float64Array): Float64Array {
  let mean = 0
  for (let k = 0; k < y.length; k++) mean += weights[k]! * y[k]!
  let squares = 0
  for (let k = 0; k < y.length; k++) squares += weights[k]! * (y[k]! - mean) ** 2
  const deviation = Math.sqrt(squares) || 1
  return y.map(value => (value - mean) / deviation)
}
