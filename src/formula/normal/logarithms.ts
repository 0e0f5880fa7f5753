import type { Algebra } from './algebra.ts'
import { is, minusOne, one } from './coefficient.ts'
import type { Factor, Sum, Term } from './form.ts'

/**
 * The sum with c log(u) + c log(v) written as c log(u v), and c log(u) - c log(v) as c log(u/v), for any factor c, where neither
 * u nor v is negative: elsewhere log(u v) may exist where log(u) does not. Undefined where there are no such terms.
 */
export function joined(sum: Sum, algebra: Algebra): Sum | undefined {
  let rest = sum
  let isFound = false
  for (let pair = findPair(rest, algebra); pair !== undefined; pair = findPair(rest, algebra)) {
    const { parts, whole } = pair
    rest = algebra.add(
      rest.filter(term => !parts.includes(term)),
      whole,
    )
    isFound = true
  }
  return isFound ? rest : undefined
}

function findPair(
  sum: Sum,
  algebra: Algebra,
): { readonly parts: readonly Term[]; readonly whole: Sum } | undefined {
  const logs = sum.flatMap(term => {
    const factor = term.factors.find(isLogarithm)
    if (factor?.inner === undefined || !algebra.isNonnegative(factor.inner.sum)) return []
    const others = algebra.term(
      one,
      term.factors.filter(other => other !== factor),
    )
    return [{ term, others, argument: factor.inner.sum }]
  })
  for (const [i, first] of logs.entries())
    for (const second of logs.slice(i + 1)) {
      const c = first.term.coefficient
      const isSame = is(second.term.coefficient, c.value)
      if (first.others.key !== second.others.key || !(isSame || is(second.term.coefficient, -c.value)))
        continue
      const other = isSame ? second.argument : algebra.raise(second.argument, minusOne)
      const whole = algebra.call('log', algebra.multiply(first.argument, other))
      return {
        parts: [first.term, second.term],
        whole: algebra.multiply([algebra.term(c, first.others.factors)], whole),
      }
    }
  return undefined
}

function isLogarithm({ inner, exponent }: Factor): boolean {
  return inner?.kind === 'log' && is(exponent, 1)
}
