import type { Algebra } from './algebra.ts'
import { is, isWhole, minus, plus, times } from './coefficient.ts'
import type { Coefficient } from './coefficient.ts'
import type { Factor, Sum, Term } from './form.ts'

/**
 * The sum with powers of a base put together that stand beside a power of a sum and in all terms of that:
 *
 *     u^e (u^m S)^k = u^(e + k m) S^k, where that leaves a smaller power of u: |e + k m| < |e|
 *
 * So x^2/(x^3 + x) is x/(x^2 + 1) and x^2 (1/x + 3)^2 is (3 x + 1)^2, at 0 too, where the first form has no value. Of powers that
 * are not whole u must be nowhere negative by the bounds of the variables. Undefined where nothing is put together.
 */
export function cancelled(sum: Sum, algebra: Algebra): Sum | undefined {
  const terms = sum.map(term => cancelledTerm(term, algebra))
  if (terms.every(term => term === undefined)) return undefined
  return algebra.sum(terms.flatMap((term, t) => term ?? [sum[t]!]))
}

function cancelledTerm({ coefficient, factors }: Term, algebra: Algebra): Sum | undefined {
  for (const power of factors) {
    if (power.inner?.kind !== 'sum') continue
    for (const factor of factors) {
      const m = factor === power ? undefined : commonPower(power.inner.sum, factor)
      if (m === undefined || is(m, 0)) continue
      const total = plus(factor.exponent, times(power.exponent, m))
      const isLess = Math.abs(total.value) < Math.abs(factor.exponent.value)
      const isOfWhole = [m, factor.exponent, power.exponent].every(isWhole)
      if (!isLess || !(isOfWhole || factor.nonnegative)) continue
      const divisor = { ...factor, exponent: minus(m) }
      const rest = power.inner.sum.map(term => algebra.term(term.coefficient, [...term.factors, divisor]))
      const others = factors.filter(other => other !== power && other !== factor)
      const beside = algebra.term(coefficient, [...others, { ...factor, exponent: total }])
      return algebra.multiply([beside], algebra.raise(algebra.sum(rest), power.exponent))
    }
  }
  return undefined
}

/** The least power of a factor's base in the terms of a sum; undefined where one has two of them, or they are not whole. */
function commonPower(sum: Sum, { key, constant, inner, nonnegative }: Factor): Coefficient | undefined {
  if (constant !== undefined || inner?.kind === 'exp') return undefined
  let least: Coefficient | undefined
  for (const { factors } of sum) {
    const [own, ...more] = factors.filter(factor => factor.key === key)
    const exponent = own?.exponent ?? { value: 0, top: 0, bottom: 1 }
    if (more.length > 0 || !(isWhole(exponent) || nonnegative)) return undefined
    if (least === undefined || exponent.value < least.value) least = exponent
  }
  return least
}
