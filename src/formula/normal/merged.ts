import { complexity } from '../complexity.ts'
import type { Algebra } from './algebra.ts'
import { isWhole, one } from './coefficient.ts'
import type { Factor, Sum, Term } from './form.ts'
import { write } from './write.ts'

/** Products of longer sums are hardly shorter than their factors. */
const MOST_TERMS = 4

/**
 * The sum with factors of equal powers as one, where that is shorter: (3 - v)^(1/2) (v + 3)^(1/2) is (9 - v^2)^(1/2), and
 * (1 - x)^n (1 + x)^n is (1 - x^2)^n. Of powers that are not whole one base must be nowhere negative by the bounds of the
 * variables, as the root of a product of two negative numbers exists and their roots do not. `expand` multiplies out.
 * Undefined where nothing is merged.
 */
export function merged(sum: Sum, algebra: Algebra, expand: (sum: Sum) => Sum | undefined): Sum | undefined {
  const terms = sum.map(term => mergedTerm(term, algebra, expand))
  return terms.some((term, t) => term !== sum[t]) ? algebra.sum(terms) : undefined
}

function mergedTerm(term: Term, algebra: Algebra, expand: (sum: Sum) => Sum | undefined): Term {
  for (const [a, first] of term.factors.entries())
    for (const second of term.factors.slice(a + 1)) {
      const factor = mergedPair(first, second, algebra, expand)
      if (factor === undefined) continue
      const others = term.factors.filter(other => other !== first && other !== second)
      return mergedTerm(algebra.term(term.coefficient, [...others, factor]), algebra, expand)
    }
  return term
}

function mergedPair(
  first: Factor,
  second: Factor,
  algebra: Algebra,
  expand: (sum: Sum) => Sum | undefined,
): Factor | undefined {
  const { exponent } = first
  if (exponent.value !== second.exponent.value || exponent.value === 1) return undefined
  if (!isMergeable(first) || !isMergeable(second)) return undefined
  if (!isWhole(exponent) && !first.nonnegative && !second.nonnegative) return undefined
  const product = algebra.term(one, [
    { ...first, exponent: one },
    { ...second, exponent: one },
  ])
  const base = expand([product])
  if (base === undefined || base.length < 2) return undefined
  const factor = algebra.sumFactor(base, exponent)
  const apart = algebra.term(one, [first, second])
  return complexity(write([algebra.term(one, [factor])])) < complexity(write([apart])) ? factor : undefined
}

function isMergeable({ inner }: Factor): boolean {
  return inner?.kind === 'sum' && inner.sum.length > 1 && inner.sum.length <= MOST_TERMS
}
