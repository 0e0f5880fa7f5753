import { add, call, divide, multiply, number, subtract } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'

/** A formula as rest * exp(exponent); undefined stands for 1 and 0. */
interface Parts {
  readonly rest: Expression | undefined
  readonly exponent: Expression | undefined
}

/**
 * log(f), with the factors exp(u) of f as summands u: exp(-800) is 0 in float64, and its logarithm -800 all the same. The nodes
 * of f are those of the result, so that its numbers can be fitted.
 */
export function logarithm(expression: Expression): Expression {
  const { rest, exponent } = partsOf(expression)
  if (rest === undefined) return exponent ?? call('log', expression)
  return exponent === undefined ? call('log', expression) : add(call('log', rest), exponent)
}

function partsOf(expression: Expression): Parts {
  const { kind } = expression
  if (kind === 'call' && expression.name === 'exp')
    return { rest: undefined, exponent: expression.arguments[0]! }
  if (kind !== 'multiply' && kind !== 'divide') return { rest: expression, exponent: undefined }
  const [left, right] = [partsOf(expression.left), partsOf(expression.right)]
  if (left.exponent === undefined && right.exponent === undefined)
    return { rest: expression, exponent: undefined }
  if (kind === 'multiply')
    return {
      rest: joined(left.rest, right.rest, multiply),
      exponent: joined(left.exponent, right.exponent, add),
    }
  return {
    rest: right.rest === undefined ? left.rest : divide(left.rest ?? ONE, right.rest),
    exponent: right.exponent === undefined ? left.exponent : subtract(left.exponent ?? ZERO, right.exponent),
  }
}

const [ZERO, ONE] = [number(0), number(1)]

function joined(
  a: Expression | undefined,
  b: Expression | undefined,
  join: (a: Expression, b: Expression) => Expression,
): Expression | undefined {
  return a === undefined || b === undefined ? (a ?? b) : join(a, b)
}
