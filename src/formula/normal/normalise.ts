import { toText } from '../print/text.ts'
import { simplify } from '../simplify.ts'
import { fold, size, withChildren } from '../tree.ts'
import type { Expression } from '../tree.ts'
import { Algebra } from './algebra.ts'
import type { Bounds } from './bounds.ts'
import { callOf } from './calls.ts'
import { coefficient, minusOne, one, OutOfRange } from './coefficient.ts'
import { asNumber, constantFactor, numberSum } from './form.ts'
import type { Sum } from './form.ts'
import { raisedToSum } from './powers.ts'
import { shorten } from './shorten.ts'
import { write } from './write.ts'

export interface NormaliseOptions {
  /**
   * Between which values each variable lies, such as the least and the greatest of its column: rules that hold for positive
   * numbers only are then used where they hold. Without it a variable may be anything.
   */
  readonly bounds?: ReadonlyMap<string, Bounds>
}

/** Larger formulas are tidied only (simplify): in the trees that a normal form is made of nothing is shared. */
const LARGEST = 2000

/**
 * The formula in normal form, for printing and for fitting its constants: affine maps merged, like terms and like factors
 * collected, constants drawn out of powers, logarithms and exponentials, and all in one order, so that formulas which these
 * rules make equal print the same. The rules: Algebra (sums, products, powers), calls.ts and phases.ts (functions), shorten.ts
 * (multiplying out and drawing out, where that is shorter), cancelled.ts (what a power of a sum shares with what is beside it).
 *
 * The value is the same up to rounding wherever the original exists, and the result exists nowhere else but at single points
 * (x^2/x is x) and where a factor is 0 (0 log(x) is 0). Numbers are exact (whole ones, fractions, decimals of up to six
 * digits, and pi, e and roots beside them), or they are not: those take in all that is constant beside them, so that
 * 2 pi 0.31830988 x has one constant, 1.99999995 x, and no two fitted constants say the same thing.
 */
export function normalise(expression: Expression, { bounds = new Map() }: NormaliseOptions = {}): Expression {
  if (!(size(expression) <= LARGEST)) return simplify(expression)
  // What is drawn out of one part may meet its like in another: until nothing changes.
  const passes = new Map<string, Expression>()
  let tree = expression
  let text = ''
  for (let pass = 0; pass < PASSES && !passes.has(text); pass++) {
    if (pass > 0) passes.set(text, tree)
    tree = normalised(tree, bounds)
    text = toText(tree)
  }
  // Rarely forms follow each other in a circle: the first of them by text, from wherever one starts.
  const circle = [...passes.keys()].slice([...passes.keys()].indexOf(text))
  const first = circle.reduce((least, other) => (other < least ? other : least), text)
  return passes.get(first) ?? tree
}

/** Two are enough but for one formula in some hundred. */
const PASSES = 6

function normalised(expression: Expression, bounds: ReadonlyMap<string, Bounds>): Expression {
  const algebra = new Algebra(bounds, shorten)
  const sum = fold<Sum>(expression, (node, parts) => {
    try {
      return visit(node, parts, algebra)
    } catch (error) {
      if (!(error instanceof OutOfRange)) throw error
      return algebra.atom(simplify(withChildren(node, parts.map(write))))
    }
  })
  return write(algebra.shorten(sum))
}

function visit(node: Expression, parts: readonly Sum[], algebra: Algebra): Sum {
  const [left, right] = parts
  if (node.kind === 'number') return numberSum(coefficient(node.value))
  if (node.kind === 'constant') return [algebra.term(one, [constantFactor(node.name)])]
  if (node.kind === 'variable') return algebra.variable(node, node.name)
  if (node.kind === 'negate') return algebra.negative(left!)
  if (node.kind === 'call') return callOf(node.name, parts, algebra)
  if (node.kind === 'add') return algebra.add(left!, right!)
  if (node.kind === 'subtract') return algebra.add(left!, algebra.negative(right!))
  if (node.kind === 'multiply') return algebra.multiply(left!, right!)
  if (node.kind === 'divide') return algebra.multiply(left!, algebra.raise(right!, minusOne))
  return raised(left!, right!, algebra)
}

/** u^v: see Algebra.raise for a number v; e^v is exp(v), and so is c^v for a fitted c > 0. */
function raised(base: Sum, exponent: Sum, algebra: Algebra): Sum {
  const number = asNumber(exponent)
  if (number !== undefined) return algebra.raise(base, number)
  const [term] = base
  const isE = base.length === 1 && term!.factors.length === 1 && term!.factors[0]!.key === 'e'
  if (isE && term!.coefficient.value === 1)
    return algebra.exponential(algebra.multiply(numberSum(term!.factors[0]!.exponent), exponent))
  const value = asNumber(base)
  if (value !== undefined && value.bottom === 0 && value.value > 0)
    return algebra.exponential(algebra.multiply(numberSum(coefficient(Math.log(value.value))), exponent))
  return raisedToSum(base, exponent, algebra)
}
