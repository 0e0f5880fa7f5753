/**
 * Cholesky factor of some rows and columns of a symmetric positive definite matrix, row by row (Golub and Van Loan, "Matrix
 * computations", 4th ed., algorithm 4.2.1 in dot-product form: both operands of every inner loop are contiguous).
 *
 *     A[rows, rows] + diag(shift) = L L^T
 *
 * @param a [size][size] row-major; only the lower triangle is read
 * @param rows `count` of them, ascending
 * @param shift [count], added to the diagonal
 * @param factor [count][count] at least: receives L in its lower triangle
 * @returns whether every pivot was positive; if not, the matrix is not positive definite in float64
 */
export function factorise(
  a: Float64Array,
  size: number,
  rows: Int32Array,
  count: number,
  shift: Float64Array,
  factor: Float64Array,
): boolean {
  for (let i = 0; i < count; i++) {
    const row = i * count
    const from = rows[i]! * size
    for (let j = 0; j <= i; j++) {
      const other = j * count
      let sum = a[from + rows[j]!]!
      for (let k = 0; k < j; k++) sum -= factor[row + k]! * factor[other + k]!
      if (j < i) factor[row + j] = sum / factor[other + j]!
      else {
        sum += shift[i]!
        if (!(sum > 0)) return false
        factor[row + i] = Math.sqrt(sum)
      }
    }
  }
  return true
}

/** Solves L L^T x = b in place: b becomes x. */
export function solveFactorised(factor: Float64Array, size: number, b: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * b[k]!
    b[i] = sum / factor[i * size + i]!
  }
  // Backwards by columns of L^T, which are rows of L.
  for (let i = size - 1; i >= 0; i--) {
    const x = b[i]! / factor[i * size + i]!
    b[i] = x
    for (let k = 0; k < i; k++) b[k] = b[k]! - factor[i * size + k]! * x
  }
}
