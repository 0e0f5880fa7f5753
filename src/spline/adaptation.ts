import { ConfigError } from '../errors.ts'
import { extendKnots, uniformKnots } from './knots.ts'

/**
 * How far a fresh sample may lie beyond the inner grid, relative to its range, so that splines still reach it: this over
 * the square root of the number of samples. A sum of two uniform inputs has its extremes in corners, and of n samples
 * the outermost is short of it by about 0.7 / sqrt(n) of the range.
 */
const REACH = 2

/**
 * A sample a distance d beyond the inner grid sees its spline moved by about (d / step)^k / k! of a coefficient when extra
 * knots move. Samples below this share count as on the grid: rounding may have put them beyond.
 */
const VISIBLE = 1e-8

/** The least step between inner knots, relative to the mean step; below pykan's grid_eps of 0.02, which implies 0.02. */
const LEAST_STEP = 0.01

/**
 * Samples whose range is below this share of their size, for each interval, count as constant: beyond it, knots
 * would fall on neighbouring float32 numbers, 2^-24 apart.
 */
const RESOLUTION = 2 ** -18

/** Where the k extra knots of a side go. */
export interface ExtraKnots {
  /**
   * Their step is the mean step of the inner knots, but at least this share of the inner range, so that splines on fine
   * grids do not end right beside the training samples. Left out: 2 / sqrt(rows); 0 is pykan's rule.
   */
  readonly reach?: number | undefined
}

/** Where knots go that follow samples. */
export interface KnotPlacement extends ExtraKnots {
  /** Share of evenly spaced knots, 0 to 1; the rest follows the quantiles of the samples (pykan's grid_eps). */
  readonly eps: number
  /** How far the end knots lie beyond the outermost samples, relative to the samples' range, at least 0. */
  readonly margin: number
  /** Samples whose range is at most this count as constant. */
  readonly narrowest: number
}

/**
 * Knots with another number of intervals on the same inner grid: G' + 2k + 1 values. The new inner knots are the linear
 * interpolations of the old ones, each old interval counting as one (pykan's `initialize_grid_from_parent`; KAN paper,
 * section 2.4): where G' is a multiple of G, they contain the old ones bit by bit.
 *
 * The k extra knots of a side continue at the mean step (see ExtraKnots), unless samples x ([rows]) lie there, beyond the
 * inner grid: then the old extra knots stay. Else the old splines would end nearer to the grid and jump at these
 * samples; so knot insertion is exact there, too. The old extra knots also stay where the least step is not below theirs.
 */
export function refineKnots(
  old: Float64Array,
  degree: number,
  intervals: number,
  x: ArrayLike<number>,
  { reach = REACH / Math.sqrt(x.length) }: ExtraKnots = {},
): Float64Array {
  const oldIntervals = old.length - 2 * degree - 1
  const inner = Float64Array.from({ length: intervals + 1 }, (_, i) => {
    const position = (i * oldIntervals) / intervals
    const left = Math.floor(position)
    const share = position - left
    const low = old[degree + left]!
    return share === 0 ? low : low + share * (old[degree + left + 1]! - low)
  })
  const first = inner[0]!
  const last = inner[intervals]!
  const mean = (last - first) / intervals
  const least = reach * (last - first)
  const oldBelow = (first - old[0]!) / degree
  const oldAbove = (old[old.length - 1]! - last) / degree
  const below = Math.max(mean, Math.min(oldBelow, least))
  const above = Math.max(mean, Math.min(oldAbove, least))
  const knots = extendKnots(inner, degree, [below, above])
  const visible = (VISIBLE * factorial(degree)) ** (1 / degree)
  const liesIn = (low: number, high: number): boolean =>
    Array.prototype.some.call(x, (value: number) => value >= low && value < high)
  if (below === oldBelow || liesIn(old[0]!, first - visible * below)) knots.set(old.subarray(0, degree))
  if (above === oldAbove || liesIn(last + visible * above, old[old.length - 1]!))
    knots.set(old.subarray(degree + oldIntervals + 1), degree + intervals + 1)
  return knots
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1)
}

