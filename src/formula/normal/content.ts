import type { Coefficient } from './coefficient.ts'
import { fraction, greatestDivisor, isExact, minus, one } from './coefficient.ts'
import type { Sum, Term } from './form.ts'

/** Denominators of fractions; larger ones are decimals', and x + 0.01 is better than 100 x + 1. */
const LARGEST_BOTTOM = 12
/** What is smaller beside the largest number of a sum may be a rounding error, and is no measure for the others. */
const LEAST = 1e-6

/**
 * The number that a sum of several terms is divided by when it becomes a factor. Whole numbers without a common divisor are
 * left where all are small fractions (4 x / 3 + 2 is 2/3 (2 x + 3)), else 1 before the first exact term, else before the first one. The
 * first term gets no minus, unless the number has to be positive.
 */
export function content(sum: Sum, isPositive: boolean): Coefficient {
  const lead = sum[0]!.coefficient
  const isNegative = lead.value < 0
  const largest = Math.max(...sum.map(term => Math.abs(term.coefficient.value)))
  const counts = (term: Term): boolean => Math.abs(term.coefficient.value) >= LEAST * largest
  const scale =
    (sum.find(term => isExact(term.coefficient) && counts(term)) ?? sum.find(counts))?.coefficient ?? lead
  let size = scale.value < 0 ? minus(scale) : scale
  if (sum.every(({ coefficient }) => isExact(coefficient) && coefficient.bottom <= LARGEST_BOTTOM)) {
    let [above, below] = [0, 1]
    for (const { coefficient } of sum) {
      above = greatestDivisor(above, Math.abs(coefficient.top))
      below = (below / greatestDivisor(below, coefficient.bottom)) * coefficient.bottom
    }
    if (!Number.isSafeInteger(below)) return one
    size = fraction(above, below)
  }
  return isNegative && !isPositive ? minus(size) : size
}
