import { complexity } from '../complexity.ts'
import { toText } from '../print/text.ts'
import type { Algebra } from './algebra.ts'
import { content } from './content.ts'
import { OutOfRange, isWhole, minus, one } from './coefficient.ts'
import type { Factor, Sum, Term } from './form.ts'
import { write } from './write.ts'

/** Products of sums are multiplied out up to this many terms, and this power of a sum. */
const MOST_TERMS = 24
const MOST_POWER = 4

/**
 * The shortest of a sum's forms by complexity: as it is, with its products of sums multiplied out, and each of those with the
 * factors that all terms have in common drawn out. So (x + 1)^2 - x^2 becomes 2 x + 1, x y + x z becomes x (y + z), and
 * (x + 0.3)^2 stays. Of equally short ones the one of fewer
 * terms, else the first in the order of their text.
 */
export function shorten(sum: Sum, algebra: Algebra): Sum {
  const forms = [sum]
  const offer = (form: () => Sum | undefined): void => {
    const other = unlessOutOfRange(form)
    if (other !== undefined) forms.push(other)
  }
  if (sum.some(term => term.factors.some(isExpandable))) offer(() => expand(sum, algebra))
  for (const form of forms.slice()) offer(() => drawOut(form, algebra))
  if (forms.length === 1) return sum
  const ranked = forms.map(form => {
    const tree = write(form)
    return { form, weight: complexity(tree), text: toText(tree) }
  })
  ranked.sort((a, b) => a.weight - b.weight || a.form.length - b.form.length || (a.text < b.text ? -1 : 1))
  return ranked[0]!.form
}

/** What it gives, or undefined where numbers leave float64's range on the way. */
function unlessOutOfRange<T>(form: () => T): T | undefined {
  try {
    return form()
  } catch (error) {
    if (error instanceof OutOfRange) return undefined
    throw error
  }
}

function isExpandable({ inner, exponent }: Factor): boolean {
  return inner?.kind === 'sum' && isWhole(exponent) && exponent.value > 0 && exponent.value <= MOST_POWER
}

/** Products of sums multiplied out; undefined where that has too many terms. */
function expand(sum: Sum, algebra: Algebra): Sum | undefined {
  let total: Sum = []
  for (const term of sum) {
    let product: Sum = [
      algebra.term(
        term.coefficient,
        term.factors.filter(factor => !isExpandable(factor)),
      ),
    ]
    for (const factor of term.factors.filter(isExpandable))
      for (let n = 0; n < factor.exponent.value; n++) {
        if (product.length * factor.inner!.sum.length > MOST_TERMS) return undefined
        product = algebra.sum(
          product.flatMap(left => factor.inner!.sum.map(right => algebra.product(left, right))),
        )
      }
    total = algebra.add(total, product)
    if (total.length > MOST_TERMS) return undefined
  }
  return total
}

/** The factors and the number that all terms share, times the rest; undefined where there are none. */
function drawOut(sum: Sum, algebra: Algebra): Sum | undefined {
  const [first, ...others] = sum
  if (first === undefined || others.length === 0) return undefined
  const shared: Factor[] = []
  for (const factor of first.factors) {
    const exponents = [factor, ...others.map(term => sameBase(term, factor))].map(same => same?.exponent)
    const least = leastCommon(exponents.map(exponent => exponent?.value ?? 0))
    const exponent = exponents.find(exponent => exponent?.value === least)
    if (least !== 0 && exponent !== undefined) shared.push({ ...factor, exponent })
  }
  const divisors = shared.map(factor => ({ ...factor, exponent: minus(factor.exponent) }))
  const rest =
    shared.length === 0
      ? sum
      : algebra.sum(sum.map(term => algebra.term(term.coefficient, [...term.factors, ...divisors])))
  if (rest.length < 2) return undefined
  const c = content(rest, false)
  if (shared.length === 0 && Math.abs(c.value) === 1) return undefined
  return [algebra.term(c, [...shared, algebra.sumFactor(algebra.divide(rest, c), one)])]
}

function sameBase(term: Term, { key }: Factor): Factor | undefined {
  const same = term.factors.filter(factor => factor.key === key)
  return same.length === 1 ? same[0] : undefined
}

/** The exponent that can be drawn out of all: the one nearest 0 of whole ones with one sign, or the one that all have; else 0. */
function leastCommon(exponents: readonly number[]): number {
  const [first] = exponents
  if (exponents.every(exponent => exponent === first)) return first!
  if (!exponents.every(Number.isInteger)) return 0
  if (exponents.every(exponent => exponent > 0)) return Math.min(...exponents)
  return exponents.every(exponent => exponent < 0) ? Math.max(...exponents) : 0
}
