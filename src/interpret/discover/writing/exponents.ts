import { fold } from '../../../formula/index.ts'
import type { Expression, NumberNode } from '../../../formula/index.ts'
import { freeNumbers, withNumbers } from '../../constants/constants.ts'
import type { HoldNumber } from '../../constants/constants.ts'
import { student995 } from '../../constants/significance.ts'
import type { JudgedTable } from '../judging/judge.ts'
import { rowsObject } from './objections.ts'

/** Errors below this share of the targets' size are rounding: any more would be noticed. */
const ROUNDING = 1e-12

/**
 * Makes exponents whole, or else multiples of one half, one after another, the nearest first, where the rows do not object:
 * where refitting all other numbers makes the sum of squares larger by no more than chance does once in a hundred. That is by
 * t^2 variances, t Student's with the rows' degrees of freedom: 4.6 for 6 rows and 2 numbers, 2.58 for many; or by rowsObject,
 * which noise that grows with the target asks for. Before other
 * numbers are touched, as few rows leave exponents and factors to be traded for each other, and laws have whole exponents, not
 * whole factors.
 */
export function tidyExponents(expression: Expression, table: JudgedTable): Expression {
  let current = expression
  const polish = (formula: Expression): { expression: Expression; squares: number } => {
    const fitted = table.polish(formula, { hold: isTidyExponent })
    return { expression: fitted.expression, squares: fitted.error ** 2 * table.rows }
  }
  const start = polish(current)
  current = start.expression
  const left = Math.max(1, table.rows - freeNumbers(current).length)
  const floor = ROUNDING ** 2 * table.rows
  const variance = Math.max(start.squares, floor) / left
  const numbers = freeNumbers(current).length
  const residuals = table.residuals(current)
  const limit = start.squares + student995(left) ** 2 * variance
  for (const unit of [1, 0.5]) {
    // By place: two exponents may have the same number nearest to them, and only one of them be refused it.
    const refused = new Set<string>()
    const nearest = (value: number): number => unit * Math.round(value / unit)
    const distance = ({ value }: NumberNode): number => Math.abs(value - nearest(value))
    for (;;) {
      const exponents = exponentsOf(current)
      const places = [...exponents]
      const key = (node: NumberNode): string => `${places.indexOf(node)} ${nearest(node.value)}`
      const [next] = freeNumbers(current, node => !exponents.has(node) || isHalf(node.value))
        .filter(node => nearest(node.value) !== 0 && !refused.has(key(node)))
        .toSorted((a, b) => distance(a) - distance(b))
      if (next === undefined) break
      const tried = polish(withNumbers(current, [next], [nearest(next.value)]))
      const isSame = (): boolean =>
        !rowsObject(residuals, table.residuals(tried.expression), { numbers, fewer: 1 })
      if (tried.squares <= limit || isSame()) current = tried.expression
      else refused.add(key(next))
    }
  }
  return current
}

/** Numbers to be held once exponents are tidy: those that are. */
export const isTidyExponent: HoldNumber = (node, isExponent) => isExponent && isHalf(node.value)

/** Number nodes that are exponents. */
function exponentsOf(expression: Expression): Set<Expression> {
  const found = new Set<Expression>()
  fold<undefined>(expression, node => {
    if (node.kind === 'power' && node.right.kind === 'number') found.add(node.right)
    return undefined
  })
  return found
}

function isHalf(value: number): boolean {
  return Number.isInteger(2 * value)
}
