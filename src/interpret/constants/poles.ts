import { Tape } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { guardsOf, quarterTurn } from '../../formula/singular.ts'
import type { ColumnTable } from './problem.ts'

/**
 * Whether a function of the formula has a pole between the least and the greatest value that its argument has on the rows: 1/u and
 * negative powers where u has both signs, tan beyond a quarter turn. No row may have shown it, and the next
 * one would. (log and roots have no value on a row beyond their end.) Where the formula has no value on a row there is none.
 */
export function hasPoleInside(expression: Expression, table: ColumnTable): boolean {
  for (const { argument, levels, isPole } of guardsOf(expression)) {
    if (!isPole) continue
    const values = new Float64Array(table.rows)
    new Tape(argument, table.variables).values(table.columns, [], values)
    let [low, high] = [Infinity, -Infinity]
    for (const value of values) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
    if (levels === 'quarter turns' ? quarterTurn(low) !== quarterTurn(high) : low <= 0 && high >= 0)
      return true
  }
  return false
}
