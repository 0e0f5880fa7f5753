import { wholeOf } from '../../engine/parts.ts'
import type { Parts } from '../../engine/parts.ts'
import { ConfigError, ShapeError } from '../../errors.ts'
import { normalise, Tape } from '../../formula/index.ts'
import type { Bounds, Expression, NumberNode } from '../../formula/index.ts'
import { withNumbers } from './constants.ts'
import { withFactorsBefore, withFactorsInside, withLevels, withPlainBases } from './levelmaps.ts'
import { levelsOf } from './levels.ts'
import type { Levels } from './levels.ts'
import { logarithm } from './logarithm.ts'
import { levenbergParts, sumOfSquares } from './levenberg.ts'
import type { LeastSquaresFit } from './levenberg.ts'

/** More about the rows of a table. */
interface ColumnTableOptions {
  /** Sample weights [rows], all positive, where some rows count more than others. */
  readonly weights?: ArrayLike<number> | undefined
  /** Compare the logarithms of formula and values, which all are positive: errors are log f - log y. Default false. */
  readonly log?: boolean
}

/** A table's rows by columns, which is how a tape reads them, and the values that a formula is to give there. */
export class ColumnTable {
  readonly variables: readonly string[]
  readonly columns: readonly Float64Array[]
  /** The values; their natural logarithms where those are compared. */
  readonly y: Float64Array
  readonly rows: number
  readonly log: boolean
  /** How much each row counts, 1 on average, [rows]; undefined where all count the same. */
  readonly #counts: Float64Array | undefined
  #levels: Levels | undefined

  /** From x row-major [rows][variables] and y [rows]. Throws ShapeError for other lengths. */
  constructor(
    variables: readonly string[],
    x: ArrayLike<number>,
    y: ArrayLike<number>,
    rows: number,
    { weights, log = false }: ColumnTableOptions = {},
  ) {
    const inputs = variables.length
    if (!(Number.isSafeInteger(rows) && rows > 0))
      throw new ShapeError(`rows is ${rows}; give a whole number of at least 1.`)
    if (x.length !== rows * inputs)
      throw new ShapeError(
        `x has ${x.length} numbers; ${rows} rows of ${inputs} variables need ${rows * inputs}.`,
      )
    if (y.length !== rows) throw new ShapeError(`y has ${y.length} numbers; ${rows} rows need ${rows}.`)
    if (weights !== undefined && weights.length !== rows)
      throw new ShapeError(`weights has ${weights.length} numbers; ${rows} rows need ${rows}.`)
    this.variables = variables
    this.rows = rows
    if (weights !== undefined) {
      const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0)
      this.#counts = Float64Array.from(weights, weight => (weight * rows) / total)
    }
    this.log = log
    this.y = Float64Array.from(y, value => (log ? Math.log(value) : value))
    this.columns = variables.map((_, i) =>
      Float64Array.from({ length: rows }, (_, row) => x[row * inputs + i]!),
    )
  }

  /** The least and the greatest value of each variable. */
  get bounds(): ReadonlyMap<string, Bounds> {
    return new Map(
      this.variables.map((name, i) => {
        let [low, high] = [Infinity, -Infinity]
        for (const value of this.columns[i]!) {
          low = Math.min(low, value)
          high = Math.max(high, value)
        }
        return [name, [low, high]]
      }),
    )
  }

  /** Its columns that are levels of texts: see levelsOf. */
  get levels(): Levels {
    return (this.#levels ??= levelsOf(this.variables, this.columns))
  }

  /**
   * The formula in normal form between the bounds of its columns, with affine maps of levels in the place of other functions of
   * them (withLevels), which take numbers in where that is shorter, or have their constants before them, and start from the
   * plainest level.
   */
  normalised(expression: Expression, factors: 'inside' | 'before' = 'inside'): Expression {
    const { bounds } = this
    const normal = normalise(expression, { bounds })
    if (this.levels.size === 0) return normal
    const mapped = withLevels(normal, this.levels)
    const tidy = mapped === normal ? normal : normalise(mapped, { bounds })
    // The normal form of such a product may have it multiplied out.
    const whole = withLevels(tidy, this.levels)
    if (factors === 'before') return withFactorsBefore(withPlainBases(whole, this.levels), this.levels)
    return withPlainBases(withFactorsInside(whole, this.levels), this.levels)
  }

  /** 1 for absolute errors; 1 / max(|y|, 1e-6 RMS(y)) for relative ones; times the roots of the sample weights. */
  weights(relative: boolean): Float64Array {
    const roots = this.#counts?.map(Math.sqrt) ?? new Float64Array(this.rows).fill(1)
    if (!relative) return roots
    const least = 1e-6 * Math.sqrt(sumOfSquares(this.y.map((value, i) => value * roots[i]!)) / this.rows)
    return this.y.map((value, i) => roots[i]! / Math.max(Math.abs(value), least, 2 ** -1000))
  }
}

/** The errors w (f - y) of a formula as functions of some of its numbers, on a table; w (log f - log y) where it says so. */
export class ConstantProblem {
  readonly expression: Expression
  readonly free: readonly NumberNode[]
  readonly table: ColumnTable
  readonly #weights: Float64Array
  readonly #tape: Tape
  readonly #residuals: Float64Array
  readonly #jacobian: readonly Float64Array[]

