import { freeNumbers, withNumbers } from './constants.ts'
import type { HeldNumbers } from './constants.ts'
import { sumOfSquares } from './levenberg.ts'
import { hasPoleInside } from './poles.ts'
import { ConstantProblem } from './problem.ts'
import type { ColumnTable } from './problem.ts'
import type { Expression } from '../../formula/index.ts'

/** A number is moved by at most this share of its standard error: what is cut off, no other rows of the kind would show. */
const SHARE = 0.1

/**
 * The formula with as few digits in each of its numbers as the rows can tell: rounded to the fewest for which
 *
 *     (rounded - c)^2 sum_i J_i^2 <= (SHARE s)^2
 *
 * where J_i are the derivatives of the errors by the number and s^2 is their variance; the left side is what the sum of squares
 * grows by at a minimum. Numbers of noiseless rows keep their digits, as s is rounding there.
 */
export function fewestDigits(
  expression: Expression,
  table: ColumnTable,
  weights: Float64Array,
  {
    variance,
    hold,
    share = SHARE,
  }: { readonly variance: number; readonly hold: HeldNumbers | undefined; readonly share?: number },
): Expression {
  const free = freeNumbers(expression, hold)
  const problem = new ConstantProblem(expression, free, table, weights)
  const numbers = problem.start
  const slopes = problem.jacobian(numbers)
  const rounded = numbers.map((value, k) => {
    const reach = share * Math.sqrt(variance / sumOfSquares(slopes[k]!.subarray(0, table.rows)))
    for (let digits = 1; digits < 17; digits++) {
      const short = Number(value.toPrecision(digits))
      if (Math.abs(short - value) <= reach) return short
    }
    return value
  })
  return withNumbers(expression, free, rounded)
}

/** Shares that are tried in turn: numbers of formulas that have hundreds of them depend on each other. */
const SHARES = [SHARE, SHARE / 10, SHARE / 100, SHARE / 1000]
/** By so much the sum of squares may grow. */
const GROWTH = 0.01

/**
 * The formula as it was fitted, with as few digits as its own errors support (fewestDigits), all together making the sum of squares
 * larger by at most a hundredth. As it is where it does not exist on a row, and where no such rounding is found.
 */
export function shortNumbers(expression: Expression, table: ColumnTable): Expression {
  const weights = table.weights(false)
  const squaresOf = (other: Expression): number => new ConstantProblem(other, [], table, weights).squares([])
  const squares = squaresOf(expression)
  if (!(squares < Infinity)) return expression
  const variance = squares / Math.max(1, table.rows - freeNumbers(expression).length)
  const short = SHARES.map(share =>
    fewestDigits(expression, table, weights, { variance, hold: undefined, share }),
  ).find(
    other =>
      squaresOf(other) <= (1 + GROWTH) * squares &&
      !(hasPoleInside(other, table) && !hasPoleInside(expression, table)),
  )
  return short ?? expression
}
