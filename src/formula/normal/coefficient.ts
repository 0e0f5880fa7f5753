/**
 * A number of a formula: exact, a fraction top / bottom in lowest terms of whole numbers below 2^53, or, where bottom is 0, any
 * float64. Decimals of up to six digits count as exact: a person wrote them. The sign of 0 is dropped.
 */
export interface Coefficient {
  readonly value: number
  readonly top: number
  readonly bottom: number
}

/** A number left float64's range: the part of the formula where this happened stays as it is written. */
export class OutOfRange extends Error {}

/** Digits up to which a decimal is exact. */
const DIGITS = 6

const zero: Coefficient = { value: 0, top: 0, bottom: 1 }
export const one: Coefficient = { value: 1, top: 1, bottom: 1 }
export const minusOne: Coefficient = { value: -1, top: -1, bottom: 1 }
export const half: Coefficient = { value: 0.5, top: 1, bottom: 2 }

/** The coefficient of a number, exact or not, as it is written. Throws OutOfRange where it is not finite. */
export function coefficient(value: number): Coefficient {
  if (!Number.isFinite(value)) throw new OutOfRange(`${value} is out of range.`)
  if (Number.isSafeInteger(value)) return { value: value + 0, top: value + 0, bottom: 1 }
  const [mantissa, exponent] = value.toExponential().split('e')
  const digits = mantissa!.replace('.', '')
  const places = digits.replace('-', '').length - 1 - Number(exponent)
  if (digits.replace('-', '').length <= DIGITS && places > 0 && places <= 15)
    return fraction(Number(digits), 10 ** places)
  return { value, top: 0, bottom: 0 }
}

/** top / bottom of whole numbers below 2^53, bottom not 0, in lowest terms. */
export function fraction(top: number, bottom: number): Coefficient {
  const common = greatestDivisor(Math.abs(top), Math.abs(bottom)) * (bottom < 0 ? -1 : 1)
  const [above, below] = [top / common + 0, bottom / common]
  return { value: above / below, top: above, bottom: below }
}

export function isExact(a: Coefficient): boolean {
  return a.bottom !== 0
}

/** Whether it is this number (0 is also -0). */
export function is(a: Coefficient, value: number): boolean {
  return a.value === value
}

/** Whether it is a whole number, exact or by chance. */
export function isWhole(a: Coefficient): boolean {
  return Number.isInteger(a.value)
}

export function isEven(a: Coefficient): boolean {
  return a.value % 2 === 0
}

export function plus(a: Coefficient, b: Coefficient): Coefficient {
  if (!isExact(a) || !isExact(b)) return inexact(a.value + b.value, true)
  return exactOr(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom, a.value + b.value)
}

export function times(a: Coefficient, b: Coefficient): Coefficient {
  if (is(a, 1)) return b
  if (is(b, 1)) return a
  if (is(a, 0) || is(b, 0)) return zero
  if (!isExact(a) || !isExact(b)) return inexact(a.value * b.value)
  // Crosswise first, so that fewer products leave the whole numbers.
  const common = [greatestDivisor(Math.abs(a.top), b.bottom), greatestDivisor(Math.abs(b.top), a.bottom)]
  const top = (a.top / common[0]!) * (b.top / common[1]!)
  const bottom = (a.bottom / common[1]!) * (b.bottom / common[0]!)
  return exactOr(top, bottom, a.value * b.value)
}

export function minus(a: Coefficient): Coefficient {
  return { value: -a.value + 0, top: -a.top + 0, bottom: a.bottom }
}

/** 1 / a. Throws OutOfRange for 0. */
function inverse(a: Coefficient): Coefficient {
  return isExact(a) && a.top !== 0 ? exactOr(a.bottom, a.top, 1 / a.value) : inexact(1 / a.value)
}

/** a / b. Throws OutOfRange for b = 0. */
export function over(a: Coefficient, b: Coefficient): Coefficient {
  return isExact(a) && isExact(b) ? times(a, inverse(b)) : inexact(a.value / b.value)
}

/** a to a whole power. */
export function wholePower(a: Coefficient, n: number): Coefficient {
  if (n < 0) return inverse(wholePower(a, -n))
  if (!isExact(a)) return inexact(a.value ** n)
  return exactOr(a.top ** n, a.bottom ** n, a.value ** n)
}

/**
 * A number that came out of a calculation in float64; exact where it happens to be short, as it would be read so again. Throws
 * OutOfRange where it is not finite, or vanished without being 0.
 */
export function inexact(value: number, mayVanish = false): Coefficient {
  if (!mayVanish && Math.abs(value) < 2 ** -1000) throw new OutOfRange(`${value} is out of range.`)
  return coefficient(value)
}

/** The greatest common divisor of two whole numbers of at least 0. */
export function greatestDivisor(a: number, b: number): number {
  let [large, small] = [a, b]
  while (small !== 0) [large, small] = [small, large % small]
  return large
}

/** Whether a fraction is a decimal that counts as exact: 5 and 2 only in its denominator, and six digits at most. */
export function isDecimal(bottom: number, value: number): boolean {
  let rest = bottom
  for (const prime of [2, 5]) while (rest % prime === 0) rest /= prime
  return rest === 1 && Number(value.toPrecision(DIGITS)) === value
}

/** Nobody writes fractions of larger numbers: they become plain numbers. */
const LARGEST = 1000

function exactOr(top: number, bottom: number, value: number): Coefficient {
  if (Number.isSafeInteger(top) && Number.isSafeInteger(bottom)) {
    const exact = fraction(top, bottom)
    const isSmall = Math.abs(exact.top) <= LARGEST && exact.bottom <= LARGEST
    if (exact.bottom === 1 || isSmall || isDecimal(exact.bottom, exact.value)) return exact
  }
  return inexact(value, top === 0)
}
