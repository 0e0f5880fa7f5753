/**
 * Householder's QR factorisation in place (Golub and Van Loan, "Matrix Computations", algorithm 5.2.1): A = Q R, and
 * Q^T b. `columns` are the p columns of A [rows], rows >= p; R stands in their upper triangle afterwards
 * (R[i][k] = columns[k][i], i <= k), and Q^T b in `right`. The condition number of A is not squared, as it would be in A^T A.
 */
export function factorise(columns: readonly Float64Array[], right: Float64Array): void {
  for (let k = 0; k < columns.length; k++) {
    const column = columns[k]!
    let square = 0
    for (let i = k; i < column.length; i++) square += column[i]! * column[i]!
    if (square === 0) continue
    const norm = column[k]! > 0 ? -Math.sqrt(square) : Math.sqrt(square)
    // v = column - norm e_k, v^T v = 2 norm (norm - column[k]); reflected: a - 2 v (v^T a) / v^T v
    const head = column[k]! - norm
    column[k] = head
    const scale = -1 / (norm * head)
    for (let j = k + 1; j < columns.length; j++) reflect(columns[j]!, column, k, scale)
    reflect(right, column, k, scale)
    column[k] = norm
  }
}

/** a - scale v (v^T a), from entry k on. */
function reflect(a: Float64Array, v: Float64Array, k: number, scale: number): void {
  let dot = 0
  for (let i = k; i < a.length; i++) dot += v[i]! * a[i]!
  dot *= scale
  for (let i = k; i < a.length; i++) a[i] = a[i]! - dot * v[i]!
}

/** Solves R s = right by substitution; an entry with a zero on the diagonal is 0. */
export function solveUpper(columns: readonly Float64Array[], right: ArrayLike<number>): Float64Array {
  const solution = Float64Array.from(columns, (_, k) => right[k]!)
  for (let k = columns.length - 1; k >= 0; k--) {
    const column = columns[k]!
    solution[k] = column[k] === 0 ? 0 : solution[k]! / column[k]!
    for (let i = 0; i < k; i++) solution[i] = solution[i]! - solution[k]! * column[i]!
  }
  return solution
}
