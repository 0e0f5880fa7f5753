import { knotAt } from './basis.ts'
import { basisCount, knotCount } from './knots.ts'

/** Values per interval in the table of local polynomials: centre, inverse half width, (k + 1)^2 coefficients. */
export function localPolynomialStride(degree: number): number {
  return 2 + (degree + 1) * (degree + 1)
}

/**
 * The local polynomials of one input: on interval s the k + 1 bases that can be non-zero are
 *
 *     B_(s-k+r)(x) = sum_p matrix[r][p] u^p,   u = (x - centre_s) * inverseHalfWidth_s  in [-1, 1),   r = 0 .. k
 *     B'_(s-k+r)(x) = inverseHalfWidth_s * sum_p p matrix[r][p] u^(p-1)
 *
 * One path for even and uneven knots, no division when evaluating, derivatives for free; and in a coordinate centred
 * on the interval the powers do not cancel in float32 as truncated powers do. Rows of bases that do not exist (index
 * below 0 or at least G + k) are zero.
 *
 * `knots`: G + 2k + 1 values from `start`. `out`, from `outStart`: for each of the G + 2k intervals centre, inverse half
 * width, matrix row-major [r][p]; (G + 2k) * localPolynomialStride(k) values.
 *
 * The Cox-de Boor recurrence on polynomials: x - lo = (centre - lo) + halfWidth u and hi - x = (hi - centre) - halfWidth u,
 * where the centre is the rounded one that is stored, so that its rounding cancels.
 */
export function localPolynomials(
  knots: Float64Array,
  start: number,
  intervals: number,
  degree: number,
  out: Float64Array,
  outStart: number,
): void {
  const count = knotCount(intervals, degree)
  const bases = basisCount(intervals, degree)
  const width = degree + 1
  const stride = localPolynomialStride(degree)
  out.fill(0, outStart, outStart + (count - 1) * stride)
  for (let s = 0; s < count - 1; s++) {
    const lower = knots[start + s]!
    const halfWidth = (knots[start + s + 1]! - lower) / 2
    const centre = lower + halfWidth
    const at = outStart + s * stride
    const matrix = at + 2
    out[at] = centre
    out[at + 1] = 1 / halfWidth
    out[matrix] = 1
    for (let d = 1; d <= degree; d++) {
      // r and p run downwards: entry [r][p] of degree d needs [r - 1] and [r] at p and p - 1 of degree d - 1.
      for (let r = d; r >= 0; r--) {
        // Basis m = s - d + r of degree d rises over knots m .. m + d and falls over m + 1 .. m + d + 1.
        const rising = r > 0
        const falling = r < d
        const lo = knotAt(knots, start, count, s - d + r)
        const hi = knotAt(knots, start, count, s + r + 1)
        const rise = rising ? 1 / (knotAt(knots, start, count, s + r) - lo) : 0
        const fall = falling ? 1 / (hi - knotAt(knots, start, count, s - d + r + 1)) : 0
        for (let p = d; p >= 0; p--) {
          let sum = 0
          if (rising) {
            const above = matrix + (r - 1) * width + p
            sum += rise * ((centre - lo) * out[above]! + (p > 0 ? halfWidth * out[above - 1]! : 0))
          }
          if (falling) {
            const own = matrix + r * width + p
            sum += fall * ((hi - centre) * out[own]! - (p > 0 ? halfWidth * out[own - 1]! : 0))
          }
          out[matrix + r * width + p] = sum
        }
      }
    }
    for (let r = 0; r <= degree; r++) {
      const m = s - degree + r
      if (m < 0 || m >= bases) out.fill(0, matrix + r * width, matrix + (r + 1) * width)
    }
  }
}
