import { minimise } from './brent.ts'
import type { Bracket } from './brent.ts'
import { createPlace } from './chart.ts'
import type { Chart, Place } from './chart.ts'
import type { Curve } from './traits.ts'

/** Samples of a curve in normal form: t in [-1, 1], weights of sum 1, y of weighted mean 0 and mean square 1. */
export interface NormalSamples {
  readonly t: Float64Array
  readonly y: Float64Array
  readonly weights: Float64Array
}

/** Below this share of its largest square, the variation of f over the rows is rounding. */
const FLAT = 1e-26

/**
 * Fits y ~ c f(A t + B) + d by (A, B) alone: c and d are those of a weighted linear regression wherever (A, B) are, and the
 * steps know it (variable projection: Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
 * problems whose variables separate", SIAM J. Numer. Anal. 10, 1973, in Kaufman's simpler form, BIT 15, 1975). One object
 * serves many functions; nothing is allocated from one evaluation to the next.
 */
export class Descent {
  readonly samples: NormalSamples
  readonly #f: Float64Array
  readonly #residuals: Float64Array
  readonly #columns: readonly [Float64Array, Float64Array]
  readonly #place: Place = createPlace()
  readonly #step = new Float64Array(2)
  readonly #trial = new Float64Array(2)
  #factor = 0
  #squares = 0

  constructor(samples: NormalSamples) {
    this.samples = samples
    const rows = samples.t.length
    this.#f = new Float64Array(rows)
    this.#residuals = new Float64Array(rows)
    this.#columns = [new Float64Array(rows), new Float64Array(rows)]
  }

  /** 1 - r2 at a point, in one pass (it cancels below 1e-13). */
  roughLoss(curve: Curve, chart: Chart, point: Float64Array, side: number): number {
    const place = this.#place
    if (!chart.locate(point, place)) return Infinity
    const { t, y, weights } = this.samples
    const a = side * place.a
    const { b } = place
    const { value } = curve
    let [mean, squares, product] = [0, 0, 0]
    for (let k = 0; k < t.length; k++) {
      const f = value(a * t[k]! + b)
      const weighted = weights[k]! * f
      mean += weighted
      squares += weighted * f
      product += weighted * y[k]!
    }
    const varying = squares - mean * mean
    if (!(varying > 1e-13 * squares) || varying === Infinity) return Infinity
    return 1 - (product * product) / varying
  }

