import { functions } from './functions.ts'
import type { FunctionName } from './functions.ts'
import { parse } from './parse.ts'
import { difference, isNumber, negative, product, quotient, raised, simplify, sum } from './simplify.ts'
import { call, fold, number, substitute } from './tree.ts'
import type { BinaryKind, CallNode, Expression } from './tree.ts'

/**
 * The derivative of the formula by the variable of that name, lightly tidied (simplify.ts): d/dx x^3 is 3*x^2. 0 when the
 * variable does not occur. At a kink (abs, relu, min, max) it is the mean of both sides; at a jump (sign, floor, ceil) 0.
 * Subtrees are shared with the formula and among themselves, so compiling it costs little more than the formula.
 */
export function derive(expression: Expression, variable: string): Expression {
  return fold<Expression>(expression, (node, slopes) => {
    if ('left' in node) return rules[node.kind](node.left, node.right, slopes[0]!, slopes[1]!)
    if (node.kind === 'negate') return negative(slopes[0]!)
    if (node.kind === 'call') return chain(node, slopes)
    return number(node.kind === 'variable' && node.name === variable ? 1 : 0)
  })
}

/** The derivative of u op v, where u and v have the derivatives du and dv. */
const rules: Readonly<
  Record<BinaryKind, (u: Expression, v: Expression, du: Expression, dv: Expression) => Expression>
> = {
  add: (_u, _v, du, dv) => sum(du, dv),
  subtract: (_u, _v, du, dv) => difference(du, dv),
  multiply: (u, v, du, dv) => sum(product(du, v), product(u, dv)),
  // u'/v - u v'/v^2
  divide: (u, v, du, dv) => difference(quotient(du, v), quotient(product(u, dv), raised(v, number(2)))),
  power: derivePower,
}

/** v u^(v-1) u' + u^v log(u) v'; each term only where its derivative is not 0, as log(u) may not exist. */
function derivePower(u: Expression, v: Expression, du: Expression, dv: Expression): Expression {
  const ofBase = isNumber(du, 0) ? number(0) : product(product(v, raised(u, difference(v, number(1)))), du)
  if (isNumber(dv, 0)) return ofBase
  const isE = u.kind === 'constant' && u.name === 'e'
  const logarithm = isE ? number(1) : simplify(call('log', u))
  return sum(ofBase, product(product(raised(u, v), logarithm), dv))
}

/** The chain rule: the sum of f_i(u) u_i' over the arguments u_i that depend on the variable. */
function chain(node: CallNode, slopes: readonly Expression[]): Expression {
  let total = number(0)
  for (const [i, slope] of slopes.entries())
    if (!isNumber(slope, 0)) total = sum(total, product(partial(node.name, node.arguments, i), slope))
  return total
}

/** The derivatives of the functions as trees of u and v, parsed when first asked for. */
const templates = new Map<FunctionName, readonly Expression[]>()

/** The derivative of a function by its i-th argument, at these arguments. */
function partial(name: FunctionName, args: readonly Expression[], i: number): Expression {
  let derivatives = templates.get(name)
  if (derivatives === undefined) {
    derivatives = functions[name].derivatives.map(text => parse(text, { variables: ['u', 'v'] }))
    templates.set(name, derivatives)
  }
  const [u, v = u] = args
  return simplify(
    substitute(
      derivatives[i]!,
      new Map([
        ['u', u!],
        ['v', v!],
      ]),
    ),
  )
}
