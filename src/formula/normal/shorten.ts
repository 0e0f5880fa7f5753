import { complexity } from '../complexity.ts'
import { toText } from '../print/text.ts'
import type { Algebra } from './algebra.ts'
import { cancelled } from './cancelled.ts'
import { content } from './content.ts'
import { OutOfRange, isWhole, minus, one } from './coefficient.ts'
import type { Factor, Sum, Term } from './form.ts'
import { joined } from './logarithms.ts'
import { merged } from './merged.ts'
import { asQuotient } from './quotients.ts'
import { squared } from './squares.ts'
import { write } from './write.ts'

/** Products of sums are multiplied out up to this many terms, and this power of a sum. */
const MOST_TERMS = 24
const MOST_POWER = 4

/**
 * The shortest of a sum's forms by complexity: as it is, with its products of sums multiplied out, as one quotient, each of those
 * with factors of equal powers, perfect squares and logarithms put together, and with what all terms have in common drawn out. So
 * (x + 1)^2 - x^2 becomes 2 x + 1, x y + x z becomes x (y + z), x^2 - 2 x y + y^2 becomes (x - y)^2, sqrt(1 - x) sqrt(x + 1) becomes
 * sqrt(1 - x^2) where these roots exist, and (x + 0.3)^2 stays. Of equally short ones the one where no mere number is drawn out and
 * terms stay apart, then the one of fewer terms, then the first in the order of their text. First what cancels is cancelled.
 */
export function shorten(sum: Sum, algebra: Algebra): Sum {
  const less = unlessOutOfRange(() => cancelled(sum, algebra))
  if (less !== undefined) return shorten(less, algebra)
  const forms: Form[] = [{ sum, isScaled: false }]
  const offer = (sum: Sum | undefined, isScaled = false): void => {
    if (sum !== undefined) forms.push({ sum, isScaled })
  }
  if (sum.some(term => term.factors.some(isExpandable))) offer(unlessOutOfRange(() => expand(sum, algebra)))
  offer(
    unlessOutOfRange(() => asQuotient(sum, algebra, product => expand(product, algebra))),
    true,
  )
  for (const form of forms.slice())
    offer(unlessOutOfRange(() => merged(form.sum, algebra, product => expand(product, algebra))))
  for (const form of forms.slice()) offer(unlessOutOfRange(() => squared(form.sum, algebra)))
  for (const form of forms.slice()) offer(unlessOutOfRange(() => joined(form.sum, algebra)))
  for (const form of forms.slice()) {
    offer(unlessOutOfRange(() => drawOut(form.sum, algebra)))
    offer(
      unlessOutOfRange(() => drawOutNumber(form.sum, algebra)),
      true,
    )
  }
  if (forms.length === 1) return sum
  const ranked = forms.map(form => {
    const tree = write(form.sum)
    return { ...form, weight: complexity(tree), text: toText(tree) }
  })
  ranked.sort(
    (a, b) =>
      a.weight - b.weight ||
      Number(a.isScaled) - Number(b.isScaled) ||
      a.sum.length - b.sum.length ||
      (a.text < b.text ? -1 : 1),
  )
  return ranked[0]!.sum
}

interface Form {
  readonly sum: Sum
  /** Whether a number and nothing else was drawn out, or quotients put together: x/(1 - y/z) is no shorter as one. */
  readonly isScaled: boolean
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

/** The factors that all terms share, times the rest; undefined where there are none. */
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
  if (shared.length === 0) return undefined
  const divisors = shared.map(factor => ({ ...factor, exponent: minus(factor.exponent) }))
  const rest = algebra.sum(sum.map(term => algebra.term(term.coefficient, [...term.factors, ...divisors])))
  return rest.length < 2 ? undefined : asFactor(rest, shared, algebra)
}

/** The number that all terms share, times the rest: 3 (x - y). */
function drawOutNumber(sum: Sum, algebra: Algebra): Sum | undefined {
  return sum.length < 2 || Math.abs(content(sum, false).value) === 1 ? undefined : asFactor(sum, [], algebra)
}

function asFactor(sum: Sum, others: readonly Factor[], algebra: Algebra): Sum {
  const c = content(sum, false)
  return [algebra.term(c, [...others, algebra.sumFactor(algebra.divide(sum, c), one)])]
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
