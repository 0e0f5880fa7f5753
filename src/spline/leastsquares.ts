import { ShapeError } from '../errors.ts'
import { BandedTriangle } from './banded.ts'
import type { CurveSamples } from './evidence.ts'
import { gatherEvidence, requireFinite } from './evidence.ts'
import { basisCount, checkKnots } from './knots.ts'

export type { CurveSamples } from './evidence.ts'

/**
 * Strength of the pull, relative to the largest column norm, and the number of solves, each pulling towards the
 * solution before it (iterated Tikhonov regularisation, a steep filter). A direction of coefficient space that the samples
 * see with relative strength s keeps a share (PULL^2 / (PULL^2 + s^2))^SOLVES of the prior: below 1e-16 at s = 0.01,
 * 5e-11 at 0.005, a half at 5e-4.
 */
const PULL = 2e-3
const SOLVES = 12
/**
 * Curvature alone leaves level and slope open where no sample, or one distinct input, is there to decide. Without a row
 * that sees its bases the level is pulled to 0; where all such rows lie within SPREAD mean steps the slope is, so that
 * scattered y over a (nearly) constant x does not become a slope of 1 / rounding.
 */
const SPREAD = 0.01
/** What is left of those two pulls when the samples decide: it only keeps R regular. */
const FLOOR = 1e-10

/**
 * Least-squares coefficients, for each curve j on its own:
 *
 *     minimise over c   sum_i w_i (y_ij - sum_m c_mj B_m(x_i))^2   (+ a pull towards the prior, see PULL)
 *
 * by banded QR: O(rows k (k + curves)), condition number not squared. Well-determined coefficients are the plain
 * least-squares ones (to 1e-9 where the weighted basis matrix has smallest over largest singular value above 5e-3);
 * the others follow the prior. The result is finite for any number of rows, none included, repeated, constant or outside
 * inputs, and more intervals than rows.
 *
 * Returns [G + k][curves], the curve index innermost. Throws ConfigError for bad knots, ShapeError for lengths that do
 * not match, DataError for a y, weight or prior that cannot be used (with its row).
 */
export function fitCoefficients(samples: CurveSamples): Float64Array {
  const { knots, degree, prior } = samples
  const intervals = knots.length - 2 * degree - 1
  checkKnots(knots, intervals, degree)
  checkLengths(samples)
  const curves = samples.curves ?? 1
  const bases = basisCount(intervals, degree)
  const evidence = gatherEvidence(samples)

  const coef = new Float64Array(bases * curves)
  if (prior !== undefined) {
    for (let i = 0; i < coef.length; i++) {
      coef[i] = prior[i]!
      requireFinite(coef[i]!, 'prior', Math.floor(i / curves), i % curves)
    }
  }
  const { full, merged, seen, scale } = evidence
  const pulls = prior === undefined ? smoothPulls(knots, degree, evidence.spread) : levelPulls(bases)
  if (prior === undefined) improve(coef, merged, undefined, pulls, scale)
  // Unseen coefficients now hold their continuation (or prior) and stay; what they contribute counts in the residual.
  const frozen = pulls.concat(unseenPulls(seen)).sort((a, b) => a.first - b.first)
  for (let solve = 1; solve < SOLVES; solve++) improve(coef, full, seen, frozen, scale)
  return coef
}

/**
 * Adds to `coef` the correction that solves the samples' equations for what is left, Q^T y - R coef, and the pulls' for 0.
 * With `seen`, the samples do not ask anything of the other coefficients.
 */
function improve(
  coef: Float64Array,
  { band, right, size, width, curves }: BandedTriangle,
  seen: Uint8Array | undefined,
  pulls: readonly Pull[],
  scale: number,
): void {
  const total = new BandedTriangle(size, width, curves)
  const row = new Float64Array(width)
  const target = new Float64Array(curves)
  let next = 0
  for (let m = 0; m < size; m++) {
    for (let j = 0; j < curves; j++) target[j] = right[m * curves + j]!
    for (let q = 0; q < width; q++) {
      const factor = band[m * width + q]!
      row[q] = seen === undefined || seen[m + q] === 1 ? factor : 0
      if (factor === 0) continue
      for (let j = 0; j < curves; j++) target[j]! -= factor * coef[(m + q) * curves + j]!
    }
    total.absorb(m, row, target)
    for (; next < pulls.length && pulls[next]!.first === m; next++) {
      row.fill(0)
      target.fill(0)
      pulls[next]!.factors.forEach((factor, q) => (row[q] = factor * scale))
      total.absorb(m, row, target)
    }
  }
  total.addSolution(coef)
}

/** One stabilising equation: sum_q factors[q] c[first + q] = its previous value. */
interface Pull {
  readonly first: number
  readonly factors: readonly number[]
}

function levelPulls(bases: number): Pull[] {
  return Array.from({ length: bases }, (_, first) => ({ first, factors: [PULL] }))
}

/** Holds unseen coefficients where they are: as strong as the best-seen sample column. */
function unseenPulls(seen: Uint8Array): Pull[] {
  return [...seen.keys()].filter(m => seen[m] === 0).map(first => ({ first, factors: [1] }))
}

/**
 * Second divided differences over the Greville abscissae g_m = mean(t_(m+1) .. t_(m+k)): zero exactly when the spline is
 * a straight line (B-splines reproduce lines from c_m = g_m). Normalised to factors that sum to 1 in size.
 */
function smoothPulls(knots: Float64Array, degree: number, spread: number): Pull[] {
  const greville = grevilleAbscissae(knots, degree)
  const bases = greville.length
  const meanStep = (knots[knots.length - 1]! - knots[0]!) / (knots.length - 1)
  const slope = spread < SPREAD * meanStep ? PULL : FLOOR
  const level = spread < 0 ? PULL : FLOOR
  const pulls: Pull[] = []
  for (let first = 0; first < bases; first++) {
    if (first + 2 < bases) {
      const left = greville[first + 1]! - greville[first]!
      const right = greville[first + 2]! - greville[first + 1]!
      const share = PULL / (2 * (left + right))
      pulls.push({ first, factors: [right * share, -(left + right) * share, left * share] })
    }
    if (first + 1 < bases) pulls.push({ first, factors: [slope, -slope] })
    pulls.push({ first, factors: [level] })
  }
  return pulls
}

/** Greville abscissae g_m = mean(t_(m+1) .. t_(m+k)), G + k values: where coefficient m sits; c = g gives spline(x) = x. */
export function grevilleAbscissae(knots: ArrayLike<number>, degree: number): Float64Array {
  const greville = new Float64Array(knots.length - degree - 1)
  for (let m = 0; m < greville.length; m++) {
    for (let j = 1; j <= degree; j++) greville[m]! += knots[m + j]! / degree
  }
  return greville
}

function checkLengths({ knots, degree, x, y, curves = 1, weights, prior }: CurveSamples): void {
  const check = (name: string, length: number, expected: number, shape: string): void => {
    if (length !== expected)
      throw new ShapeError(`${name} has ${length} values; it needs ${expected} (${shape})`)
  }
  if (!Number.isInteger(curves) || curves < 1)
    throw new ShapeError(`curves is ${curves}; give an integer of at least 1`)
  check('y', y.length, x.length * curves, `${x.length} rows x ${curves} curves`)
  if (weights !== undefined) check('weights', weights.length, x.length, 'one for each row of x')
  const bases = knots.length - degree - 1
  if (prior !== undefined)
    check('prior', prior.length, bases * curves, `${bases} coefficients x ${curves} curves`)
}
