import { wholeOf } from '../../engine/parts.ts'
import type { Parts } from '../../engine/parts.ts'
import { factorise, solveUpper } from './householder.ts'

/** A least-squares problem: residuals r(c) [rows] of parameters c [size]. */
export interface LeastSquares {
  readonly size: number
  readonly rows: number
  /** A sum of squares that is rounding alone: once below it, done. */
  readonly floor: number
  /** r(c) into residuals; false where it does not exist. */
  readonly residuals: (c: Float64Array, residuals: Float64Array) => boolean
  /** As residuals, and d r / d c[k] into jacobian[k], which has at least `rows` entries. */
  readonly jacobian: (c: Float64Array, residuals: Float64Array, jacobian: readonly Float64Array[]) => boolean
}

/** Where it ended. */
export interface LeastSquaresFit {
  readonly c: Float64Array
  /** The sum of squares at c; Infinity where the start does not exist. */
  readonly squares: number
  /** Steps taken, rejected ones included. */
  readonly steps: number
}

/** Damping at the start, relative to the largest norm that each Jacobian column has had. */
const START = 1e-3
const LEAST = 1e-18
const MOST = 1e12
/** The step promises less than this share of the sum of squares, undamped or nearly so: converged. */
const PROMISE = 1e-15
/** Steps in a row, each gaining less than this share, after which rounding is all there is left to gain on. */
const IDLE = 3
const GAIN = 1e-4

/**
 * Levenberg-Marquardt as Moré has it ("The Levenberg-Marquardt algorithm: implementation and theory", 1978): each step s
 * minimises |r + J s|^2 + damping |D s|^2, by QR, with D the largest column norms of J so far, so that no unit of a
 * parameter matters. The damping falls tenfold or more after steps that do what they promise, which makes the last steps
 * Gauss-Newton's. A step to where the residuals do not exist is a rejected one. Ends when the model of the residuals promises
 * nothing more, or when rounding decides.
 */
export function levenberg(problem: LeastSquares, start: ArrayLike<number>, steps: number): LeastSquaresFit {
  return wholeOf(levenbergParts(problem, start, steps))
}

/** As levenberg, a trial at a time: those of hundreds of parameters take a tenth of a second each. */
export function* levenbergParts(
  problem: LeastSquares,
  start: ArrayLike<number>,
  steps: number,
  isOver: () => boolean = () => false,
): Parts<LeastSquaresFit> {
  const { size, rows, floor } = problem
  const height = Math.max(rows, size)
  let [c, trial] = [Float64Array.from(start), new Float64Array(size)]
  const jacobian = Array.from({ length: size }, () => new Float64Array(height))
  const [right, residuals] = [new Float64Array(height), new Float64Array(rows)]
  const norms = new Float64Array(size)
  let squares = problem.residuals(c, residuals) ? sumOfSquares(residuals) : Infinity
  let [damping, taken, idle] = [START, 0, 0]
  if (size === 0 || !Number.isFinite(squares)) return { c, squares, steps: 0 }

  while (taken < steps && idle < IDLE && squares > floor && !isOver()) {
    for (const column of jacobian) column.fill(0, rows)
    if (!problem.jacobian(c, residuals, jacobian)) break
    right.fill(0).set(residuals)
    for (let k = 0; k < size; k++) norms[k] = Math.max(norms[k]!, Math.sqrt(sumOfSquares(jacobian[k]!)))
    factorise(jacobian, right)
    yield

    let accepted = false
    while (!accepted && taken < steps && damping <= MOST && !isOver()) {
      const step = damped(jacobian, right, norms, damping)
      const promise = promised(jacobian, right, step)
      if (!(promise > PROMISE * squares)) return { c, squares, steps: taken }
      for (let k = 0; k < size; k++) trial[k] = c[k]! - step[k]!
      taken++
      yield
      const next = problem.residuals(trial, residuals) ? sumOfSquares(residuals) : Infinity
      accepted = next < squares
      if (!accepted) {
        // A step that changes nothing but last digits cannot be made better by a shorter one.
        if (isRounding(c, step)) return { c, squares, steps: taken }
        damping *= damping < 1e-6 ? 100 : 5
        continue
      }
      const kept = (squares - next) / promise
      idle = squares - next < GAIN * squares && damping < START ? idle + 1 : 0
      if (kept > 0.75) damping = Math.max(LEAST, damping / (kept > 0.95 ? 100 : 10))
      else if (kept < 0.25) damping *= 3
      squares = next
      ;[c, trial] = [trial, c]
    }
    if (!accepted) break
  }
  return { c, squares, steps: taken }
}

/** The step s of min |R s - right|^2 + damping |D s|^2, by QR of the two stacked; a parameter that nothing sees stays. */
function damped(
  triangle: readonly Float64Array[],
  right: Float64Array,
  norms: Float64Array,
  damping: number,
): Float64Array {
  const size = triangle.length
  const stacked = triangle.map((column, k) => {
    const tall = new Float64Array(2 * size)
    for (let i = 0; i <= k; i++) tall[i] = column[i]!
    tall[size + k] = Math.sqrt(damping) * norms[k]!
    return tall
  })
  const target = new Float64Array(2 * size)
  target.set(right.subarray(0, size))
  factorise(stacked, target)
  return solveUpper(stacked, target)
}

/** By how much the sum of squares would fall if the residuals were linear: |q|^2 - |q - R s|^2, q = right. */
function promised(triangle: readonly Float64Array[], right: Float64Array, step: Float64Array): number {
  let total = 0
  for (let i = 0; i < step.length; i++) {
    let moved = 0
    for (let k = i; k < step.length; k++) moved += triangle[k]![i]! * step[k]!
    total += moved * (2 * right[i]! - moved)
  }
  return total
}

function isRounding(c: Float64Array, step: Float64Array): boolean {
  return c.every((value, k) => Math.abs(step[k]!) <= 2 ** -50 * Math.abs(value))
}

/** The sum of the squares. */
export function sumOfSquares(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return sum
}
