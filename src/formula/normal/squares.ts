import type { Algebra } from './algebra.ts'
import { coefficient, fraction, isEven, isExact, times } from './coefficient.ts'
import type { Coefficient } from './coefficient.ts'
import { content } from './content.ts'
import type { Sum, Term } from './form.ts'

/** Longer sums are not searched: every pair of terms is tried. */
const MOST_TERMS = 12

/**
 * The sum with a^2 u^2 + 2 a b u v + b^2 v^2 written as (a u + b v)^2, for exact a and b, up to a number that all terms share;
 * undefined where there is no such square.
 */
export function squared(sum: Sum, algebra: Algebra): Sum | undefined {
  if (sum.length < 3 || sum.length > MOST_TERMS || !sum.every(term => isExact(term.coefficient)))
    return undefined
  const c = content(sum, false)
  let rest = algebra.divide(sum, c)
  let isFound = false
  for (let square = findSquare(rest, algebra); square !== undefined; square = findSquare(rest, algebra)) {
    const { parts, root } = square
    rest = algebra.add(
      rest.filter(term => !parts.includes(term)),
      algebra.raise(root, coefficient(2)),
    )
    isFound = true
  }
  return isFound ? algebra.scale(rest, c) : undefined
}

/** Three terms that are a square, and its root. */
function findSquare(
  sum: Sum,
  algebra: Algebra,
): { readonly parts: readonly Term[]; readonly root: Sum } | undefined {
  const roots = sum.map(term => rootOf(term, algebra))
  for (const [i, first] of roots.entries())
    for (const [j, second] of roots.entries()) {
      if (j <= i || first === undefined || second === undefined) continue
      const cross = algebra.product(first, second)
      const twice = times(cross.coefficient, coefficient(2)).value
      const between = sum.find(
        ({ key, coefficient }) => key === cross.key && Math.abs(coefficient.value) === twice,
      )
      if (between === undefined || between === sum[i] || between === sum[j]) continue
      const sign = coefficient(Math.sign(between.coefficient.value))
      const root = algebra.add([first], algebra.scale([second], sign))
      return { parts: [sum[i]!, sum[j]!, between], root }
    }
  return undefined
}

/** The positive root of a term that is a square of an exact one. */
function rootOf({ coefficient: c, factors }: Term, algebra: Algebra): Term | undefined {
  const size = exactRoot(c)
  const isSquare = factors.every(factor => isEven(factor.exponent) && factor.inner?.kind !== 'exp')
  if (size === undefined || !isSquare) return undefined
  const half = fraction(1, 2)
  return algebra.term(
    size,
    factors.map(factor => ({ ...factor, exponent: times(factor.exponent, half) })),
  )
}

function exactRoot({ top, bottom }: Coefficient): Coefficient | undefined {
  const [p, q] = [Math.sqrt(top), Math.sqrt(bottom)]
  return Number.isInteger(p) && Number.isInteger(q) && p > 0 ? fraction(p, q) : undefined
}
