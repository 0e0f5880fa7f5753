import {
  call,
  divide,
  fold,
  multiply,
  negate,
  normalise,
  number,
  subtract,
  sum,
} from '../../formula/index.ts'
import { product, size, withChildren } from '../../formula/index.ts'
import type { CallNode, Expression } from '../../formula/index.ts'
import type { PhaseTrial } from './phases.ts'

/** The square of the 99.5th percentile of the normal distribution: see Significance. */
const LIMIT = 6.6
/** A mean square that is a rounding's share of any value. */
const ROUNDING = 1e-24
/** Rates of decay that differ by less than this share may be the same one, fitted twice. */
const ALIKE = 0.1

/**
 * Writes f exp(-u) / (1 - exp(-u)) as f / (exp(u) - 1), as laws of radiation are written: the search has the first form, which exists
 * where exp(u) does not. The rates of the two need not be the same number; the rows must not object to one, as they do not
 * in snap, and the form that is shorter must exist on all of them.
 */
export function plainDivisors(
  expression: Expression,
  { snap, squares, rows }: Pick<PhaseTrial, 'snap' | 'squares' | 'rows'>,
): Expression {
  const plain = fold<Expression>(expression, (node, parts) => written(rebuilt(node, parts)))
  if (plain === expression || size(plain) >= size(expression)) return expression
  const tried = snap(plain, () => false)
  const limit = squares(expression) * (1 + LIMIT / rows) + ROUNDING
  return squares(tried) <= limit ? tried : expression
}

function rebuilt(node: Expression, parts: readonly Expression[]): Expression {
  const same =
    'left' in node
      ? parts[0] === node.left && parts[1] === node.right
      : node.kind === 'call'
        ? parts.every((part, i) => part === node.arguments[i])
        : node.kind !== 'negate' || parts[0] === node.argument
  return same ? node : withChildren(node, parts)
}

/** f exp(-u) / (p +- exp(-v)) as f / (p exp(u) +- 1), where u and v are alike. */
function written(node: Expression): Expression {
  if (node.kind !== 'divide') return node
  const { left: above, right: below } = node
  if (below.kind !== 'add' && below.kind !== 'subtract') return node
  const { left, right } = below
  const isFirst = isExponential(left)
  const [decay, other] = isFirst ? [left, right] : [right, left]
  if (!isExponential(decay) || other.kind !== 'number') return node
  const found = without(above, decay)
  if (found === undefined) return node
  const growth = product(other, call('exp', normalise(negate(found.factor.arguments[0]!))))
  const one = number(1)
  if (below.kind === 'add') return divide(found.rest, sum(growth, one))
  return divide(found.rest, isFirst ? subtract(one, growth) : subtract(growth, one))
}

function isExponential(node: Expression): node is CallNode {
  return node.kind === 'call' && node.name === 'exp'
}

/** A product's factor that is like the given one, and what is left without it. */
function without(
  node: Expression,
  like: CallNode,
): { readonly factor: CallNode; readonly rest: Expression } | undefined {
  if (isExponential(node)) return isAlike(node, like) ? { factor: node, rest: number(1) } : undefined
  if (node.kind === 'multiply') {
    const left = without(node.left, like)
    if (left) return { ...left, rest: product(left.rest, node.right) }
    const right = without(node.right, like)
    return right && { ...right, rest: isOne(right.rest) ? node.left : multiply(node.left, right.rest) }
  }
  if (node.kind !== 'divide') return undefined
  const left = without(node.left, like)
  return left && { ...left, rest: divide(left.rest, node.right) }
}

function isOne(node: Expression): boolean {
  return node.kind === 'number' && node.value === 1
}

/** The same formula, but for numbers that differ a little. */
function isAlike(a: Expression, b: Expression): boolean {
  if (a.kind === 'number' && b.kind === 'number')
    return Math.abs(a.value - b.value) <= ALIKE * Math.abs(a.value)
  if (a.kind === 'variable') return b.kind === 'variable' && a.name === b.name
  if (a.kind === 'constant') return b.kind === 'constant' && a.name === b.name
  if (a.kind === 'negate') return b.kind === 'negate' && isAlike(a.argument, b.argument)
  if (a.kind === 'call')
    return (
      b.kind === 'call' && a.name === b.name && a.arguments.every((own, i) => isAlike(own, b.arguments[i]!))
    )
  if ('left' in a && 'left' in b)
    return a.kind === b.kind && isAlike(a.left, b.left) && isAlike(a.right, b.right)
  return false
}
