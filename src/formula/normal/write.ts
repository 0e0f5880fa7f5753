import { add, call, divide, multiply, negate, number, power, subtract } from '../tree.ts'
import type { Expression } from '../tree.ts'
import type { Coefficient } from './coefficient.ts'
import { is, isDecimal, minus } from './coefficient.ts'
import { SUM_RANK } from './form.ts'
import type { Factor, Sum, Term } from './form.ts'

/** Denominators of fractions that read better than decimals where the numerator is small: x/4, not 0.25*x. */
const BINARY = new Set([2, 4, 8])
const SMALL = 12

/** The tree of a normal form, in its order; a sum starts with its first positive term. */
export function write(sum: Sum): Expression {
  if (sum.length === 0) return number(0)
  const terms = sum.map(turned)
  const first = Math.max(
    0,
    terms.findIndex(term => term.coefficient.value > 0),
  )
  const ordered = first === 0 ? terms : [terms[first]!, ...terms.slice(0, first), ...terms.slice(first + 1)]
  let tree: Expression | undefined
  for (const term of ordered) {
    const isNegative = term.coefficient.value < 0
    if (tree === undefined) tree = isNegative ? writeNegative(term) : writeTerm(term, term.coefficient)
    else {
      const size = writeTerm(term, isNegative ? minus(term.coefficient) : term.coefficient)
      tree = isNegative ? subtract(tree, size) : add(tree, size)
    }
  }
  return tree!
}

/** A term that a minus leads: the sign goes to its first factor, as in -3*x and -x/2. */
function writeNegative(term: Term): Expression {
  return withSign(writeTerm(term, minus(term.coefficient)))
}

/** The term with a plus, where a minus can go into one of its factors: -(x - 1) is 1 - x, -log(x/y) is log(y/x). */
function turned(term: Term): Term {
  if (term.coefficient.value > 0) return term
  const place = term.factors.findLastIndex(factor => turnedBase(factor) !== undefined)
  if (place < 0) return term
  const factors = term.factors.with(place, {
    ...term.factors[place]!,
    base: turnedBase(term.factors[place]!)!,
  })
  return { ...term, coefficient: minus(term.coefficient), factors }
}

/** -base, for an odd power of it, where that is no longer than the base. */
function turnedBase({ inner, exponent }: Factor): Expression | undefined {
  if (inner === undefined || Math.abs(exponent.value) % 2 !== 1) return undefined
  const { kind, sum } = inner
  if (kind === 'sum' && sum.some(term => term.coefficient.value < 0))
    return write(sum.map(term => ({ ...term, coefficient: minus(term.coefficient) })))
  const isRatio =
    kind === 'log' && sum.length === 1 && sum[0]!.factors.length > 1 && is(sum[0]!.coefficient, 1)
  if (!isRatio) return undefined
  const factors = sum[0]!.factors.map(factor => ({ ...factor, exponent: minus(factor.exponent) }))
  return factors.some(factor => factor.inner?.kind === 'exp')
    ? undefined
    : call('log', write([{ ...sum[0]!, factors }]))
}

function withSign(tree: Expression): Expression {
  if (tree.kind === 'number') return number(-tree.value)
  if (tree.kind !== 'multiply' && tree.kind !== 'divide') return negate(tree)
  return { kind: tree.kind, left: withSign(tree.left), right: tree.right }
}

/** The product of the factors and the coefficient, which is not negative, as numerator / denominator. */
function writeTerm({ factors }: Term, coefficient: Coefficient): Expression {
  const sides = { above: new Side(), below: new Side() }
  const [p, q] = fractionOf(coefficient, factors[0]?.constant !== undefined)
  if (p !== 1) sides.above.numbers.push(number(p))
  if (q !== 1) sides.below.numbers.push(number(q))
  // sqrt(2) sqrt(x) is sqrt(2 x), sqrt(x) sqrt(y) only where one of them is not negative.
  const roots = factors.filter(({ exponent, rank }) => Math.abs(exponent.value) === 0.5 && rank !== SUM_RANK)
  const unknown = roots.filter(factor => !factor.nonnegative)
  const together = unknown.length > 1 ? roots.filter(factor => factor.nonnegative) : roots
  for (const factor of factors) {
    const isBelow = factor.exponent.value < 0 && factor.inner?.kind !== 'exp'
    const side = isBelow ? sides.below : sides.above
    const exponent = isBelow ? minus(factor.exponent) : factor.exponent
    if (together.includes(factor)) side.roots.push(factor)
    else (factor.constant === undefined ? side.factors : side.numbers).push(writePower(factor, exponent))
  }
  const { above, below } = sides
  if (above.roots.length > 0 && below.roots.length > 0) {
    const root = call('sqrt', divide(rootOf(above.roots), rootOf(below.roots)))
    place(above, root, [...above.roots, ...below.roots])
  } else
    for (const side of [above, below])
      if (side.roots.length > 0) place(side, call('sqrt', rootOf(side.roots)), side.roots)
  const numerator = above.isEmpty ? number(1) : above.product
  return below.isEmpty ? numerator : divide(numerator, below.product)
}

/** What stands above or below a fraction's line. */
class Side {
  readonly numbers: Expression[] = []
  readonly factors: Expression[] = []
  /** What stands under a common root. */
  readonly roots: Factor[] = []

  get isEmpty(): boolean {
    return this.numbers.length + this.factors.length === 0
  }

  get product(): Expression {
    return productOf([...this.numbers, ...this.factors])
  }
}

/** A root of numbers stands with the numbers, any other one last. */
function place(side: Side, root: Expression, roots: readonly Factor[]): void {
  const isNumber = roots.every(factor => factor.constant !== undefined)
  ;(isNumber ? side.numbers : side.factors).push(root)
}

/** What stands under a root: primes multiplied, so that it is sqrt(6) and not sqrt(2*3). */
function rootOf(roots: readonly Factor[]): Expression {
  let whole = 1
  const others: Expression[] = []
  for (const { base } of roots)
    if (base.kind === 'number') whole *= base.value
    else others.push(base)
  return productOf(whole === 1 ? others : [number(whole), ...others])
}

function productOf(factors: readonly Expression[]): Expression {
  return factors.reduce((product, factor) => multiply(product, factor))
}

function writePower({ base }: Factor, exponent: Coefficient): Expression {
  if (is(exponent, 1)) return base
  if (is(exponent, 0.5)) return call('sqrt', base)
  const { value, top, bottom } = exponent
  const isFraction = bottom > 1 && !isDecimal(bottom, value) // x^1.5, x^(2/3)
  return power(base, isFraction ? divide(number(top), number(bottom)) : number(value))
}

/** A number as p / q: a decimal has q = 1, unless it is beside pi or a root. */
function fractionOf({ value, top, bottom }: Coefficient, isBeside: boolean): readonly [number, number] {
  const isSmall = Math.abs(top) <= SMALL && (isBeside ? bottom <= 100 : BINARY.has(bottom))
  return bottom > 1 && (isSmall || !isDecimal(bottom, value)) ? [top, bottom] : [value, 1]
}
