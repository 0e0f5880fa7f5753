import { spansDecades } from '../../../data/logcolumns.ts'
import { evaluateRows } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import { polishOn } from '../../constants/polish.ts'
import { freeNumbers } from '../../constants/constants.ts'
import type { HoldNumber } from '../../constants/constants.ts'
import { fewestDigits } from '../../constants/digits.ts'
import { hasPoleInside } from '../../constants/poles.ts'
import { ColumnTable, ConstantProblem } from '../../constants/problem.ts'
import { snapOn } from '../../constants/snap.ts'
import type { StoppedSnapOptions } from '../../constants/snap.ts'
import type { Levels } from '../../constants/levels.ts'
import { logErrors, logRatio, rowErrors } from '../../errors/rowerrors.ts'
import type { DiscoveryErrors } from '../options.ts'
import { average, deviation } from '../statistics.ts'
import type { TargetRows } from '../rows.ts'

/** What formulas of a few functions err by where they are what the targets were computed by, a hundred times. */
const EXACT = 1e-11

/**
 * How far off values are, without a unit: RMSE over the deviation of the targets. Where the target is on a logarithmic scale, or
 * all targets are positive and span decades (spansDecades), it is the RMSE of the natural logarithm, which is the relative error
 * where that is small, so that no large value dominates. Rows count by their weights.
 */
export class Judge {
  readonly log: boolean
  /** The error below which a formula is exact: rounding, a hundred times or so, or four times that of targets far from 0. */
  readonly exact: number
  readonly #norm: number
  readonly #spread: number

  /** @param isLog whether the target is on a logarithmic scale by its user's choice */
  constructor({ y, weights }: Pick<TargetRows, 'y' | 'weights'>, isLog = false) {
    this.log = isLog || spansDecades(y)
    this.#norm = this.log ? 1 : deviation(y, weights)
    const largest = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    this.exact = Math.max(EXACT, this.log ? 0 : (4 * 2 ** -53 * largest) / this.#norm)
    this.#spread = this.log ? deviation(y.map(Math.log), weights) : 1
  }

  /** The error of these values for the targets of these rows; Infinity where one does not exist. */
  error(values: ArrayLike<number>, { y, weights }: Pick<TargetRows, 'y' | 'weights'>): number {
    const squares = y.map((target, r) => this.#difference(values[r]!, target) ** 2)
    const error = Math.sqrt(average(squares, weights)) / this.#norm
    return Number.isFinite(error) ? error : Infinity
  }

  /** The error of values with these logarithms, where logarithms are judged. */
  errorOfLogs(logs: ArrayLike<number>, { y, weights }: Pick<TargetRows, 'y' | 'weights'>): number {
    const squares = y.map((target, r) => (logs[r]! - Math.log(target)) ** 2)
    const error = Math.sqrt(average(squares, weights)) / this.#norm
    return Number.isFinite(error) ? error : Infinity
  }

  /** An error as a share of the deviation of what is judged, whose square is the unexplained share of the variance. */
  relative(error: number): number {
    return error / this.#spread
  }

  /** The square of the error of each row alone. */
  squares(values: ArrayLike<number>, { y }: Pick<TargetRows, 'y'>): Float64Array {
    return y.map((target, r) => (this.#difference(values[r]!, target) / this.#norm) ** 2)
  }

  /** The error of a formula on rows. */
  errorOf(expression: Expression, rows: TargetRows): number {
    return this.error(evaluateRows(expression, rows.names, rows.x, rows.rows), rows)
  }

  /** What a formula leaves of each row: of the target, or of its logarithm. */
  residuals(expression: Expression, { names, x, y, rows }: TargetRows): Float64Array {
    const values = evaluateRows(expression, names, x, rows)
    return values.map((value, r) => (this.log ? logRatio(value, y[r]!) : value - y[r]!))
  }

  /** All errors of values on rows. */
  errors(values: Float64Array, table: TargetRows): DiscoveryErrors {
    const { y, rows, weights = new Float64Array(rows).fill(1) } = table
    const errors = rowErrors(values, { x: values, y, weights })
    return { ...errors, log: this.log ? logErrors(values, { y, weights }) : undefined }
  }

  /** Rows to fit formulas to, so that this error is what is minimised. */
  table({ names, x, y, rows, weights }: TargetRows): JudgedTable {
    return new JudgedTable(new ColumnTable(names, x, y, rows, { weights, log: this.log }), this.#norm)
  }

  #difference(value: number, target: number): number {
    return this.log ? logRatio(value, target) : value - target
  }
}

/** Rows that formulas are fitted to. */
export class JudgedTable {
  readonly #table: ColumnTable
  readonly #norm: number

  constructor(table: ColumnTable, norm: number) {
    this.#table = table
    this.#norm = norm
  }

  get rows(): number {
    return this.#table.rows
  }

  /** What a formula leaves of each row, times the root of the row's weight; NaN where it has no value on one. */
  residuals(expression: Expression): Float64Array {
    const table = this.#table
    return new ConstantProblem(expression, [], table, table.weights(false)).errors
  }

  /** The mean of a column, all rows alike. */
  meanOf(name: string): number {
    return average(this.#table.columns[this.#table.variables.indexOf(name)]!)
  }

  /** Whether the formula has a pole between these rows: see hasPoleInside. */
  hasPole(expression: Expression): boolean {
    return hasPoleInside(expression, this.#table)
  }

  /** The formula in normal form on these rows (ColumnTable.normalised), where fitted numbers that say the same thing are one. */
  normalised(expression: Expression): Expression {
    return this.#table.normalised(expression)
  }

  /** Fits the numbers of a formula: see polish. `error` is the Judge's. */
  polish(
    expression: Expression,
    options: { readonly steps?: number; readonly hold?: HoldNumber } = {},
  ): { readonly expression: Expression; readonly error: number } {
    const { expression: fitted, rmse } = polishOn(this.#table, expression, options)
    return { expression: fitted, error: rmse / this.#norm }
  }

  /** Its columns that are levels of texts. */
  get levels(): Levels {
    return this.#table.levels
  }

  /** Writes the numbers of a formula as a person would: see snap. */
  snap(expression: Expression, hold: HoldNumber, options: Omit<StoppedSnapOptions, 'hold'> = {}): Expression {
    return snapOn(this.#table, expression, { ...options, hold }).expression
  }

  /** The formula with the digits that the rows support: see fewestDigits. As it is where it does not exist on a row. */
  shortened(expression: Expression): Expression {
    const table = this.#table
    const weights = table.weights(false)
    const squares = new ConstantProblem(expression, [], table, weights).squares([])
    if (!(squares < Infinity)) return expression
    const variance = squares / Math.max(1, table.rows - freeNumbers(expression).length)
    return fewestDigits(expression, table, weights, { variance, hold: undefined })
  }
}
