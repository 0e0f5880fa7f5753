import type { Algebra } from './algebra.ts'
import { isExact, isWhole, minus, one } from './coefficient.ts'
import type { Coefficient } from './coefficient.ts'
import { content } from './content.ts'
import type { Factor, Sum, Term } from './form.ts'
import { wholePowerOf } from './powers.ts'

/**
 * The sum as one quotient, on a common denominator, with what both sides share cancelled:
 *
 *     1 - 1/(u/v + 1)                              u/(u + v)
 *     (1 - 1/(u/v + 1)) (v y/u + x)                (u x + v y)/(u + v)
 *
 * Undefined where there is no quotient within a sum, where an inexact number would be spread over terms, and where a side
 * gets too long. `expand` multiplies out.
 */
export function asQuotient(
  sum: Sum,
  algebra: Algebra,
  expand: (sum: Sum) => Sum | undefined,
): Sum | undefined {
  // What divides is left to what it divides: x/(1 - y/z) is not x z/(z - y).
  if (sum.length === 1 && sum[0]!.factors.length === 1) return undefined
  if (!sum.some(term => term.factors.some(holdsQuotient)) && !(sum.length > 1 && sum.some(isQuotient)))
    return undefined
  const quotient = joined(sum, algebra, expand)
  return quotient && algebra.unwrapped(quotient)
}

/** Whether it is a sum to a whole power, and a term of that is a quotient. */
function holdsQuotient({ inner, exponent }: Factor): boolean {
  return inner?.kind === 'sum' && isWhole(exponent) && inner.sum.some(isQuotient)
}

/** Whether it is divided by something, or holds a sum that is. */
function isQuotient({ factors }: Term): boolean {
  return factors.some(factor => isBelow(factor) || holdsQuotient(factor))
}

function isBelow({ exponent, inner, constant }: Factor): boolean {
  return exponent.value < 0 && isWhole(exponent) && inner?.kind !== 'exp' && constant === undefined
}

function joined(sum: Sum, algebra: Algebra, expand: (sum: Sum) => Sum | undefined): Term | undefined {
  const terms: Term[] = []
  for (const term of sum) {
    let product = algebra.term(
      term.coefficient,
      term.factors.filter(factor => !holdsQuotient(factor)),
    )
    for (const factor of term.factors.filter(holdsQuotient)) {
      const base = joined(factor.inner!.sum, algebra, expand)
      if (base === undefined) return undefined
      product = algebra.product(product, wholePowerOf(base, factor.exponent, algebra))
    }
    terms.push(product)
  }
  if (terms.length === 1) return terms[0]
  if (!terms.every(term => isExact(term.coefficient))) return undefined
  const below = shared(terms, exponent => Math.min(0, exponent))
  const numerator = expand(divided(terms, below, algebra))
  if (numerator === undefined || numerator.length === 0) return undefined
  const above = shared(numerator, exponent => Math.max(0, exponent))
  const rest = divided(numerator, above, algebra)
  if (rest.length === 1) return algebra.product(rest[0]!, algebra.term(one, [...above, ...below]))
  const c = content(rest, false)
  return algebra.term(c, [...above, ...below, algebra.sumFactor(algebra.divide(rest, c), one)])
}

/** The whole powers that can be drawn out of all terms, those that `part` leaves: the least of each base, 0 where it is not there. */
function shared(terms: readonly Term[], part: (exponent: number) => number): Factor[] {
  const all = new Map<string, Factor>()
  for (const factor of terms.flatMap(({ factors }) => factors))
    if (isWhole(factor.exponent) && factor.inner?.kind !== 'exp' && factor.constant === undefined)
      all.set(factor.key, factor)
  return [...all.values()].flatMap(factor => {
    const own = terms.map(term => term.factors.filter(({ key }) => key === factor.key))
    if (own.some(same => same.length > 1 || same.some(({ exponent }) => !isWhole(exponent)))) return []
    const exponents = own.map(([same]): Coefficient => same?.exponent ?? { value: 0, top: 0, bottom: 1 })
    const least = exponents.reduce((a, b) => (b.value < a.value ? b : a))
    return part(least.value) === least.value && least.value !== 0 ? [{ ...factor, exponent: least }] : []
  })
}

function divided(terms: readonly Term[], factors: readonly Factor[], algebra: Algebra): Sum {
  const divisors = factors.map(factor => ({ ...factor, exponent: minus(factor.exponent) }))
  return algebra.sum(terms.map(term => algebra.term(term.coefficient, [...term.factors, ...divisors])))
}
