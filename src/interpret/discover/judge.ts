import { FEWEST_TO_SPLIT } from '../../data/split.ts'
import { call, evaluateRows, normalise } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import type { HeldNumbers } from '../constants/constants.ts'
import { polishOn } from '../constants/polish.ts'
import { ColumnTable } from '../constants/problem.ts'
import { snapOn } from '../constants/snap.ts'
import { rowErrors } from '../errors/rowerrors.ts'
import type { DiscoveryErrors } from './options.ts'
import { deviation } from './rows.ts'
import type { TargetRows } from './rows.ts'

/**
 * Positive targets that span more decades than these, are judged by their logarithms. Many rows tell as well by
 * absolute errors, which values near 0 do not spoil; of many, a share at each end does not count.
 */
const DECADES = { few: 2, many: 4 } as const
const TAIL = 0.05
/** Errors of a logarithm below this are relative errors, within some 15 per cent. */
const SMALL = 0.3

/**
 * How far off values are, without a unit: RMSE over the deviation of the targets. Where all targets are positive and span
 * decades it is the RMSE of the natural logarithm, which is the relative error where that is small, so that no large value
 * dominates.
 */
export class Judge {
  readonly log: boolean
  readonly #norm: number

  constructor({ y, rows }: TargetRows) {
    const sorted = y.toSorted()
    const few = rows < FEWEST_TO_SPLIT
    const tail = few ? 0 : Math.floor(TAIL * rows)
    const span = Math.log10(sorted[rows - 1 - tail]!) - Math.log10(sorted[tail]!)
    this.log = sorted[0]! > 0 && span >= (few ? DECADES.few : DECADES.many)
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

  /** What a formula leaves of each row: of the target, or of its logarithm. */
  residuals(expression: Expression, { names, x, y, rows }: TargetRows): Float64Array {
    const values = evaluateRows(expression, names, x, rows)
    return values.map((value, r) => (this.log ? logRatio(value, y[r]!) : value - y[r]!))
  }

  /** All errors of values on rows. */
  errors(values: Float64Array, { y, rows }: TargetRows): DiscoveryErrors {
    const weights = new Float64Array(rows).fill(1)
    const rmse = this.error(values, y)
    const relative = rmse === 0 ? 0 : rmse / deviation(y.map(Math.log))
    // A target without a logarithm has no deviation either.
    const r2 = Number.isNaN(relative) ? -Infinity : 1 - relative ** 2
    return {
      ...rowErrors(values, { x: values, y, weights }),
      log: this.log ? { rmse, r2 } : undefined,
    }
  }

  /** Rows to fit formulas to, so that this error is what is minimised. */
  table({ names, x, y, rows }: TargetRows): JudgedTable {
    const plain = new ColumnTable(names, x, y, rows)
    const columns = this.log ? new ColumnTable(names, x, y.map(Math.log), rows) : plain
    return new JudgedTable(columns, plain, this.log, this.#norm)
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

  /** The formula in normal form between the bounds of these rows, where fitted numbers that say the same thing are one. */
  normalised(expression: Expression): Expression {
    return normalise(expression, { bounds: this.#plain.bounds })
  }

  /** Fits the numbers of a formula: see polish. `error` is the Judge's. */
  polish(
    expression: Expression,
    options: { readonly steps?: number; readonly hold?: HeldNumbers } = {},
  ): { readonly expression: Expression; readonly error: number } {
    const { expression: fitted, rmse } = polishOn(this.#table, this.#wrapped(expression), options)
    return { expression: this.#unwrapped(fitted), error: rmse / this.#norm }
  }

  /**
   * Writes the numbers of a formula as a person would: see snap. Relative errors stand for the logarithm's, which they are like
   * where they are small; where they are not, the numbers stay. Once `stop` says so no further number is written.
   */
  snap(expression: Expression, hold: HeldNumbers, stop: () => boolean = () => false): Expression {
    if (this.#log && this.polish(expression, { steps: 0 }).error > SMALL) return expression
    return snapOn(this.#plain, expression, { hold, relative: this.#log, stop }).expression
  }

  #wrapped(expression: Expression): Expression {
    return this.#log ? call('log', expression) : expression
  }

  /** What was the argument of the logarithm. */
  #unwrapped(expression: Expression): Expression {
    return this.#log && expression.kind === 'call' ? expression.arguments[0]! : expression
  }
}