  /** 1 - r2 at a point, by its residuals: never negative. Infinity where f is not finite on the rows. */
  loss(curve: Curve, chart: Chart, point: Float64Array, side: number): number {
    if (!chart.locate(point, this.#place)) return Infinity
    const { t, y, weights } = this.samples
    const f = this.#f
    const a = side * this.#place.a
    const { b } = this.#place
    let [mean, largest] = [0, 0]
    for (let k = 0; k < t.length; k++) {
      const value = curve.value(a * t[k]! + b)
      f[k] = value
      mean += weights[k]! * value
      largest = Math.max(largest, Math.abs(value))
    }
    if (!Number.isFinite(mean)) return Infinity
    let [squares, product] = [0, 0]
    for (let k = 0; k < t.length; k++) {
      const value = f[k]! - mean
      f[k] = value
      squares += weights[k]! * value * value
      product += weights[k]! * value * y[k]!
    }
    if (!(squares > FLAT * largest * largest) || !Number.isFinite(squares)) return Infinity
    const factor = product / squares
    let left = 0
    for (let k = 0; k < t.length; k++) {
      const residual = y[k]! - factor * f[k]!
      left += weights[k]! * residual * residual
    }
    this.#factor = factor
    this.#squares = squares
    return left
  }

  /** The best shift that puts a kink or a jump on a row or between two, within the bracket. Moves `point` there. */
  scan(
    curve: Curve,
    chart: Chart,
    point: Float64Array,
    side: number,
    { low, high }: Omit<Bracket, 'evaluations'>,
  ): void {
    const { t } = this.samples
    const trial = this.#trial
    let best = this.loss(curve, chart, point, side)
    for (let k = 0; k < t.length; k++)
      for (const zero of [t[k]!, (t[k]! + (t[k + 1] ?? t[k]!)) / 2]) {
        trial[0] = -side * zero
        if (trial[0] < low || trial[0] > high) continue
        const loss = this.loss(curve, chart, trial, side)
        if (!(loss < best)) continue
        best = loss
        point[0] = trial[0]
      }
  }

  /** The least loss between two places of a chart of one dimension: see minimise. Moves `point` there if it is better. */
  search(curve: Curve, chart: Chart, point: Float64Array, side: number, bracket: Bracket): void {
    const trial = this.#trial
    point[0] = minimise(
      place => {
        trial[0] = place
        return this.loss(curve, chart, trial, side)
      },
      point[0]!,
      bracket,
    )
  }

  /**
   * Levenberg-Marquardt from `point`, which it moves to the least loss it finds; at most `steps` steps. Ends where the loss
   * stands still: `patience` is the least share of it that a step must take away, but for one.
   * @returns the loss there
   */
  descend(
    curve: Curve,
    chart: Chart,
    point: Float64Array,
    side: number,
    steps: number,
    patience = 1e-9,
  ): number {
    chart.clamp(point)
    let loss = this.loss(curve, chart, point, side)
    if (chart.dimensions === 0 || loss === Infinity) return loss
    let damping = 1e-3
    let small = 0
    for (let step = 0; step < steps && small < 2; step++) {
      this.#linearise(curve, side, chart.dimensions)
      let accepted = false
      for (let trial = 0; trial < 8 && !accepted; trial++) {
        this.#solve(chart.dimensions, damping)
        for (let k = 0; k < chart.dimensions; k++) this.#trial[k] = point[k]! + this.#step[k]!
        chart.clamp(this.#trial)
        const next = this.loss(curve, chart, this.#trial, side)
        if (next < loss) {
          accepted = true
          small = next > loss * (1 - patience) ? small + 1 : 0
          loss = next
          point.set(this.#trial)
          damping = Math.max(damping / 8, 1e-15)
        } else damping = Math.max(damping * 6, 1e-8)
      }
      if (!accepted) break
    }
    return loss
  }

  /** H and the gradient of the last linearisation, of two dimensions at most. */
  readonly #normal = { h00: 0, h01: 0, h11: 0, g0: 0, g1: 0 }

  /** The slopes of the fitted curve by each coordinate, without what c and d can do; at the point of the last loss. */
  #linearise(curve: Curve, side: number, dimensions: number): void {
    const { t, y, weights } = this.samples
    const f = this.#f
    const { a, b, aSlopes, bSlopes } = this.#place
    const factor = this.#factor
    const residuals = this.#residuals
    const [first, second] = this.#columns
    let [mean0, mean1] = [0, 0]
    for (let k = 0; k < t.length; k++) {
      const place = side * t[k]!
      const slope = factor * curve.slope(a * place + b)
      // At a reached end the slope may be infinite, or stand still (0 * Infinity): the row says nothing there.
      let d0 = slope * (aSlopes[0]! * place + bSlopes[0]!)
      let d1 = slope * (aSlopes[1]! * place + bSlopes[1]!)
      if (!Number.isFinite(d0)) d0 = 0
      if (!Number.isFinite(d1)) d1 = 0
      first[k] = d0
      second[k] = d1
      mean0 += weights[k]! * d0
      mean1 += weights[k]! * d1
    }
    let [along0, along1] = [0, 0]
    for (let k = 0; k < t.length; k++) {
      first[k] = first[k]! - mean0
      second[k] = second[k]! - mean1
      along0 += weights[k]! * first[k]! * f[k]!
      along1 += weights[k]! * second[k]! * f[k]!
      residuals[k] = y[k]! - factor * f[k]!
    }
    along0 /= this.#squares
    along1 /= this.#squares
    let [h00, h01, h11, g0, g1] = [0, 0, 0, 0, 0]
    for (let k = 0; k < t.length; k++) {
      const d0 = first[k]! - along0 * f[k]!
      const d1 = second[k]! - along1 * f[k]!
      const weight = weights[k]!
      h00 += weight * d0 * d0
      h01 += weight * d0 * d1
      h11 += weight * d1 * d1
      g0 += weight * d0 * residuals[k]!
      g1 += weight * d1 * residuals[k]!
    }
    const normal = this.#normal
    normal.h00 = h00
    normal.g0 = g0
    normal.h01 = dimensions > 1 ? h01 : 0
    normal.h11 = dimensions > 1 ? h11 : 1
    normal.g1 = dimensions > 1 ? g1 : 0
  }

  /** The step of (H + damping diag H) step = gradient. */
  #solve(dimensions: number, damping: number): void {
    const { h00, h01, h11, g0, g1 } = this.#normal
    const tiny = 1e-300
    const p = h00 * (1 + damping) + tiny
    const q = h11 * (1 + damping) + tiny
    const determinant = p * q - h01 * h01
    if (dimensions === 1 || !(determinant > 0)) {
      this.#step[0] = g0 / p
      this.#step[1] = dimensions > 1 ? g1 / q : 0
      return
    }
    this.#step[0] = (q * g0 - h01 * g1) / determinant
    this.#step[1] = (p * g1 - h01 * g0) / determinant
  }
}
