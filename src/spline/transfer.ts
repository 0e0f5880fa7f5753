import { containsKnots, insertKnots } from './insertion.ts'
import { fitCoefficients } from './leastsquares.ts'
import { splineValues } from './splines.ts'
import type { Splines } from './splines.ts'

/** Below this many samples an interval, on average, the old curves stand in for the missing ones. */
const ENOUGH = 5

/**
 * Moves splines onto other knots of the same degree: returns their coefficients [G' + k][curves] over `knots`.
 *
 * - Where `knots` contain the old ones (containsKnots), exactly on the new inner grid, by insertKnots; x plays no part.
 * - Else by least squares over the samples x ([rows]; rows outside the new knots, and NaN, take no part), pulled to the best
 *   approximation of the old splines on the new inner grid and up to the outermost samples beyond it. So what samples
 *   decide follows the samples, as in pykan, and the rest follows the old curves instead of going to zero or astray.
 * - Where there are fewer than 5 samples an interval, points of the old curves make up for the rest: samples that just
 *   decide the coefficients would make the curves swing between them (degree 4, 1.1 samples an interval: by 0.5, so by 0.003).
 */
export function transferSplines(old: Splines, knots: Float64Array, x: ArrayLike<number>): Float64Array {
  const { degree, coef, curves } = old
  const bases = coef.length / curves
  if (knots.length === old.knots.length && knots.every((knot, p) => knot === old.knots[p]))
    return coef.slice()
  if (containsKnots(knots, old.knots, degree)) return insertKnots(old, knots)
  // The transfer is linear in the coefficients: with many curves it is cheaper to move each old basis once.
  if (curves > bases) {
    const identity = new Float64Array(bases * bases)
    for (let m = 0; m < bases; m++) identity[m * bases + m] = 1
    return multiply(transferSplines({ ...old, coef: identity, curves: bases }, knots, x), coef, bases, curves)
  }
  const curve = curvePoints(old.knots, knots, degree, x)
  const onCurve = { knots, degree, curves, ...curve, y: splineValues(old, curve.x) }
  // At degree 5 the outermost bases are below 1/120 inside the grid, too little for a fit: insertion knows them. From 20 to 50
  // intervals that takes the error from 2e-5 to 7e-10. On wider intervals it would extrapolate the old pieces.
  const prior = isRefinement(knots, old.knots, degree)
    ? fitCoefficients({ ...onCurve, prior: insertKnots(old, knots) })
    : fitCoefficients(onCurve)
  const missing = ENOUGH - x.length / (knots.length - 2 * degree - 1)
  const samples = Float64Array.from(x)
  const weights = new Float64Array(samples.length).fill(1)
  const points = missing > 0 ? concatenate(samples, curve.x) : samples
  return fitCoefficients({
    knots,
    degree,
    curves,
    prior,
    x: points,
    y: splineValues(old, points),
    weights:
      missing > 0
        ? concatenate(
            weights,
            curve.weights.map(weight => weight * missing),
          )
        : weights,
  })
}

function concatenate(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
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

/** More intervals on the same range. */
function isRefinement(knots: Float64Array, old: Float64Array, degree: number): boolean {
  const end = old.length - degree - 1
  const newEnd = knots.length - degree - 1
  return knots.length > old.length && knots[degree] === old[degree] && knots[newEnd] === old[end]
}

/**
 * Points that stand for curves over the new inner grid, widened to the samples x where the new knots reach them: k + 1 points,
 * which decide a polynomial of degree k, between each two neighbours of old and new knots. The weights of each new
 * interval add up to 1, like those of samples that fall equally into all.
 */
function curvePoints(
  old: Float64Array,
  knots: Float64Array,
  degree: number,
  x: ArrayLike<number>,
): { x: Float64Array; weights: Float64Array } {
  let low = knots[degree]!
  let high = knots[knots.length - degree - 1]!
  for (let row = 0; row < x.length; row++) {
    if (x[row]! < low) low = x[row]!
    if (x[row]! > high) high = x[row]!
  }
  low = Math.max(low, knots[0]!)
  high = Math.min(high, knots[knots.length - 1]!)
  const inside = [...old, ...knots].filter(knot => knot > low && knot < high)
  const breaks = Float64Array.from(new Set([low, ...inside, high])).sort()
  const points: number[] = []
  const weights: number[] = []
  let s = 0
  for (let b = 0; b + 1 < breaks.length; b++) {
    while (knots[s + 1]! <= breaks[b]!) s++
    const length = breaks[b + 1]! - breaks[b]!
    const weight = length / (knots[s + 1]! - knots[s]!) / (degree + 1)
    for (let p = 0; p <= degree; p++) {
      points.push(breaks[b]! + length * ((p + 0.5) / (degree + 1)))
      weights.push(weight)
    }
  }
  return { x: Float64Array.from(points), weights: Float64Array.from(weights) }
}
