import type { Expression } from '../../../formula/index.ts'
import type { Judge } from '../judging/judge.ts'
import type { TargetRows } from '../rows.ts'

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
  const table = judge.table(rows)
  const tidy = better(table.normalised(expression), expression)
  return better(table.shortened(tidy), tidy)
}