/**
 * Knots that follow samples x ([rows]; those not finite take no part), as many as the old ones: the inner knots are
 *
 *     t_(k+j) = eps * (lo + j (hi - lo) / G) + (1 - eps) * q_j,   j = 0 .. G,
 *
 * with q_j the sorted sample of index int(j rows / G), q_0 = lo, q_G = hi (KAN paper, section 2.4; pykan's
 * `update_grid_from_samples`), lo and hi the outermost samples moved outwards by the margin; extended at the mean step.
 * With a margin of 0 fresh samples fall beyond the end knots, where splines bend towards zero.
 *
 * Repeated samples cannot make knots equal: steps below LEAST_STEP of the mean are raised to it and the others give way in
 * proportion. Without samples, or where all are (nearly) constant and within the old inner grid, the old knots stay;
 * a constant elsewhere gets an even grid of the old width around it.
 *
 * Throws ConfigError for an eps or margin out of range.
 */
export function adaptKnots(
  old: Float64Array,
  degree: number,
  x: ArrayLike<number>,
  { eps, margin, narrowest, reach = REACH / Math.sqrt(x.length) }: KnotPlacement,
): Float64Array {
  checkPlacement(eps, margin)
  const intervals = old.length - 2 * degree - 1
  const sorted = Float64Array.from(x).filter(Number.isFinite).sort()
  const rows = sorted.length
  if (rows === 0) return old.slice()
  const smallest = sorted[0]!
  const largest = sorted[rows - 1]!
  const range = largest - smallest
  const visible = intervals * RESOLUTION * Math.max(Math.abs(smallest), Math.abs(largest))
  if (range <= Math.max(narrowest, visible)) {
    const oldFirst = old[degree]!
    const oldLast = old[degree + intervals]!
    const oldWidth = oldLast - oldFirst
    if (smallest >= oldFirst && largest <= oldLast && oldWidth >= visible) return old.slice()
    const middle = smallest + range / 2
    const half = Math.max(oldWidth, visible, range) / 2
    return uniformKnots([middle - half, middle + half], intervals, degree)
  }
  const lo = smallest - margin * range
  const hi = largest + margin * range
  const step = (hi - lo) / intervals
  const inner = Float64Array.from({ length: intervals + 1 }, (_, j) => {
    // pykan's order of operations: (rows / G) * j, not j * rows / G, may round to the row before.
    const quantile = j === 0 ? lo : j === intervals ? hi : sorted[Math.floor((rows / intervals) * j)]!
    return eps * (lo + step * j) + (1 - eps) * quantile
  })
  inner[0] = lo
  inner[intervals] = hi
  separate(inner, LEAST_STEP * step)
  const extra = Math.max(step, reach * (hi - lo))
  return extendKnots(inner, degree, [extra, extra])
}

/** Raises steps below `least` to it; what the others have above it shrinks in proportion, so that the ends stay. */
function separate(inner: Float64Array, least: number): void {
  const last = inner.length - 1
  const steps = Float64Array.from({ length: last }, (_, j) => inner[j + 1]! - inner[j]!)
  if (steps.every(step => step >= least)) return
  const spare = steps.reduce((sum, step) => sum + Math.max(0, step - least), 0)
  const shrink = (inner[last]! - inner[0]! - last * least) / spare
  for (let j = 1; j < last; j++)
    inner[j] = inner[j - 1]! + least + shrink * Math.max(0, steps[j - 1]! - least)
}

function checkPlacement(eps: number, margin: number): void {
  if (!(eps >= 0 && eps <= 1))
    throw new ConfigError(
      `eps is ${eps}; it must be from 0 (knots at quantiles) to 1 (even knots), 0.02 is usual.`,
    )
  if (!(margin >= 0 && margin < Infinity))
    throw new ConfigError(
      `margin is ${margin}; it must be 0 or a positive share of the samples' range, 0.01 is usual.`,
    )
}