  /** Throws ConfigError for a variable without a column. */
  constructor(
    expression: Expression,
    free: readonly NumberNode[],
    table: ColumnTable,
    weights: Float64Array,
  ) {
    this.expression = expression
    this.free = free
    this.table = table
    this.#weights = weights
    this.#tape = new Tape(compared(expression, table), table.variables, { free })
    this.#residuals = new Float64Array(table.rows)
    const height = Math.max(table.rows, free.length)
    this.#jacobian = free.map(() => new Float64Array(height))
  }

  /** The numbers as the formula has them. */
  get start(): Float64Array {
    return Float64Array.from(this.free, node => node.value)
  }

  /** The formula with these numbers. */
  at(numbers: ArrayLike<number>): Expression {
    return withNumbers(this.expression, this.free, numbers)
  }

  /** The same problem for another formula, with no number to fit. */
  of(expression: Expression): ConstantProblem {
    return new ConstantProblem(expression, [], this.table, this.#weights)
  }

  /** The sum of the squared errors; Infinity where f does not exist on a row. */
  squares(numbers: ArrayLike<number>): number {
    return this.#evaluate(numbers, this.#residuals) ? sumOfSquares(this.#residuals) : Infinity
  }

  /** The errors of the formula as it is, [rows]; NaN where it has no value. */
  get errors(): Float64Array {
    const errors = new Float64Array(this.table.rows)
    return this.#evaluate(this.start, errors) ? errors : errors.fill(Number.NaN)
  }

  /** The derivatives of the errors by the numbers, [numbers] of at least [rows]: to be read before the next call. */
  jacobian(numbers: ArrayLike<number>): readonly Float64Array[] {
    this.#slopes(numbers, this.#residuals)
    return this.#jacobian
  }

  /** The least sum of squares over the numbers with these indices, from `numbers`; the others stay. */
  fit(numbers: Float64Array, indices: readonly number[], steps: number): LeastSquaresFit {
    return wholeOf(this.fitParts(numbers, indices, steps))
  }

  /** As fit, a trial at a time. */
  *fitParts(
    numbers: Float64Array,
    indices: readonly number[],
    steps: number,
    isOver?: () => boolean,
  ): Parts<LeastSquaresFit> {
    const { rows, y } = this.table
    const all = numbers.slice()
    const place = (c: Float64Array): Float64Array => {
      for (const [k, index] of indices.entries()) all[index] = c[k]!
      return all
    }
    const start = Float64Array.from(indices, index => numbers[index]!)
    const { c, ...fit } = yield* levenbergParts(
      {
        size: indices.length,
        rows,
        // One unit in the last place of y: half by the rounding of y itself, half by that of f.
        floor: y.reduce((sum, value, i) => sum + (2 ** -52 * value * this.#weights[i]!) ** 2, 0),
        residuals: (c, residuals) => this.#evaluate(place(c), residuals),
        jacobian: (c, residuals, jacobian) => {
          const exists = this.#slopes(place(c), residuals)
          for (const [k, index] of indices.entries()) {
            const column = jacobian[k]!
            column.set(this.#jacobian[index]!.subarray(0, column.length))
          }
          return exists
        },
      },
      start,
      steps,
      isOver,
    )
    return { c: place(c), ...fit }
  }

  /** The least sum of squared errors that a constant has: the spread of y. */
  get spread(): number {
    const { y } = this.table
    let [sum, total] = [0, 0]
    for (const [i, weight] of this.#weights.entries()) {
      sum += weight ** 2 * y[i]!
      total += weight ** 2
    }
    return sumOfSquares(y.map((value, i) => this.#weights[i]! * (value - sum / total)))
  }

  /** A bound of the root mean square that rounding alone gives the errors, to first order: see Tape.roundings. */
  rounding(numbers: ArrayLike<number>): number {
    const bound = new Float64Array(this.table.rows)
    const tape = new Tape(compared(this.at(numbers), this.table), this.table.variables, { roundings: true })
    tape.roundings(this.table.columns, [], bound)
    for (let i = 0; i < bound.length; i++) bound[i] = bound[i]! * this.#weights[i]!
    return Math.sqrt(sumOfSquares(bound) / bound.length)
  }

  #evaluate(numbers: ArrayLike<number>, residuals: Float64Array): boolean {
    this.#tape.values(this.table.columns, numbers, residuals)
    return this.#toResiduals(residuals)
  }

  #slopes(numbers: ArrayLike<number>, residuals: Float64Array): boolean {
    const weights = this.#weights
    this.#tape.jacobian(this.table.columns, numbers, residuals, this.#jacobian)
    for (const column of this.#jacobian)
      for (let i = 0; i < residuals.length; i++) column[i] = column[i]! * weights[i]!
    return this.#toResiduals(residuals)
  }

  #toResiduals(values: Float64Array): boolean {
    const { y } = this.table
    const weights = this.#weights
    let exists = true
    for (let i = 0; i < values.length; i++) {
      values[i] = (values[i]! - y[i]!) * weights[i]!
      exists &&= Number.isFinite(values[i]!)
    }
    return exists
  }
}

/** What is compared with the table's y. */
function compared(expression: Expression, { log }: ColumnTable): Expression {
  return log ? logarithm(expression) : expression
}

/** Throws ConfigError unless it is a number of steps. */
export function checkSteps(steps: number): void {
  if (!(Number.isSafeInteger(steps) && steps >= 0))
    throw new ConfigError(`steps is ${steps}; give a whole number of at least 0.`)
}
