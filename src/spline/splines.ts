import { basisValues, findInterval } from './basis.ts'

/** Several splines over one knot vector: spline_j(x) = sum_m coef[m][j] B_m(x). */
export interface Splines {
  /** G + 2k + 1 increasing values. */
  readonly knots: Float64Array
  /** k, 1 .. 5. */
  readonly degree: number
  /** [G + k][curves]. */
  readonly coef: Float64Array
  readonly curves: number
}

/** All splines at all x: [rows][curves]; 0 outside the extended knots and for NaN. O(rows (log G + k^2 + k curves)). */
export function splineValues({ knots, degree, coef, curves }: Splines, x: ArrayLike<number>): Float64Array {
  const values = new Float64Array(x.length * curves)
  const bases = knots.length - degree - 1
  const local = new Float64Array(degree + 1)
  for (let row = 0; row < x.length; row++) {
    const interval = findInterval(knots, 0, knots.length, x[row]!)
    if (interval < 0) continue
    basisValues(knots, 0, knots.length, degree, interval, x[row]!, local, 0)
    const at = row * curves
    for (let m = Math.max(0, interval - degree); m <= interval && m < bases; m++) {
      const basis = local[m - interval + degree]!
      for (let j = 0; j < curves; j++) values[at + j]! += basis * coef[m * curves + j]!
    }
  }
  return values
}
