import { call, divide, fold, multiply, negate, normalise, number } from '../../../formula/index.ts'
import { product, size, subtract, sum } from '../../../formula/index.ts'
import type { CallNode, Expression, NumberNode } from '../../../formula/index.ts'
import { replaceNodes, withNumbers } from '../../constants/constants.ts'
import { acceptance, rebuilt } from './acceptance.ts'
import type { Trial } from './acceptance.ts'

/** Rates of decay that differ by less than this share may be the same one, fitted twice. */
const ALIKE = 0.1

/**
 * Writes f exp(-u) / (1 - exp(-v)), of rates that are alike, with one rate, and as f / (exp(u) - 1), as laws of radiation are
 * written: the search has the first form, which exists where exp(u) does not. The rows must not object, as they do not in
 * snap; where the shorter form does not exist on all of them, as exp(u) is no number or a target's logarithm would be that of 0,
 * the first one stays, of one rate with as few digits as the rows allow.
 */
export function plainDivisors(expression: Expression, trial: Trial): Expression {
  const plain = fold<Expression>(expression, (node, parts) => written(rebuilt(node, parts)))
  if (plain === expression || size(plain) >= size(expression)) return expression
  const accepts = acceptance(expression, trial)
  const tried = trial.snap(plain, () => false)
  if (accepts(tried)) return tried
  const one = withOneRate(expression, trial)
  return one !== undefined && accepts(one) ? one : expression
}

/** The formula with one rate where two are alike, fitted; undefined where the rows object to any. */
function withOneRate(expression: Expression, trial: Trial): Expression | undefined {
  // The rows say more of the rate than of what is added to its decay, which stays.
  const beside = new Set<number>()
  const shared = fold<Expression>(expression, (node, parts) => {
    const own = rebuilt(node, parts)
    const decay = decayOf(own)
    if (decay === undefined) return own
    beside.add(decay.other.value)
    return divide(decay.above, replaceNodes(decay.below, new Map([[decay.decay, decay.found.factor]])))
  })
  if (shared === expression) return undefined
  const fitted = trial.polish(shared, ({ value }, isExponent) => beside.has(value) || isExponent)
  const accepts = acceptance(fitted, trial)
  const rates = sharedNumbers(fitted)
  for (let digits = 1; digits <= MOST_DIGITS; digits++) {
    const short = rates.map(({ value }) => Number(value.toPrecision(digits)))
    const rounded = withNumbers(fitted, rates, short)
    const tried = trial.snap(rounded, ({ value }) => beside.has(value) || short.includes(value))
    if (accepts(tried)) return tried
  }
  return undefined
}

/** Digits of a number in float64. */
const MOST_DIGITS = 17

/** Numbers that stand in several places. */
function sharedNumbers(expression: Expression): NumberNode[] {
  const seen = new Set<NumberNode>()
  const twice = new Set<NumberNode>()
  const visit = (node: Expression): void => {
    if (node.kind === 'number') (seen.has(node) ? twice : seen).add(node)
    else if ('left' in node) [node.left, node.right].forEach(visit)
    else if (node.kind === 'call') node.arguments.forEach(visit)
    else if (node.kind === 'negate') visit(node.argument)
  }
  visit(expression)
  return [...twice]
}

/** f exp(-u) / (p +- exp(-v)) as f / (p exp(u) +- 1), where u and v are alike. */
function written(node: Expression): Expression {
  const parts = decayOf(node)
  if (parts === undefined) return node
  const { below, decay, other, found } = parts
  const growth = product(other, call('exp', normalise(negate(found.factor.arguments[0]!))))
  const one = number(1)
  if (below.kind === 'add') return divide(found.rest, sum(growth, one))
  return divide(found.rest, below.left === decay ? subtract(one, growth) : subtract(growth, one))
}

interface Decay {
  readonly above: Expression
  readonly below: Expression & { readonly left: Expression; readonly right: Expression }
  /** exp(-v), and p. */
  readonly decay: CallNode
  readonly other: NumberNode
  /** exp(-u), and f. */
  readonly found: { readonly factor: CallNode; readonly rest: Expression }
}

/** The parts of f exp(-u) / (p +- exp(-v)). */
function decayOf(node: Expression): Decay | undefined {
  if (node.kind !== 'divide') return undefined
  const { left: above, right: below } = node
  if (below.kind !== 'add' && below.kind !== 'subtract') return undefined
  const { left, right } = below
  const [decay, other] = isExponential(left) ? [left, right] : [right, left]
  if (!isExponential(decay) || other.kind !== 'number') return undefined
  const found = without(above, decay)
  return found && { above, below, decay, other, found }
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
