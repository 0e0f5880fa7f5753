import { containsKnots, insertKnots } from './insertion.ts'
import { fitCoefficients } from './leastsquares.ts'
import { splineValues } from './splines.ts'
import type { Splines } from './splines.ts'

/**
 * Moves splines onto other knots of the same degree: returns their coefficients [G' + k][curves] over `knots`.
 *
 * - Where `knots` contain the old ones (containsKnots), exactly on the new inner grid, by insertKnots; x plays no part.
 * - Else by least squares over the samples x ([rows]; rows outside the new knots, and NaN, take no part), pulled to the best
 *   approximation of the old splines on the new inner grid and up to the outermost samples beyond it. So what samples
 *   decide follows the samples, as in pykan, and the rest follows the old curves instead of going to zero or astray.
 */
export function transferSplines(old: Splines, knots: Float64Array, x: ArrayLike<number>): Float64Array {
  const { degree, coef, curves } = old
  const bases = coef.length / curves
  if (containsKnots(knots, old.knots, degree)) return insertKnots(old, knots)
  // The transfer is linear in the coefficients: with many curves it is cheaper to move each old basis once.
  if (curves > bases) {
    const identity = new Float64Array(bases * bases)
    for (let m = 0; m < bases; m++) identity[m * bases + m] = 1
    return multiply(transferSplines({ ...old, coef: identity, curves: bases }, knots, x), coef, bases, curves)
  }
  const prior = approximate(old, knots, x)
  return fitCoefficients({ knots, degree, x, y: splineValues(old, x), curves, prior })
}

/** a [rows][inner] times b [inner][columns]. */
function multiply(a: Float64Array, b: Float64Array, inner: number, columns: number): Float64Array {
  const product = new Float64Array((a.length / inner) * columns)
  for (let p = 0; p < a.length; p++) {
    const row = Math.floor(p / inner) * columns
    const factor = a[p]!
    if (factor === 0) continue
    for (let j = 0; j < columns; j++) product[row + j]! += factor * b[(p % inner) * columns + j]!
  }
  return product
}

/**
 * The best approximation of the old splines in the mean square: least squares over k + 1 points, which decide a polynomial
 * of degree k, in each interval between the knots of both, weighted by its length.
 */
function approximate(old: Splines, knots: Float64Array, x: ArrayLike<number>): Float64Array {
  const { degree, curves } = old
  const points: number[] = []
  const weights: number[] = []
  const breaks = breakpoints(old.knots, knots, degree, x)
  for (let s = 0; s + 1 < breaks.length; s++) {
    const length = breaks[s + 1]! - breaks[s]!
    for (let p = 0; p <= degree; p++) {
      points.push(breaks[s]! + length * ((p + 0.5) / (degree + 1)))
      weights.push(length)
    }
  }
  const y = splineValues(old, points)
  const samples = { knots, degree, x: points, y, weights, curves }
  // At degree 5 the outermost bases are below 1/120 inside the grid, too little for a fit: insertion knows them. From 20 to 50
  // intervals that takes the error from 2e-5 to 7e-10. On wider intervals it would extrapolate the old pieces.
  return fitCoefficients(
    isRefinement(knots, old.knots, degree) ? { ...samples, prior: insertKnots(old, knots) } : samples,
  )
}

/** More intervals on the same range, none wider than the widest old one. */
function isRefinement(knots: Float64Array, old: Float64Array, degree: number): boolean {
  const end = old.length - degree - 1
  const newEnd = knots.length - degree - 1
  return knots.length > old.length && knots[degree] === old[degree] && knots[newEnd] === old[end]
}

/** All knots of both within the new inner grid, widened to the samples where the new knots reach them: increasing. */
function breakpoints(
  old: Float64Array,
  knots: Float64Array,
  degree: number,
  x: ArrayLike<number>,
): Float64Array {
  let low = knots[degree]!
  let high = knots[knots.length - degree - 1]!
  for (let row = 0; row < x.length; row++) {
    if (x[row]! < low) low = x[row]!
    if (x[row]! > high) high = x[row]!
  }
  low = Math.max(low, knots[0]!)
  high = Math.min(high, knots[knots.length - 1]!)
  const inside = [...old, ...knots].filter(knot => knot > low && knot < high)
  return Float64Array.from(new Set([low, ...inside, high])).sort()
}
