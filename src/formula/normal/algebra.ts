import { toText } from '../print/text.ts'
import type { Expression } from '../tree.ts'
import { Bases } from './bases.ts'
import { collected } from './collected.ts'
import type { Bounds } from './bounds.ts'
import type { Coefficient } from './coefficient.ts'
import {
  fraction,
  half,
  inexact,
  is,
  isEven,
  isExact,
  isWhole,
  minusOne,
  one,
  over,
  plus,
  times,
  wholePower,
} from './coefficient.ts'
import {
  asNumber,
  compareFactors,
  constantFactor,
  keyOf,
  numberSum,
  numberTerm,
  OTHER_RANK,
  primeFactor,
  SUM_RANK,
  isNonnegativeFactor,
  valueOfNumbers,
  VARIABLE_RANK,
  variablePart,
} from './form.ts'
import type { Factor, Sum, Term } from './form.ts'
import { content } from './content.ts'
import { raised } from './powers.ts'
import { write } from './write.ts'

/**
 * Sums, products and powers of normal forms. Two rules hold everywhere: the result has the value of the original, up to
 * rounding, wherever that exists; and it exists nowhere else but at single points (x^2/x is x, at 0 too). A rule that needs a
 * sign is used where the bounds of the variables give it.
 */
export class Algebra {
  readonly bases: Bases
  /** Makes the sum shorter where it knows how; set by the normaliser. */
  readonly shorten: (sum: Sum) => Sum

  constructor(variables: ReadonlyMap<string, Bounds>, shorten: (sum: Sum, algebra: Algebra) => Sum) {
    this.bases = new Bases(variables)
    this.shorten = sum => shorten(sum, this)
  }

  /** Whether the sum is nowhere negative, as far as the bounds of the variables tell. */
  isNonnegative(sum: Sum): boolean {
    if (sum.length === 1 && sum[0]!.factors.every(factor => isNonnegativeFactor(factor)))
      return sum[0]!.coefficient.value > 0
    const tree = write(sum)
    return this.bases.isNonnegative(tree, toText(tree))
  }

  variable(base: Expression, name: string): Sum {
    return [this.term(one, [this.bases.factor(base, name, VARIABLE_RANK, undefined)])]
  }

  /** A base that no rule looks into. */
  atom(base: Expression): Sum {
    return [this.term(one, [this.bases.factor(base, toText(base), OTHER_RANK, undefined)])]
  }

  /** exp(argument), a number in it drawn out where it is inexact. */
  exponential(argument: Sum): Sum {
    return [this.#settled(one, [], argument)]
  }

  /** A call of one argument that the rules of powers or of exponentials look into. */
  call(name: 'log' | 'abs', argument: Sum): Sum {
    const base: Expression = { kind: 'call', name, arguments: [write(this.shorten(argument))] }
    return [
      this.term(one, [this.bases.factor(base, toText(base), OTHER_RANK, { kind: name, sum: argument })]),
    ]
  }

  /** The sum of all terms, like ones collected. */
  sum(terms: readonly Term[]): Sum {
    return collected(terms, (coefficient, factors) => this.term(coefficient, factors))
  }

  add(a: Sum, b: Sum): Sum {
    return this.sum([...a, ...b])
  }

  negative(a: Sum): Sum {
    return this.scale(a, minusOne)
  }

  multiply(a: Sum, b: Sum): Sum {
    if (a.length === 0 || b.length === 0) return []
    const [first, second] = [asNumber(a), asNumber(b)]
    if (first !== undefined) return this.#spread(b, first)
    if (second !== undefined) return this.#spread(a, second)
    const [left, right] = [this.#single(a), this.#single(b)]
    return this.unwrapped(this.product(left, right))
  }

  /** A number times a sum. An inexact number takes pi and roots in, so that terms may become like ones. */
  scale(sum: Sum, c: Coefficient): Sum {
    const terms = sum.map(term => this.term(times(term.coefficient, c), term.factors))
    return isExact(c) ? terms : this.sum(terms)
  }

  /** A sum through a number that is not 0: its content, so that its first term may come to 1. */
  divide(sum: Sum, c: Coefficient): Sum {
    const terms = sum.map(term => this.term(over(term.coefficient, c), term.factors))
    return isExact(c) ? terms : this.sum(terms)
  }

  /** A number times a sum; a fitted one stays before exact terms, as 0.37 (x + 1) has one constant, 0.37 x + 0.37 two. */
  #spread(sum: Sum, c: Coefficient): Sum {
    const exact = sum.filter(term => isExact(term.coefficient))
    if (isExact(c) || exact.length < 2) return this.scale(sum, c)
    const term = this.#single(sum)
    return [this.term(times(term.coefficient, c), term.factors)]
  }

  /** The product of two terms. */
  product(a: Term, b: Term): Term {
    return this.term(times(a.coefficient, b.coefficient), [...a.factors, ...b.factors])
  }

  /** The sum as one term: a number times a sum that is a factor, where it has several. */
  #single(sum: Sum): Term {
    const short = this.shorten(sum)
    if (short.length === 1) return short[0]!
    const c = content(short, false)
    return this.term(c, [this.sumFactor(this.divide(short, c), one)])
  }

  /** A sum of several terms as a factor. */
  sumFactor(sum: Sum, exponent: Coefficient): Factor {
    const base = write(sum)
    const factor = this.bases.factor(base, toText(base), SUM_RANK, { kind: 'sum', sum })
    return { ...factor, exponent }
  }

