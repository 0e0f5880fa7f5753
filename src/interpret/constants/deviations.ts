import { factorise, solveUpper } from './householder.ts'

/** What the Jacobian J of a least-squares problem says about its parameters near the minimum; C = (J^T J)^-1. */
export interface Deviations {
  /**
   * The standard error of each parameter for residuals of standard deviation 1: sqrt(C_kk). Huge (1e11 for a unit column of J)
   * for one that the rows do not determine, Infinity for one that they do not see.
   */
  readonly standard: Float64Array
  /** By how much parameter j moves when k is moved by 1 and the rest refitted: moves[k][j] = C_jk / C_kk. */
  readonly moves: readonly Float64Array[]
}

/** Beside columns of J of length 1: keeps R regular where parameters say the same thing. */
const RIDGE = 1e-11

/** From the columns of J, which are left alone, of which the first `rows` entries count. */
export function deviations(jacobian: readonly Float64Array[], rows: number): Deviations {
  const size = jacobian.length
  const norms = new Float64Array(size)
  const columns = jacobian.map((column, k) => {
    const tall = new Float64Array(rows + size)
    tall.set(column.subarray(0, rows))
    const norm = Math.sqrt(tall.reduce((sum, value) => sum + value * value, 0))
    norms[k] = norm
    if (norm > 0) for (let i = 0; i < rows; i++) tall[i] = tall[i]! / norm
    tall[rows + k] = RIDGE
    return tall
  })
  factorise(columns, new Float64Array(rows + size))
  const standard = new Float64Array(size)
  const moves = columns.map((_, k) => {
    // C e_k = R^-1 R^-T e_k
    const forward = new Float64Array(size)
    forward[k] = 1 / columns[k]![k]!
    for (let j = k + 1; j < size; j++) {
      let sum = 0
      for (let i = k; i < j; i++) sum += columns[j]![i]! * forward[i]!
      forward[j] = -sum / columns[j]![j]!
    }
    const covariance = solveUpper(columns, forward)
    const variance = covariance[k]!
    standard[k] = norms[k]! > 0 ? Math.sqrt(variance) / norms[k]! : Infinity
    return covariance.map((value, j) => {
      const unit = norms[j]! > 0 ? norms[k]! / norms[j]! : 0
      return (value / variance) * unit
    })
  })
  return { standard, moves }
}
