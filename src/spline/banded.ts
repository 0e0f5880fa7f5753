/**
 * The triangular factor R of a banded least-squares problem, with Q^T y beside it for several right-hand sides, built row
 * by row with Givens rotations (Lawson and Hanson, Solving Least Squares Problems, chapter 27; de Boor's L2APPR uses the
 * normal equations instead, which square the condition number).
 *
 * Rows must come in order of their first column: then a row that spans `width` columns meets at most `width` rotations
 * and fills nothing beyond its own span.
 */
export class BandedTriangle {
  /** [size][width]: row j holds columns j .. j + width - 1. */
  readonly band: Float64Array
  /** [size][curves]: Q^T y. */
  readonly right: Float64Array
  readonly size: number
  readonly width: number
  readonly curves: number

  constructor(size: number, width: number, curves: number) {
    this.size = size
    this.width = width
    this.curves = curves
    this.band = new Float64Array(size * width)
    this.right = new Float64Array(size * curves)
  }

  /**
   * Rotates one equation in: sum_q row[q] c[first + q] = target[j] for each curve j. Destroys `row` ([width]; slots beyond the
   * last column must be 0) and `target` ([curves]).
   */
  absorb(first: number, row: Float64Array, target: Float64Array): void {
    const { band, right, size, width, curves } = this
    for (let q = 0; q < width && first + q < size; q++) {
      const leading = row[q]!
      if (leading === 0) continue
      const own = (first + q) * width
      const diagonal = band[own]!
      const length = Math.hypot(diagonal, leading)
      const cosine = diagonal / length
      const sine = leading / length
      band[own] = length
      for (let p = q + 1; p < width; p++) {
        const above = band[own + p - q]!
        const below = row[p]!
        band[own + p - q] = cosine * above + sine * below
        row[p] = cosine * below - sine * above
      }
      const at = (first + q) * curves
      for (let j = 0; j < curves; j++) {
        const above = right[at + j]!
        const below = target[j]!
        right[at + j] = cosine * above + sine * below
        target[j] = cosine * below - sine * above
      }
    }
  }

  /** Adds the solution of R c = Q^T y to `into` ([size][curves]). Every diagonal must have been reached by a row. */
  addSolution(into: Float64Array): void {
    const { band, right, size, width, curves } = this
    const solution = right.slice()
    for (let m = size - 1; m >= 0; m--) {
      for (let q = 1; q < width && m + q < size; q++) {
        const factor = band[m * width + q]!
        for (let j = 0; j < curves; j++) solution[m * curves + j]! -= factor * solution[(m + q) * curves + j]!
      }
      const diagonal = band[m * width]!
      for (let j = 0; j < curves; j++) solution[m * curves + j]! /= diagonal
    }
    for (let i = 0; i < solution.length; i++) into[i]! += solution[i]!
  }
}