  /** A term whose only factor is a sum is that sum. */
  unwrapped(term: Term): Sum {
    const [factor] = term.factors
    if (term.factors.length !== 1 || factor!.inner?.kind !== 'sum' || !is(factor!.exponent, 1)) return [term]
    return this.#spread(factor!.inner.sum, term.coefficient)
  }

  /** a to the power of a number: see powers.ts. Throws OutOfRange for 0 to a power that is not positive. */
  raise(a: Sum, exponent: Coefficient): Sum {
    return raised(a, exponent, this)
  }

  /**
   * base^exponent, which exists for base >= 0 only, where `isRestricted`. Whole powers exist elsewhere too, so that they are
   * written as sqrt(base) base^(exponent - 1/2).
   */
  restricted(factor: Factor, exponent: Coefficient, isRestricted: boolean): Factor[] {
    if (!isRestricted || factor.nonnegative || !isWhole(exponent)) return [{ ...factor, exponent }]
    return [
      { ...factor, exponent: half },
      { ...factor, exponent: plus(exponent, fraction(-1, 2)) },
    ]
  }

  /**
   * A term from factors that may repeat and numbers that may be under roots: powers of a base add up, exponentials become
   * one, whole powers of primes go into the number, and an inexact number takes in pi, e and roots.
   */
  term(coefficient: Coefficient, factors: readonly Factor[]): Term {
    const bases = new Map<string, Factor[]>()
    let exponent: Sum = []
    for (const factor of factors) {
      if (factor.inner?.kind === 'abs' && isEven(factor.exponent)) {
        const square = this.raise(factor.inner.sum, factor.exponent)
        return this.product(
          this.term(
            coefficient,
            factors.filter(other => other !== factor),
          ),
          this.#single(square),
        )
      }
      if (factor.inner?.kind === 'exp')
        exponent = this.add(exponent, this.scale(factor.inner.sum, factor.exponent))
      else {
        const same = bases.get(factor.key)
        if (same === undefined) bases.set(factor.key, [factor])
        else same.push(factor)
      }
    }
    const kept: Factor[] = []
    for (const [factor, ...same] of bases.values()) {
      if (same.length === 0) kept.push(factor!)
      else {
        const total = same.reduce((sum, other) => plus(sum, other.exponent), factor!.exponent)
        const isRestricted = [factor!, ...same].some(({ exponent }) => !isWhole(exponent))
        kept.push(...this.restricted(factor!, total, isRestricted))
      }
    }
    return this.#settled(coefficient, kept, exponent)
  }

  /** A term of different bases and one exponential. */
  #settled(coefficient: Coefficient, factors: readonly Factor[], exponent: Sum): Term {
    let c = coefficient
    let argument = exponent
    const plain: Factor[] = []
    const numbers: Factor[] = []
    for (const factor of factors) {
      if (is(factor.exponent, 0)) continue
      if (factor.constant === undefined) plain.push(factor)
      else if (!isExact(factor.exponent)) c = times(c, inexact(factor.constant ** factor.exponent.value))
      else if (factor.key === 'e' && exponent.length > 0)
        argument = this.add(argument, numberSum(factor.exponent))
      else numbers.push(factor)
    }
    // A fitted number outside takes in what the argument adds, and what 0.37 (x + 1) adds too.
    if (!isExact(c)) argument = this.sum(argument.flatMap(term => this.#expanded(term)))
    const outer = argument.filter(term => variablePart(term).length === 0)
    if (outer.some(term => !isExact(term.coefficient)) || (outer.length > 0 && !isExact(c))) {
      c = times(c, inexact(Math.exp(outer.reduce((sum, term) => sum + valueOfNumbers(term).value, 0))))
      argument = argument.filter(term => variablePart(term).length > 0)
    }
    if (asNumber(argument) !== undefined && argument.length > 0)
      numbers.push({ ...constantFactor('e'), exponent: asNumber(argument)! })
    else if (argument.length > 0) plain.push(...this.#exponentialFactor(argument))
    for (const factor of numbers) {
      if (!isExact(c)) c = times(c, inexact(factor.constant! ** factor.exponent.value))
      else if (factor.base.kind === 'number') {
        const whole = Math.trunc(factor.exponent.value)
        c = times(c, wholePower(fraction(factor.constant!, 1), whole))
        const rest = plus(factor.exponent, fraction(-whole, 1))
        if (!is(rest, 0)) plain.push(primeFactor(factor.constant!, rest))
      } else plain.push(factor)
    }
    if (!isExact(c) && plain.some(holdsNumber)) return this.term(c, plain)
    const sorted = plain.sort(compareFactors)
    return sorted.length === 0 ? numberTerm(c) : { coefficient: c, factors: sorted, key: keyOf(sorted) }
  }

  /** A number times a sum as several terms. */
  #expanded(term: Term): Sum {
    const [factor, ...others] = term.factors
    const isSum = factor?.inner?.kind === 'sum' && is(factor.exponent, 1) && others.length === 0
    return isSum ? this.scale(factor.inner.sum, term.coefficient) : [term]
  }

  #exponentialFactor(argument: Sum): readonly Factor[] {
    const short = this.shorten(argument)
    const base: Expression = { kind: 'call', name: 'exp', arguments: [write(short)] }
    return [this.bases.factor(base, toText(base), OTHER_RANK, { kind: 'exp', sum: argument })]
  }
}

/** Whether an inexact number would take something in from the factor. */
function holdsNumber({ constant, inner }: Factor): boolean {
  return (
    constant !== undefined ||
    (inner?.kind === 'exp' && inner.sum.some(term => variablePart(term).length === 0))
  )
}
