import { ConfigError } from '../errors.ts'
import { extendKnots, uniformKnots } from './knots.ts'

/**
 * How far fresh samples may lie beyond the inner grid, relative to its range: this over the square root of the number of
 * samples. A sum of two uniform inputs has its extremes in corners, which n samples miss by about that much.
 */
const REACH = 0.7

/** Few samples tell little about the distance of fresh ones: knots that follow samples reach at most this far. */
const FARTHEST_REACH = 0.1

/**
 * A spline that ends at k extra knots of a step h differs at a distance d beyond the inner grid by (d / h)^k / k! of a
 * coefficient from one that goes on: the first basis that is missing. Up to NEAR it may within reach of fresh samples; below
 * VISIBLE a sample counts as on the grid, where rounding may have put it off.
 */
const NEAR = 0.01
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
   * How far beyond the inner grid, relative to its range, splines must reach: there the extra knots step wider than the
   * mean step of the inner knots. Left out: 0.7 / sqrt(rows), so that splines on fine grids do not end right beside the
   * training samples; 0 is pykan's rule.
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
  const least = stepFor(degree, NEAR, reach * (last - first))
  const oldBelow = (first - old[0]!) / degree
  const oldAbove = (old[old.length - 1]! - last) / degree
  const below = Math.max(mean, Math.min(oldBelow, least))
  const above = Math.max(mean, Math.min(oldAbove, least))
  const knots = extendKnots(inner, degree, [below, above])
  const liesIn = (low: number, high: number): boolean =>
    Array.prototype.some.call(x, (value: number) => value >= low && value < high)
  if (below === oldBelow || liesIn(old[0]!, first - below / stepFor(degree, VISIBLE, 1)))
    knots.set(old.subarray(0, degree))
  if (above === oldAbove || liesIn(last + above / stepFor(degree, VISIBLE, 1), old[old.length - 1]!))
    knots.set(old.subarray(degree + oldIntervals + 1), degree + intervals + 1)
  return knots
}

/** The step h of extra knots with (distance / h)^k / k! = share. */
function stepFor(degree: number, share: number, distance: number): number {
  let factorial = 1
  for (let d = 2; d <= degree; d++) factorial *= d
  return distance / (share * factorial) ** (1 / degree)
}

/**
 * Knots that follow samples x ([rows]; those not finite take no part), as many as the old ones: the inner knots are
 *
 *     t_(k+j) = eps * (lo + j (hi - lo) / G) + (1 - eps) * q_j,   j = 0 .. G,
 *
 * with q_j the sorted sample of index int(j rows / G), q_0 = lo, q_G = hi (KAN paper, section 2.4; pykan's
 * `update_grid_from_samples`), lo and hi the outermost samples moved outwards by the margin; extended as ExtraKnots says.
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
  { eps, margin, narrowest, reach = Math.min(FARTHEST_REACH, REACH / Math.sqrt(x.length)) }: KnotPlacement,
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
  const extra = Math.max(step, stepFor(degree, NEAR, reach * (hi - lo)))
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
