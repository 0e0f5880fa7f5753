import { call, evaluateRows, simplify } from '../../formula/index.ts'
import type { Expression, NumberNode } from '../../formula/index.ts'
import { polishOn } from '../polish.ts'
import { ColumnTable } from '../problem.ts'
import { snapOn } from '../snap.ts'
import { rowErrors } from '../rowerrors.ts'
import type { DiscoveryErrors } from './options.ts'
import { deviation } from './rows.ts'
import type { TargetRows } from './rows.ts'

/** Positive targets that span more than so many times the smallest are judged by their logarithms. */
const LOG_SPAN = 100

/**
 * How far off values are, without a unit: RMSE over the deviation of the targets. Where all targets are positive and span two
 * decades it is the RMSE of the natural logarithm, which is the relative error where that is small, so that no large value
 * dominates.
 */
export class Judge {
  readonly log: boolean
  readonly #norm: number

  constructor({ y }: TargetRows) {
    let [low, high] = [Infinity, -Infinity]
    for (const value of y) [low, high] = [Math.min(low, value), Math.max(high, value)]
    this.log = low > 0 && high / LOG_SPAN >= low
    this.#norm = this.log ? 1 : deviation(y)
  }

  /** The error of these values for these targets; Infinity where one does not exist. */
  error(values: ArrayLike<number>, y: ArrayLike<number>): number {
    let sum = 0
    for (let r = 0; r < y.length; r++)
      sum += (this.log ? logRatio(values[r]!, y[r]!) : values[r]! - y[r]!) ** 2
    const error = Math.sqrt(sum / y.length) / this.#norm
    return Number.isFinite(error) ? error : Infinity
  }

  /** The error of a formula on rows. */
  errorOf(expression: Expression, { names, x, y, rows }: TargetRows): number {
    return this.error(evaluateRows(expression, names, x, rows), y)
  }

  /** All errors of values on rows. */
  errors(values: Float64Array, { y, rows }: TargetRows): DiscoveryErrors {
    const weights = new Float64Array(rows).fill(1)
    const rmse = this.error(values, y)
    const spread = deviation(y.map(Math.log))
    return {
      ...rowErrors(values, { x: values, y, weights }),
      log: this.log ? { rmse, r2: 1 - (rmse / spread) ** 2 } : undefined,
    }
  }

  /** Rows to fit formulas to, so that this error is what is minimised. */
  table({ names, x, y, rows }: TargetRows): JudgedTable {
    const plain = new ColumnTable(names, x, y, rows)
    const table = this.log ? new ColumnTable(names, x, y.map(Math.log), rows) : plain
    return new JudgedTable(table, plain, this.log, this.#norm)
  }
}

/** log(value / y), exactly where they are nearly equal. */
function logRatio(value: number, y: number): number {
  const difference = (value - y) / y
  return Math.abs(difference) < 0.5 ? Math.log1p(difference) : Math.log(value) - Math.log(y)
}

/** Rows that formulas are fitted to. */
export class JudgedTable {
  readonly #table: ColumnTable
  /** The same rows with the targets as they are. */
  readonly #plain: ColumnTable
  readonly #log: boolean
  readonly #norm: number

  constructor(table: ColumnTable, plain: ColumnTable, log: boolean, norm: number) {
    this.#table = table
    this.#plain = plain
    this.#log = log
    this.#norm = norm
  }

  get rows(): number {
    return this.#table.rows
  }

  /** Fits the numbers of a formula: see polish. `error` is the Judge's. */
  polish(
    expression: Expression,
    options: { readonly steps?: number; readonly hold?: (node: NumberNode) => boolean } = {},
  ): { readonly expression: Expression; readonly error: number } {
    const { expression: fitted, rmse } = polishOn(this.#table, this.#wrapped(expression), options)
    return { expression: this.#unwrapped(fitted), error: rmse / this.#norm }
  }

  /**
   * Writes the numbers of a formula as a person would: see snap. Logarithms are judged by relative errors, which are the same where
   * they are small: the logarithm of a power law is a sum, and would be written as one.
   */
  snap(expression: Expression, hold: (node: NumberNode) => boolean): Expression {
    return snapOn(this.#plain, expression, { hold, relative: this.#log }).expression
  }

  #wrapped(expression: Expression): Expression {
    return this.#log ? call('log', expression) : expression
  }

  /** What was the argument of the logarithm; tidying may have taken that apart. */
  #unwrapped(expression: Expression): Expression {
    if (!this.#log) return expression
    if (expression.kind === 'call' && expression.name === 'log') return expression.arguments[0]!
    return simplify(call('exp', expression))
  }
}
