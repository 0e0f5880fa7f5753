import { ConfigError } from '../errors.ts'

/**
 * The largest spline degree, the highest that the reference values of this project cover. Local polynomials in float32
 * stay within a few ulp up to here.
 */
const MAX_DEGREE = 5

/** Number of knots of one input: `intervals` inner ones and `degree` extra each side, G + 2k + 1 values. */
export function knotCount(intervals: number, degree: number): number {
  return intervals + 2 * degree + 1
}

/** Number of basis functions of one input, G + k. */
export function basisCount(intervals: number, degree: number): number {
  return intervals + degree
}

/** Throws ConfigError unless `degree` is an integer in 1..5 and `intervals` an integer of at least 1. */
function checkDegreeAndIntervals(degree: number, intervals: number): void {
  if (!Number.isInteger(degree) || degree < 1 || degree > MAX_DEGREE) {
    throw new ConfigError(`degree is ${degree}; it must be an integer from 1 to ${MAX_DEGREE} (3 is usual)`)
  }
  if (!Number.isInteger(intervals) || intervals < 1) {
    throw new ConfigError(`grid has ${intervals} intervals; give an integer of at least 1 (5 is usual)`)
  }
}

/**
 * Evenly spaced knots: t_(k + j) = lo + j (hi - lo) / G for j = -k .. G + k, G + 2k + 1 values. The ends of the range are
 * hit exactly (t_k = lo, t_(k+G) = hi).
 *
 * Throws ConfigError for a bad degree or interval count, or a range that is not finite, not increasing, or too
 * narrow for its distance from zero (neighbouring knots would coincide).
 */
export function uniformKnots(
  range: readonly [number, number],
  intervals: number,
  degree: number,
): Float64Array {
  checkDegreeAndIntervals(degree, intervals)
  const [lo, hi] = range
  if (!Number.isFinite(lo) || !Number.isFinite(hi) || lo >= hi) {
    throw new ConfigError(`grid range is [${lo}, ${hi}]; give two finite numbers, the smaller first`)
  }
  const grid = new Float64Array(intervals + 1)
  for (let j = 0; j <= intervals; j++) grid[j] = lo + (hi - lo) * (j / intervals)
  grid[intervals] = hi // lo + (hi - lo) can miss hi by an ulp
  return extendKnots(grid, degree)
}

/**
 * Extended knots from the G + 1 inner points `grid` (increasing, any spacing): k more on each side, at the mean step
 * h = (last - first) / G, as in Liu et al. 2024 (arXiv 2404.19756, section 2.4) and pykan's `extend_grid`, or at `steps`
 * below and above. Returns G + 2k + 1 values.
 *
 * Throws ConfigError for a bad degree, fewer than two points, or points that are not finite and strictly increasing.
 */
export function extendKnots(
  grid: ArrayLike<number>,
  degree: number,
  steps?: readonly [below: number, above: number],
): Float64Array {
  const intervals = grid.length - 1
  checkDegreeAndIntervals(degree, intervals)
  const knots = new Float64Array(knotCount(intervals, degree))
  const first = grid[0]!
  const last = grid[intervals]!
  const mean = (last - first) / intervals
  const [below, above] = steps ?? [mean, mean]
  for (let j = 0; j <= intervals; j++) knots[degree + j] = grid[j]!
  for (let j = 1; j <= degree; j++) {
    knots[degree - j] = first - j * below
    knots[degree + intervals + j] = last + j * above
  }
  checkKnots(knots, intervals, degree)
  return knots
}

/**
 * Throws ConfigError unless `knots` are exactly G + 2k + 1 finite, strictly increasing values (degree 1..5, at least one
 * interval). The message names the first offending index and the two values there. Repeated knots are refused: a basis
 * that loses its smoothness at a knot has no derivative there, and local polynomials would divide by zero.
 */
export function checkKnots(knots: ArrayLike<number>, intervals: number, degree: number): void {
  checkDegreeAndIntervals(degree, intervals)
  const count = knotCount(intervals, degree)
  if (knots.length !== count) {
    throw new ConfigError(
      `${knots.length} knots; ${intervals} intervals of degree ${degree} need exactly ${count} (intervals + 2 degree + 1)`,
    )
  }
  for (let i = 0; i < count; i++) {
    const value = knots[i]!
    if (!Number.isFinite(value)) throw new ConfigError(`knot ${i} is ${value}; every knot must be finite`)
    if (i > 0 && !(knots[i - 1]! < value)) {
      throw new ConfigError(
        `knots ${i - 1} and ${i} are ${knots[i - 1]!} and ${value}; knots must strictly increase: use fewer intervals, a wider range, or a larger grid_eps (more uniform)`,
      )
    }
  }
  const span = knots[count - 1]! - knots[0]!
  if (!Number.isFinite(span)) {
    throw new ConfigError(
      `knots span ${knots[0]!} to ${knots[count - 1]!}, which overflows; scale the inputs`,
    )
  }
}
