import { evaluateRows, fold, negative, withChildren } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import { firstRows } from '../rows.ts'
import type { TargetRows } from '../rows.ts'

/** Rows that tell a base's sign. */
const ROWS = 40

/**
 * The formula with the other sign for bases of roots and fractional powers that are negative on all rows, where it has no value
 * otherwise. A power of a product was written as the product of its factors' powers, as if all were positive (see
 * raisedForm), and two negative ones make a positive product: (f g)^p is |f|^p |g|^p.
 */
export function withPositiveBases(expression: Expression, rows: TargetRows): Expression {
  const { names, x, rows: count } = firstRows(rows, ROWS)
  const valuesOf = (tree: Expression): Float64Array => evaluateRows(tree, names, x, count)
  if (valuesOf(expression).every(Number.isFinite)) return expression
  return fold<Expression>(expression, (node, parts) => {
    const [base, ...others] = parts
    if (base === undefined) return node
    const isTurned = isFractional(node) && valuesOf(base).every(value => value < 0)
    return withChildren(node, isTurned ? [negative(base), ...others] : parts)
  })
}

/** Whether the node has no value for a negative base. */
function isFractional(node: Expression): boolean {
  if (node.kind === 'call') return node.name === 'sqrt'
  return node.kind === 'power' && node.right.kind === 'number' && !Number.isInteger(node.right.value)
}
