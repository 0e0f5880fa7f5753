import { constants } from '../functions.ts'
import type { Expression } from '../tree.ts'
import type { Coefficient } from './coefficient.ts'
import { inexact, isEven, isWhole, one, times } from './coefficient.ts'

/**
 * A formula in normal form: a sum of terms, each a number times powers of bases. Terms and factors are sorted, no two terms
 * have the same factors, no number is 0. The empty sum is 0.
 */
export type Sum = readonly Term[]

/** coefficient * product of base^exponent. */
export interface Term {
  readonly coefficient: Coefficient
  readonly factors: readonly Factor[]
  /** Equal for terms with the same factors. */
  readonly key: string
}

/** base^exponent. A base is a variable, pi, e, a prime number under a root, a call, a sum, or u^v with v no number. */
export interface Factor {
  readonly base: Expression
  /** Equal for equal bases: the base as text. */
  readonly key: string
  /** Where a base stands among others: numbers, pi and e, variables, calls and powers, sums. */
  readonly rank: number
  /** The first of its variables; empty where there is none. */
  readonly lead: string
  readonly exponent: Coefficient
  /** The sum that the base is, or the argument of exp(..), log(..) or abs(..), into which rules look. */
  readonly inner: { readonly kind: 'sum' | 'exp' | 'log' | 'abs'; readonly sum: Sum } | undefined
  /** Whether the base is nowhere negative: where it may be, sqrt(x)^2 is not x. */
  readonly nonnegative: boolean
  /** The value of a base that is a number. */
  readonly constant: number | undefined
}

const NUMBER_RANK = 0
export const CONSTANT_RANK = 1
export const VARIABLE_RANK = 2
export const OTHER_RANK = 3
export const SUM_RANK = 4

const noFactors: readonly Factor[] = []

/** The term that is a number. */
export function numberTerm(coefficient: Coefficient): Term {
  return { coefficient, factors: noFactors, key: '' }
}

/** A number as a sum. */
export function numberSum(coefficient: Coefficient): Sum {
  return coefficient.value === 0 ? [] : [numberTerm(coefficient)]
}

/** The number that the sum is, or undefined; pi and sqrt(2) are none. */
export function asNumber(sum: Sum): Coefficient | undefined {
  if (sum.length === 0) return { value: 0, top: 0, bottom: 1 }
  return sum.length === 1 && sum[0]!.factors.length === 0 ? sum[0]!.coefficient : undefined
}

/** pi or e as a factor. */
export function constantFactor(name: 'pi' | 'e'): Factor {
  const base: Expression = { kind: 'constant', name }
  const constant = constants[name]
  return {
    base,
    key: name,
    rank: CONSTANT_RANK,
    lead: '',
    exponent: one,
    inner: undefined,
    nonnegative: true,
    constant,
  }
}

/** A prime under a root. */
export function primeFactor(prime: number, exponent: Coefficient): Factor {
  const base: Expression = { kind: 'number', value: prime }
  const common = { lead: '', inner: undefined, nonnegative: true, constant: prime }
  return { base, key: `${prime}`.padStart(8, '0'), rank: NUMBER_RANK, exponent, ...common }
}

/** The order of factors in a product. */
export function compareFactors(a: Factor, b: Factor): number {
  return compareBases(a, b) || b.exponent.value - a.exponent.value
}

function compareBases(a: Factor, b: Factor): number {
  if (a.rank !== b.rank) return a.rank - b.rank
  if (a.key === b.key) return 0
  return a.rank === VARIABLE_RANK ? compareNames(a.key, b.key) : compareTexts(a.key, b.key)
}

/** x2 before x10: numbers at the end of names count as numbers. */
export function compareNames(a: string, b: string): number {
  const [first, second] = [/^(.*?)(\d*)$/.exec(a)!, /^(.*?)(\d*)$/.exec(b)!]
  return compareTexts(first[1]!, second[1]!) || Number(first[2]) - Number(second[2]) || compareTexts(a, b)
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The order of terms in a sum: by the first variable that occurs, numbers last; x^2, x y, x, sin(x), y^2, y, 1. */
export function compareTerms(a: Term, b: Term): number {
  const [first, second] = [variablePart(a), variablePart(b)]
  if (first.length === 0 || second.length === 0)
    return second.length - first.length || compareTexts(a.key, b.key)
  const byLead = compareNames(leadOf(first), leadOf(second))
  if (byLead !== 0) return byLead
  for (let i = 0; i < Math.min(first.length, second.length); i++) {
    const order = compareFactors(first[i]!, second[i]!)
    if (order !== 0) return order
  }
  return second.length - first.length || compareTexts(a.key, b.key)
}

function leadOf(factors: readonly Factor[]): string {
  return factors.reduce(
    (lead, factor) => (compareNames(factor.lead, lead) < 0 ? factor.lead : lead),
    factors[0]!.lead,
  )
}

/** The factors that are no numbers. */
export function variablePart(term: Term): readonly Factor[] {
  const { factors } = term
  // Numbers rank first.
  return factors[0]?.constant === undefined
    ? factors
    : factors.filter(factor => factor.constant === undefined)
}

/** The key of a product of these factors. */
export function keyOf(factors: readonly Factor[]): string {
  return factors.map(({ key, exponent }) => `${key}^${exponent.value}`).join('*')
}

/** The number that a term is but for its variables: coefficient, pi and roots. */
export function valueOfNumbers(term: Term): Coefficient {
  return term.factors.reduce(
    (value, { constant, exponent }) =>
      constant === undefined ? value : times(value, inexact(constant ** exponent.value, true)),
    term.coefficient,
  )
}

/** Whether a factor is nowhere negative, be it by an even power. */
export function isNonnegativeFactor(factor: Factor): boolean {
  return (
    factor.nonnegative || factor.inner?.kind === 'exp' || isEven(factor.exponent) || !isWhole(factor.exponent)
  )
}
