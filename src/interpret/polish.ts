import { ConfigError, ShapeError } from '../errors.ts'
import { Tape } from '../formula/index.ts'
import type { Expression } from '../formula/index.ts'
import { freeNumbers, withNumbers } from './constants.ts'
import type { HeldNumbers } from './constants.ts'
import { levenberg } from './levenberg.ts'

export interface PolishOptions {
  /** Which numbers stay: see HeldNumbers. Default 'whole exponents'. */
  readonly hold?: HeldNumbers
  /**
   * Minimise relative errors, (f - y) / max(|y|, 1e-6 RMS(y)), in the place of absolute ones. Default false.
   */
  readonly relative?: boolean
  /** Steps at most. Default 100; from near the minimum about 6 are needed. */
  readonly steps?: number
}

/** A formula whose constants were fitted. */
export interface Polished {
  readonly expression: Expression
  /**
   * Root mean square of f - y over the rows, in y's units (of the relative errors, if those were asked for), as
   * evaluateRows computes f. Infinity where f does not exist on a row, as it then did before: never NaN.
   */
  readonly rmse: number
  /** Levenberg-Marquardt steps. */
  readonly steps: number
}

/**
 * Fits all free numbers of the formula to the rows, in float64, until rounding decides: the least of the sum over rows of
 * (f(x_r) - y_r)^2 near the numbers that the formula has. x is row-major [rows][variables], y [rows]. Numbers under which f
 * does not exist on some row are never taken. The result is never worse than the formula given; where that one does not exist
 * on a row, it is given back with rmse Infinity.
 *
 * @throws ConfigError for a variable without a column; ShapeError for x or y of another length
 */
export function polish(
  expression: Expression,
  variables: readonly string[],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  rows: number,
  options: PolishOptions = {},
): Polished {
  const table = new ColumnTable(variables, x, y, rows)
  return polishOn(table, expression, options)
}

/** The rows by columns, which is how a tape reads them. Throws ShapeError for x or y of another length. */
export class ColumnTable {
  readonly variables: readonly string[]
  readonly columns: readonly Float64Array[]
  readonly y: Float64Array
  readonly rows: number

  constructor(variables: readonly string[], x: ArrayLike<number>, y: ArrayLike<number>, rows: number) {
    const inputs = variables.length
    if (!(Number.isSafeInteger(rows) && rows > 0))
      throw new ShapeError(`rows is ${rows}; give a whole number of at least 1.`)
    if (x.length !== rows * inputs)
      throw new ShapeError(
        `x has ${x.length} numbers; ${rows} rows of ${inputs} variables need ${rows * inputs}.`,
      )
    if (y.length !== rows) throw new ShapeError(`y has ${y.length} numbers; ${rows} rows need ${rows}.`)
    this.variables = variables
    this.rows = rows
    this.y = Float64Array.from(y)
    this.columns = variables.map((_, i) =>
      Float64Array.from({ length: rows }, (_, row) => x[row * inputs + i]!),
    )
  }

  /** 1 for absolute errors; 1 / max(|y|, 1e-6 RMS(y)) for relative ones. */
  weights(relative: boolean): Float64Array {
    if (!relative) return new Float64Array(this.rows).fill(1)
    const least = 1e-6 * Math.sqrt(this.y.reduce((sum, value) => sum + value * value, 0) / this.rows)
    return this.y.map(value => 1 / Math.max(Math.abs(value), least, Number.MIN_VALUE * 2 ** 52))
  }
}

/** As polish, for rows that are made ready once. */
export function polishOn(table: ColumnTable, expression: Expression, options: PolishOptions = {}): Polished {
  const { hold, relative = false, steps = 100 } = options
  if (!(Number.isSafeInteger(steps) && steps >= 0))
    throw new ConfigError(`steps is ${steps}; give a whole number of at least 0.`)
  const free = freeNumbers(expression, hold)
  const tape = new Tape(expression, table.variables, { free })
  const { columns, y, rows } = table
  const weights = table.weights(relative)
  const toResiduals = (values: Float64Array): boolean => {
    let exists = true
    for (let i = 0; i < rows; i++) {
      values[i] = (values[i]! - y[i]!) * weights[i]!
      exists &&= Number.isFinite(values[i]!)
    }
    return exists
  }
  const fit = levenberg(
    {
      size: free.length,
      rows,
      // One unit in the last place of y: half by the rounding of y itself, half by that of f.
      floor: y.reduce((sum, value, i) => sum + (2 ** -52 * value * weights[i]!) ** 2, 0),
      residuals: (c, residuals) => {
        tape.values(columns, c, residuals)
        return toResiduals(residuals)
      },
      jacobian: (c, residuals, jacobian) => {
        tape.jacobian(columns, c, residuals, jacobian)
        if (relative)
          for (const column of jacobian) for (let i = 0; i < rows; i++) column[i] = column[i]! * weights[i]!
        return toResiduals(residuals)
      },
    },
    free.map(node => node.value),
    steps,
  )
  return {
    expression: withNumbers(expression, free, fit.c),
    rmse: Math.sqrt(fit.squares / rows),
    steps: fit.steps,
  }
}
