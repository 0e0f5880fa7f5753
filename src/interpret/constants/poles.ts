import { fold, Tape } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import type { ColumnTable } from './problem.ts'

/**
 * Whether a function of the formula has a pole between the least and the greatest value that its argument has on the rows: 1/u and
 * negative powers where u has both signs, tan beyond a quarter turn. No row may have shown it, and the next
 * one would. (log and roots have no value on a row beyond their end.) Where the formula has no value on a row there is none.
 */
export function hasPoleInside(expression: Expression, table: ColumnTable): boolean {
  const poles = new Map<Expression, (low: number, high: number) => boolean>()
  fold<undefined>(expression, node => {
    if (node.kind === 'divide') poles.set(node.right, isZeroInside)
    if (node.kind === 'power' && isNegative(node.right)) poles.set(node.left, isZeroInside)
    if (node.kind === 'call' && node.name === 'tan') poles.set(node.arguments[0]!, isQuarterTurnInside)
    return undefined
  })
  for (const [argument, isInside] of poles) {
    if (!isVarying(argument)) continue
    const values = new Float64Array(table.rows)
    new Tape(argument, table.variables).values(table.columns, [], values)
    let [low, high] = [Infinity, -Infinity]
    for (const value of values) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
    if (isInside(low, high)) return true
  }
  return false
}

function isZeroInside(low: number, high: number): boolean {
  return low <= 0 && high >= 0
}

function isQuarterTurnInside(low: number, high: number): boolean {
  return Math.floor(low / Math.PI - 0.5) !== Math.floor(high / Math.PI - 0.5)
}

function isNegative(node: Expression): boolean {
  if (node.kind === 'number') return node.value < 0
  return node.kind === 'negate' && !isNegative(node.argument) && !isVarying(node.argument)
}

function isVarying(expression: Expression): boolean {
  return fold<boolean>(expression, (node, results) => node.kind === 'variable' || results.some(Boolean))
}
