import { functions } from './functions.ts'
import { add, divide, fold, multiply, negate, number, power, subtract, withChildren } from './tree.ts'
import type { BinaryKind, CallNode, Expression } from './tree.ts'

/*
 * Builders that tidy while they build: neutral and absorbing numbers go, numbers among themselves are folded where that
 * loses nothing, signs move outwards, and a number leads its product. Nothing is expanded, no terms are collected.
 * Two liberties, as every computer algebra takes them: 0 times anything is 0 even where that is not finite, and factors
 * may change places, which changes the last bit.
 */

/** a + b, tidied. */
export function sum(a: Expression, b: Expression): Expression {
  if (isNumber(a, 0)) return b
  if (isNumber(b, 0)) return a
  const folded = finite(a, b, (x, y) => x + y)
  if (folded !== undefined) return folded
  if (b.kind === 'negate') return difference(a, b.argument)
  if (leadOf(b) < 0) return difference(a, negative(b))
  if (a.kind === 'negate') return difference(b, a.argument)
  return add(a, b)
}

/** a - b, tidied. */
export function difference(a: Expression, b: Expression): Expression {
  if (isNumber(b, 0)) return a
  if (isNumber(a, 0)) return negative(b)
  const folded = finite(a, b, (x, y) => x - y)
  if (folded !== undefined) return folded
  if (b.kind === 'negate') return sum(a, b.argument)
  if (leadOf(b) < 0) return sum(a, negative(b))
  return subtract(a, b)
}

/** The number that leads a product or a quotient, or is all; NaN where there is none. */
function leadOf(a: Expression): number {
  let first = a
  while (first.kind === 'multiply' || first.kind === 'divide') first = first.left
  return first.kind === 'number' ? first.value : NaN
}

/** -a, tidied. */
export function negative(a: Expression): Expression {
  if (a.kind === 'number') return number(a.value === 0 ? 0 : -a.value)
  if (a.kind === 'negate') return a.argument
  if (a.kind === 'subtract') return difference(a.right, a.left)
  if ((a.kind === 'multiply' || a.kind === 'divide') && !Number.isNaN(leadOf(a)))
    return (a.kind === 'multiply' ? product : quotient)(negative(a.left), a.right)
  return negate(a)
}

/** a b, tidied. */
export function product(a: Expression, b: Expression): Expression {
  if (isNumber(a, 0) || isNumber(b, 0)) return number(0)
  if (isNumber(a, 1)) return b
  if (isNumber(b, 1)) return a
  const folded = finite(a, b, (x, y) => x * y)
  if (folded !== undefined) return folded
  if (isNumber(a, -1)) return negative(b)
  if (isNumber(b, -1)) return negative(a)
  if (a.kind === 'negate') return negative(product(a.argument, b))
  if (b.kind === 'negate') return negative(product(a, b.argument))
  if (b.kind === 'number' && a.kind !== 'number') return product(b, a)
  // A quotient of a number n: a (n / c) = n a / c, and the same from the other side.
  if (b.kind === 'divide' && b.left.kind === 'number') return quotient(product(b.left, a), b.right)
  if (a.kind === 'divide' && a.left.kind === 'number') return quotient(product(a.left, b), a.right)
  if (b.kind === 'multiply' && b.left.kind === 'number') {
    // A number times a product that a number leads; unless the numbers overflow together.
    const led = finite(a, b.left, (x, y) => x * y)
    if (led !== undefined) return product(led, b.right)
    if (a.kind !== 'number') return product(b.left, product(a, b.right))
  }
  if (a.kind === 'multiply' && a.left.kind === 'number') return multiply(a.left, product(a.right, b))
  return multiply(a, b)
}

/** a / b, tidied. Numbers are folded to whole numbers only, so that 1/3 stays. */
export function quotient(a: Expression, b: Expression): Expression {
  if (isNumber(b, 1)) return a
  if (isNumber(b, 0)) return divide(a, b)
  if (isNumber(a, 0)) return number(0)
  if (isNumber(b, -1)) return negative(a)
  const folded = whole(finite(a, b, (x, y) => x / y))
  if (folded !== undefined) return folded
  if (b.kind === 'number' && b.value < 0) return quotient(negative(a), number(-b.value))
  if (a.kind === 'negate') return negative(quotient(a.argument, b))
  if (b.kind === 'negate') return negative(quotient(a, b.argument))
  if (b.kind === 'multiply' && b.left.kind === 'number') {
    // The whole numbers n and m of n u / (m v), where one divides the other.
    const [n, u] = a.kind === 'multiply' ? [a.left, a.right] : [a, number(1)]
    const above = wholeRatio(n, b.left)
    const below = isNumber(n, 1) || isNumber(n, -1) ? undefined : wholeRatio(b.left, n)
    if (above !== undefined) return quotient(product(above, u), b.right)
    if (below !== undefined) return quotient(u, product(below, b.right))
  }
  return divide(a, b)
}

/** a ^ b, tidied; 0^0 is 1, as Math.pow has it. */
export function raised(a: Expression, b: Expression): Expression {
  if (isNumber(b, 0) || isNumber(a, 1)) return number(1)
  if (isNumber(b, 1)) return a
  return whole(finite(a, b, (x, y) => x ** y)) ?? power(a, b)
}

/** The same formula, tidied from the leaves up: 0, 1 and numbers folded, signs outwards, no expansion. */
export function simplify(expression: Expression): Expression {
  return fold<Expression>(expression, (node, parts) => tidy(withChildren(node, parts)))
}

const builders: Readonly<Record<BinaryKind, (a: Expression, b: Expression) => Expression>> = {
  add: sum,
  subtract: difference,
  multiply: product,
  divide: quotient,
  power: raised,
}

/** A node whose children are tidy already. */
function tidy(node: Expression): Expression {
  if ('left' in node) return builders[node.kind](node.left, node.right)
  if (node.kind === 'negate') return negative(node.argument)
  return node.kind === 'call' ? (whole(atNumbers(node)) ?? node) : node
}

/** The value of a function at numbers, where it is finite. */
function atNumbers({ name, arguments: [u, v = u] }: CallNode): Expression | undefined {
  return finite(u!, v!, functions[name].value)
}

/** Whether the expression is this number (0 is also -0). */
export function isNumber(expression: Expression, value: number): boolean {
  return expression.kind === 'number' && expression.value === value
}

/** The result for two numbers where it is finite. */
function finite(
  a: Expression,
  b: Expression,
  operation: (x: number, y: number) => number,
): Expression | undefined {
  if (a.kind !== 'number' || b.kind !== 'number') return undefined
  const value = operation(a.value, b.value)
  return Number.isFinite(value) ? number(value) : undefined
}

/** a / b for whole numbers, where it is whole. */
function wholeRatio(a: Expression, b: Expression): Expression | undefined {
  return whole(a) === undefined || whole(b) === undefined ? undefined : whole(finite(a, b, (x, y) => x / y))
}

/** The number where it is a whole one that float64 holds exactly. */
function whole(folded: Expression | undefined): Expression | undefined {
  return folded?.kind === 'number' && Number.isSafeInteger(folded.value) ? folded : undefined
}
