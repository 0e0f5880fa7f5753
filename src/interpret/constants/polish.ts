import { wholeOf } from '../../engine/parts.ts'
import type { Parts } from '../../engine/parts.ts'
import type { Expression } from '../../formula/index.ts'
import { freeNumbers } from './constants.ts'
import type { HeldNumbers } from './constants.ts'
import { hasPoleInside } from './poles.ts'
import { checkSteps, ColumnTable, ConstantProblem } from './problem.ts'

export interface PolishOptions {
  /** Which numbers stay: see HeldNumbers. Default 'whole exponents'. */
  readonly hold?: HeldNumbers
  /** Minimise relative errors, (f - y) / max(|y|, 1e-6 RMS(y)), in the place of absolute ones. Default false. */
  readonly relative?: boolean
  /** Steps at most. Default 100; from near the minimum about 6 are needed. */
  readonly steps?: number
}

/** A formula whose constants were fitted. */
export interface Polished {
  readonly expression: Expression
  /**
   * Root mean square of f - y over the rows, in y's units (of the relative errors, if those were asked for), with the
   * bits that evaluateRows gives f. Infinity where f does not exist on a row, as it then did before: never NaN.
   */
  readonly rmse: number
  /** Levenberg-Marquardt steps. */
  readonly steps: number
}

/**
 * Fits all free numbers of the formula to the rows, in float64, until rounding decides: the least of the sum over rows of
 * (f(x_r) - y_r)^2 near the numbers that the formula has. x is row-major [rows][variables], y [rows]. Numbers under which f
 * does not exist on some row are never taken, nor are those that put a pole between rows (hasPoleInside). The result is never worse
 * than the formula given; where that one does not exist on a row, it is given back with rmse Infinity.
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
  return polishOn(new ColumnTable(variables, x, y, rows), expression, options)
}

/** As polish, on a table that many formulas are fitted to. */
export function polishOn(table: ColumnTable, expression: Expression, options: PolishOptions = {}): Polished {
  return wholeOf(polishParts(table, expression, options))
}

/** As polishOn, a trial at a time; with what there is once `isOver` says so. */
export function* polishParts(
  table: ColumnTable,
  expression: Expression,
  options: PolishOptions & { readonly isOver?: () => boolean } = {},
): Parts<Polished> {
  const { hold, relative = false, steps = 100, isOver } = options
  checkSteps(steps)
  const free = freeNumbers(expression, hold)
  const problem = new ConstantProblem(expression, free, table, table.weights(relative))
  const {
    c,
    squares,
    steps: taken,
  } = yield* problem.fitParts(
    problem.start,
    free.map((_, k) => k),
    steps,
    isOver,
  )
  const fitted = problem.at(c)
  if (hasPoleInside(fitted, table) && !hasPoleInside(expression, table))
    return { expression, rmse: Math.sqrt(problem.squares(problem.start) / table.rows), steps: taken }
  return { expression: fitted, rmse: Math.sqrt(squares / table.rows), steps: taken }
}
