import { call } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { freeNumbers } from '../constants/constants.ts'
import { fewestDigits } from '../constants/digits.ts'
import { ColumnTable, ConstantProblem } from '../constants/problem.ts'
import type { Judge } from './judge.ts'
import type { TargetRows } from './rows.ts'

/** What a formula's error may grow by when it is written shortly: the digits cut off are a tenth of a standard error each. */
const HARMLESS = 1.05

/**
 * A formula that is not to be fitted any more, as it is printed: in normal form, with the digits that the rows support. What
 * would harm it is left.
 */
export function shortened(expression: Expression, rows: TargetRows, judge: Judge): Expression {
  const limit = HARMLESS * judge.errorOf(expression, rows)
  const better = (tried: Expression, than: Expression): Expression =>
    judge.errorOf(tried, rows) <= limit ? tried : than
  const tidy = better(judge.table(rows).normalised(expression), expression)
  const { names, x, y } = rows
  const table = new ColumnTable(names, x, judge.log ? y.map(Math.log) : y, rows.rows)
  const fitted = judge.log ? call('log', tidy) : tidy
  const weights = table.weights(false)
  const numbers = freeNumbers(tidy).length
  const squares = new ConstantProblem(fitted, [], table, weights).squares([])
  if (!(squares < Infinity)) return tidy
  const variance = squares / Math.max(1, rows.rows - numbers)
  const short = fewestDigits(fitted, table, weights, { variance, hold: undefined })
  const own = judge.log && short.kind === 'call' ? short.arguments[0]! : short
  return better(own, tidy)
}
