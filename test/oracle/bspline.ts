/**
 * B-splines word for word from the Cox-de Boor definition: recursive, dense, slow. Intervals are half-open and 0/0 = 0.
 */

/** B_(m,k)(x) over knots t. */
export function bspline(t: number[], m: number, k: number, x: number): number {
  if (k === 0) return t[m]! <= x && x < t[m + 1]! ? 1 : 0
  const rising = ratio(x - t[m]!, t[m + k]! - t[m]!) * bspline(t, m, k - 1, x)
  const falling = ratio(t[m + k + 1]! - x, t[m + k + 1]! - t[m + 1]!) * bspline(t, m + 1, k - 1, x)
  return rising + falling
}

/** d^order/dx^order of B_(m,k) at x, right-sided at knots. */
export function bsplineDerivative(t: number[], m: number, k: number, x: number, order: number): number {
  if (order === 0) return bspline(t, m, k, x)
  if (k === 0) return 0
  const rising = ratio(k, t[m + k]! - t[m]!) * bsplineDerivative(t, m, k - 1, x, order - 1)
  const falling = ratio(k, t[m + k + 1]! - t[m + 1]!) * bsplineDerivative(t, m + 1, k - 1, x, order - 1)
  return rising - falling
}

/** All G + k bases (or derivatives) at x. */
export function bsplineRow(t: number[], k: number, x: number, order = 0): number[] {
  return Array.from({ length: t.length - k - 1 }, (_, m) => bsplineDerivative(t, m, k, x, order))
}

function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator
}
