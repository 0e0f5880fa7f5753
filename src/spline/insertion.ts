import { findInterval } from './basis.ts'
import type { Splines } from './splines.ts'

/**
 * Whether a spline over `knots` is also one over `finer` on finer's inner grid [t'_k, t'_(k+G')]: that lies within the
 * inner grid of `knots`, and each knot in its interior is a knot of `finer` too. Bitwise equality: a knot that is
 * only near would leave an interval of rounding width.
 */
export function containsKnots(finer: Float64Array, knots: Float64Array, degree: number): boolean {
  const last = finer.length - degree - 1
  const low = finer[degree]!
  const high = finer[last]!
  if (low < knots[degree]! || high > knots[knots.length - degree - 1]!) return false
  let at = degree
  return knots.every(knot => {
    if (knot <= low || knot >= high) return true
    while (finer[at]! < knot) at++
    return finer[at] === knot
  })
}

/**
 * Knot insertion: coefficients [G' + k][curves] over `finer` of the same splines, exact on finer's inner grid; and on
 * the whole line if all knots, the extra ones included, are knots of `finer`. Where containsKnots is false, but the inner
 * grid of `finer` lies within that of `knots`, it is an approximation that keeps polynomials of degree k exactly.
 *
 * Coefficient m of a spline is the blossom of any of its polynomial pieces within the support of basis m, at the knots
 * t_(m+1) .. t_(m+k) (Ramshaw 1989; de Boor, A Practical Guide to Splines, chapter IX, (15)). Here the piece is that of the coarse
 * spline and the knots are the finer ones: the Oslo algorithm (Cohen, Lyche and Riesenfeld 1980), and Boehm's for
 * any number of knots at once. The blossom is de Boor's recurrence with another argument at each level:
 *
 *     d_r <- ((hi - u_d) d_(r-1) + (u_d - lo) d_r) / (hi - lo),   lo = t_(s-k+r), hi = t_(s+1+r-d),   d = 1 .. k.
 *
 * Inside the inner grid all factors lie in [0, 1]; only at its ends, whose finer extra knots may lie elsewhere, they do not.
 */
export function insertKnots({ knots, degree, coef, curves }: Splines, finer: Float64Array): Float64Array {
  const bases = finer.length - degree - 1
  const lastInner = bases - 1
  const inserted = new Float64Array(bases * curves)
  const blossom = new Float64Array(degree + 1)
  for (let m = 0; m < bases; m++) {
    // The middle interval of the support, kept to the inner grid: its piece is nearest to the arguments.
    const middle = Math.min(lastInner, Math.max(degree, m + (degree >> 1)))
    const s = findInterval(knots, 0, knots.length, (finer[middle]! + finer[middle + 1]!) / 2)
    for (let j = 0; j < curves; j++) {
      for (let r = 0; r <= degree; r++) blossom[r] = coef[(s - degree + r) * curves + j]!
      for (let d = 1; d <= degree; d++) {
        const argument = finer[m + d]!
        for (let r = degree; r >= d; r--) {
          const lo = knots[s - degree + r]!
          const hi = knots[s + 1 + r - d]!
          const share = (argument - lo) / (hi - lo)
          blossom[r] = (1 - share) * blossom[r - 1]! + share * blossom[r]!
        }
      }
      inserted[m * curves + j] = blossom[degree]!
    }
  }
  return inserted
}
