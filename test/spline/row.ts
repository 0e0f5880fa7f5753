import { basisValues, findInterval } from '../../src/spline/basis.ts'
import { localPolynomials, localPolynomialStride } from '../../src/spline/polynomials.ts'

/** All G + k basis values at x for the knots of one input; zeros where x is outside the extended knots. */
export function basisRow(knots: Float64Array, degree: number, x: number): Float64Array {
  const local = new Float64Array(degree + 1)
  const interval = findInterval(knots, 0, knots.length, x)
  if (interval >= 0) basisValues(knots, 0, knots.length, degree, interval, x, local, 0)
  return denseRow(knots, degree, interval, local)
}

/** As basisRow, a derivative of the local polynomials, which the engines evaluate. */
export function polynomialRow(knots: Float64Array, degree: number, x: number, order: number): Float64Array {
  const stride = localPolynomialStride(degree)
  const table = new Float64Array((knots.length - 1) * stride)
  localPolynomials(knots, 0, knots.length - 1 - 2 * degree, degree, table, 0)
  const interval = findInterval(knots, 0, knots.length, x)
  const local = interval < 0 ? [] : evaluateTable(table, interval * stride, degree, x, order)
  return denseRow(knots, degree, interval, local)
}

/** Values (order 0) or derivatives of the k + 1 bases from the table of one interval, which begins at `at`. */
export function evaluateTable(
  table: Float64Array,
  at: number,
  degree: number,
  x: number,
  order: number,
): number[] {
  const u = (x - table[at]!) * table[at + 1]!
  return Array.from({ length: degree + 1 }, (_, r) => {
    const row = Array.from(table.subarray(at + 2 + r * (degree + 1), at + 2 + (r + 1) * (degree + 1)))
    const derived = row.slice(order).map((c, p) => c * fallingFactorial(p + order, order))
    return derived.reduceRight((sum, c) => sum * u + c, 0) * table[at + 1]! ** order
  })
}

/** n (n - 1) .. (n - count + 1) */
function fallingFactorial(n: number, count: number): number {
  return count === 0 ? 1 : n * fallingFactorial(n - 1, count - 1)
}

function denseRow(
  knots: Float64Array,
  degree: number,
  interval: number,
  local: ArrayLike<number>,
): Float64Array {
  const row = new Float64Array(knots.length - degree - 1)
  if (interval >= 0) row.forEach((_, m) => (row[m] = local[m - interval + degree] ?? 0))
  return row
}
