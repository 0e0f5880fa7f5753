/**
 * Cholesky factor of some rows and columns of a symmetric positive definite matrix, row by row (Golub and Van Loan, "Matrix
 * computations", 4th ed., algorithm 4.2.1 in dot-product form: both operands of every inner loop are contiguous). Four columns at a
 * time, as a sum waits for itself and not for others; every entry gets the bits of one at a time.
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
    const whole = i - (i % 4)
    for (let j = 0; j < whole; j += 4) {
      const column0 = j * count
      const column1 = column0 + count
      const column2 = column1 + count
      const column3 = column2 + count
      let sum0 = a[from + rows[j]!]!
      let sum1 = a[from + rows[j + 1]!]!
      let sum2 = a[from + rows[j + 2]!]!
      let sum3 = a[from + rows[j + 3]!]!
      for (let k = 0; k < j; k++) {
        const own = factor[row + k]!
        sum0 -= own * factor[column0 + k]!
        sum1 -= own * factor[column1 + k]!
        sum2 -= own * factor[column2 + k]!
        sum3 -= own * factor[column3 + k]!
      }
      const own0 = (factor[row + j] = sum0 / factor[column0 + j]!)
      sum1 -= own0 * factor[column1 + j]!
      const own1 = (factor[row + j + 1] = sum1 / factor[column1 + j + 1]!)
      sum2 -= own0 * factor[column2 + j]!
      sum2 -= own1 * factor[column2 + j + 1]!
      const own2 = (factor[row + j + 2] = sum2 / factor[column2 + j + 2]!)
      sum3 -= own0 * factor[column3 + j]!
      sum3 -= own1 * factor[column3 + j + 1]!
      sum3 -= own2 * factor[column3 + j + 2]!
      factor[row + j + 3] = sum3 / factor[column3 + j + 3]!
    }
    for (let j = whole; j <= i; j++) {
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
