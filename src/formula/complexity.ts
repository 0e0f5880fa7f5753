import type { FunctionName } from './functions.ts'
import { fold } from './tree.ts'
import type { Expression, NumberNode } from './tree.ts'

/** What a function weighs beside an operator, which weighs 1: the more of a surprise, the more. Those not named weigh 4. */
const weights: Readonly<Partial<Record<FunctionName, number>>> = {
  sqrt: 2,
  abs: 2,
  exp: 3,
  log: 3,
  sin: 3,
  cos: 3,
  tanh: 3,
  gaussian: 3,
}
const OTHER = 4

/**
 * How much there is to read, as lists of formulas weigh it against the error: the sum over the nodes of the tree of
 *
 *     1    for a variable, pi, e, a whole number up to 9, and each of + - * / ^
 *     2    for a number of two or three digits (12, 0.25, 365), sqrt and abs
 *     3    for any other number, and for exp, log, sin, cos, tanh and gaussian
 *     4    for every other function
 *     0    for a minus sign before something
 *
 * so that x^2 weighs 3, 2*pi*x 5 and exp(-x^2) 6. A subtree that is shared counts each time that it is written.
 */
export function complexity(expression: Expression): number {
  return fold<number>(expression, (node, parts) => parts.reduce((sum, part) => sum + part, weightOf(node)))
}

function weightOf(node: Expression): number {
  if (node.kind === 'negate') return 0
  if (node.kind === 'call') return weights[node.name] ?? OTHER
  return node.kind === 'number' ? weightOfNumber(node) : 1
}

function weightOfNumber({ value }: NumberNode): number {
  if (Number.isInteger(value) && Math.abs(value) < 10) return 1
  return Number(value.toPrecision(3)) === value ? 2 : 3
}
