import { fold, number, withChildren } from '../../formula/index.ts'
import type { Expression, NumberNode } from '../../formula/index.ts'

/**
 * Which numbers of a formula stay as they are when constants are fitted: 'whole exponents' (the 3 of x^3 and of x^-3, where
 * other values would not exist for negative x, and the 1 of 1/x, which is no choice), 'whole numbers' (every whole number, so
 * that 1/3, 2*pi and sqrt(2) stay), 'none', or a choice of one's own, which is also told whether the number is an exponent. pi and e
 * always stay.
 */
export type HeldNumbers = 'whole exponents' | 'whole numbers' | 'none' | HoldNumber

/** Whether a number of a formula stays. */
export type HoldNumber = (number: NumberNode, isExponent: boolean) => boolean

/**
 * The numbers of the formula that may change, each node once, left to right. A node that is shared by several places is one
 * constant; equal numbers in nodes of their own are several.
 */
export function freeNumbers(expression: Expression, held: HeldNumbers = 'whole exponents'): NumberNode[] {
  const [exponents, structural] = [new Set<Expression>(), new Set<Expression>()]
  const found: NumberNode[] = []
  fold<undefined>(expression, node => {
    if (node.kind === 'number') found.push(node)
    if (node.kind === 'power') exponents.add(node.right.kind === 'negate' ? node.right.argument : node.right)
    if (node.kind === 'divide' && node.left.kind === 'number' && node.left.value === 1)
      structural.add(node.left)
    return undefined
  })
  return found.filter(node => {
    if (typeof held === 'function') return !held(node, exponents.has(node))
    const isPart = exponents.has(node) || structural.has(node)
    const isHeld = held === 'whole numbers' || (held === 'whole exponents' && isPart)
    return !(isHeld && Number.isInteger(node.value))
  })
}

/** The formula with other subtrees in the place of these nodes. */
export function replaceNodes(
  expression: Expression,
  replacements: ReadonlyMap<Expression, Expression>,
): Expression {
  return fold<Expression>(expression, (node, parts) => {
    const replacement = replacements.get(node)
    if (replacement !== undefined) return replacement
    return parts.every((part, i) => part === partOf(node, i)) ? node : withChildren(node, parts)
  })
}

/** The formula with these values for the numbers, in the same order. */
export function withNumbers(
  expression: Expression,
  numbers: readonly NumberNode[],
  values: ArrayLike<number>,
): Expression {
  return replaceNodes(
    expression,
    new Map(numbers.map((node, k) => [node, node.value === values[k] ? node : number(values[k]!)])),
  )
}

function partOf(node: Expression, i: number): Expression | undefined {
  if ('left' in node) return i === 0 ? node.left : node.right
  if (node.kind === 'call') return node.arguments[i]
  return node.kind === 'negate' ? node.argument : undefined
}
