import { evaluateRows } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { deviation } from './rows.ts'
import type { TargetRows } from './rows.ts'

/** A target that spans more than so many times its smallest value is judged by relative errors. */
const RELATIVE_SPAN = 100

/**
 * How far off values are, without a unit: RMSE over the deviation of the targets; where all targets are positive and span two
 * decades, the root mean square of relative errors, which none of the large values dominates.
 */
export class Judge {
  readonly relative: boolean
  readonly #norm: number

  constructor({ y }: TargetRows) {
    const [low, high] = y.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [
      Infinity,
      -Infinity,
    ] as const)
    this.relative = low > 0 && high >= RELATIVE_SPAN * low
    this.#norm = this.relative ? 1 : deviation(y)
  }

  /** The error of these values for these targets; Infinity where one is not finite. */
  error(values: ArrayLike<number>, y: ArrayLike<number>): number {
    let sum = 0
    for (let r = 0; r < y.length; r++) {
      const difference = values[r]! - y[r]!
      sum += (this.relative ? difference / y[r]! : difference) ** 2
    }
    const error = Math.sqrt(sum / y.length) / this.#norm
    return Number.isFinite(error) ? error : Infinity
  }

  /** The error of a formula on rows. */
  errorOf(expression: Expression, { names, x, y, rows }: TargetRows): number {
    return this.error(evaluateRows(expression, names, x, rows), y)
  }

  /** What polish and snap minimise in `error`'s place, times this. */
  get norm(): number {
    return this.#norm
  }
}

/** Errors of a formula or a network on rows, in the target's own units. */
export interface RowErrors {
  readonly rows: number
  readonly rmse: number
  /** RMSE over the standard deviation of the targets. */
  readonly relative: number
  /** 1 - relative^2. */
  readonly r2: number
}

/** The errors of these values. */
export function rowErrors(values: ArrayLike<number>, y: ArrayLike<number>): RowErrors {
  let squares = 0
  for (let r = 0; r < y.length; r++) squares += (values[r]! - y[r]!) ** 2
  const rmse = Math.sqrt(squares / y.length)
  const relative = rmse / deviation(y)
  return { rows: y.length, rmse, relative, r2: 1 - relative ** 2 }
}
