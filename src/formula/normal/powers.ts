import { toText } from '../print/text.ts'
import type { Algebra } from './algebra.ts'
import type { Coefficient } from './coefficient.ts'
import {
  inexact,
  is,
  isEven,
  isWhole,
  minus,
  minusOne,
  one,
  OutOfRange,
  times,
  wholePower,
} from './coefficient.ts'
import { content } from './content.ts'
import { isNonnegativeFactor, numberSum, SUM_RANK } from './form.ts'
import type { Factor, Sum, Term } from './form.ts'
import { constantPower } from './roots.ts'
import { write } from './write.ts'

/**
 * Powers of normal forms:
 *
 *     (c u^a v^b)^n     c^n u^(a n) v^(b n) for a whole n; sqrt(x)^2 keeps that x is not negative, where that is not known
 *     (c u)^r           c^r u^r for c > 0;  (u v)^r is u^r v^r where u is positive, or neither is negative
 *     (u^2)^(1/2)       |u|, which is u where it is not negative
 *     (c u + d)^r       c^r (u + d/c)^r, with whole numbers kept whole: see content
 *
 * Throws OutOfRange for 0 to a power that is not positive.
 */
export function raised(a: Sum, exponent: Coefficient, algebra: Algebra): Sum {
  if (is(exponent, 0)) return numberSum(one)
  if (is(exponent, 1)) return a
  if (a.length === 0) {
    if (exponent.value > 0) return []
    throw new OutOfRange('1/0')
  }
  const whole = isWhole(exponent)
  const short = shortBase(a, exponent, algebra)
  if (short.length === 1) {
    const power = whole ? wholePowerOf(short[0]!, exponent, algebra) : rootOf(short[0]!, exponent, algebra)
    return algebra.unwrapped(power)
  }
  const full = content(short, !whole)
  const isRoot = constantPower(full, exponent).factors.length > 0 // sqrt(2 x + 4) stays
  const c = isRoot ? one : full
  const { coefficient, factors } = constantPower(c, exponent)
  const factor = algebra.sumFactor(algebra.divide(short, c), exponent)
  return algebra.unwrapped(algebra.term(coefficient, [...factors, factor]))
}

/** The base of a power, shortened; but sqrt(2 x + 4) is not sqrt(2) sqrt(x + 2), and no minus goes under a root. */
function shortBase(base: Sum, exponent: Coefficient, algebra: Algebra): Sum {
  const short = algebra.shorten(base)
  if (short.length > 1 || isWhole(exponent)) return short
  const c = short[0]!.coefficient
  return c.value > 0 && constantPower(c, exponent).factors.length === 0 ? short : base
}

/** A term to a whole power. */
export function wholePowerOf({ coefficient, factors }: Term, n: Coefficient, algebra: Algebra): Term {
  const raised = factors.flatMap(factor => {
    const exponent = times(factor.exponent, n)
    return factor.inner?.kind === 'exp'
      ? [{ ...factor, exponent }]
      : algebra.restricted(factor, exponent, !isWhole(factor.exponent))
  })
  return algebra.term(wholePower(coefficient, n.value), raised)
}

/** A term to a power that is not whole; it exists where the term is not negative. */
function rootOf(term: Term, exponent: Coefficient, algebra: Algebra): Term {
  const { coefficient, factors } = withPositive(term, algebra)
  const outside: Factor[] = []
  const inside: Factor[] = []
  for (const factor of factors) {
    if (factor.inner?.kind === 'exp' || algebra.bases.isPositive(factor))
      outside.push({ ...factor, exponent: times(factor.exponent, exponent) })
    else inside.push(factor)
  }
  const isPositive = coefficient.value > 0
  if (isPositive && inside.every(isNonnegativeFactor))
    for (const factor of inside) {
      const total = times(factor.exponent, exponent)
      const isSize = isEven(factor.exponent) && !factor.nonnegative && !isEven(total)
      outside.push({ ...(isSize ? absolute(factor, algebra) : factor), exponent: total })
    }
  else if (isPositive && inside.length === 1)
    outside.push(...algebra.restricted(inside[0]!, times(inside[0]!.exponent, exponent), true))
  else {
    const rest = [algebra.term(isPositive ? one : minusOne, inside)]
    const base = write(rest)
    const factor = algebra.bases.factor(base, toText(base), SUM_RANK, { kind: 'sum', sum: rest })
    outside.push({ ...factor, exponent })
  }
  const size = constantPower(isPositive ? coefficient : minus(coefficient), exponent)
  return algebra.term(size.coefficient, [...size.factors, ...outside])
}

/** The term with 9 - x in place of x - 9 in odd powers, where that is known to be positive: sqrt(-1/(x - 9)) is 1/sqrt(9 - x). */
function withPositive(term: Term, algebra: Algebra): Term {
  const { coefficient, factors } = term
  let c = coefficient
  const turned = factors.map(factor => {
    const isOdd = isWhole(factor.exponent) && !isEven(factor.exponent)
    if (factor.inner?.kind !== 'sum' || factor.nonnegative || !isOdd) return factor
    const opposite = algebra.sumFactor(algebra.negative(factor.inner.sum), factor.exponent)
    if (!opposite.nonnegative) return factor
    c = minus(c)
    return opposite
  })
  return turned.every((factor, i) => factor === factors[i]) ? term : algebra.term(c, turned)
}

function absolute(factor: Factor, algebra: Algebra): Factor {
  return algebra.call('abs', [algebra.term(one, [{ ...factor, exponent: one }])])[0]!.factors[0]!
}

/** u^v for a v that is no number; whole values of numbers, as 1^pi, are numbers. */
export function raisedToSum(base: Sum, exponent: Sum, algebra: Algebra): Sum {
  const [left, right] = [write(algebra.shorten(base)), write(algebra.shorten(exponent))]
  const power = algebra.atom({ kind: 'power', left, right })
  const value = power[0]!.factors[0]!.constant
  return value !== undefined && Number.isSafeInteger(value) ? numberSum(inexact(value, true)) : power
}
