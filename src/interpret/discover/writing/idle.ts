import { number, substitute, variables } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import { freeNumbers } from '../../constants/constants.ts'
import type { JudgedTable } from '../judging/judge.ts'
import { rowsObject } from './objections.ts'

/**
 * A formula without the variables that say nothing in it: each in turn is replaced by its mean, the numbers are fitted again, and it
 * is gone where the rows do not object. A column that is far from mattering can stand for a constant, as e does in b c (e - 520).
 */
export function withoutIdle(
  expression: Expression,
  table: JudgedTable,
  stop: () => boolean = () => false,
): Expression {
  let current = expression
  const names = variables(expression)
  for (const name of names) {
    if (stop() || variables(current).length < 2) break
    if (!variables(current).includes(name)) continue
    const constant = substitute(current, new Map([[name, number(table.meanOf(name))]]))
    const tried = table.polish(table.normalised(constant)).expression
    const [own, left] = [freeNumbers(current).length, freeNumbers(tried).length]
    const objects = rowsObject(table.residuals(current), table.residuals(tried), {
      numbers: own,
      fewer: own - left,
    })
    if (!objects) current = tried
  }
  return current
}
