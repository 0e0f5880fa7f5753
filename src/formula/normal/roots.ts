import type { Coefficient } from './coefficient.ts'
import { fraction, inexact, is, isExact, isWhole, one, times, wholePower } from './coefficient.ts'
import { primeFactor } from './form.ts'
import type { Factor } from './form.ts'

/** Roots of whole numbers up to this are kept as roots; larger ones become numbers. */
const LARGEST = 1e6
/** And roots of this degree at most. */
const DEGREE = 4

/** c to a power, c > 0 where the power is not whole: a number, and roots of primes: 12^(1/2) is 2 * 3^(1/2). */
export function constantPower(
  c: Coefficient,
  exponent: Coefficient,
): { readonly coefficient: Coefficient; readonly factors: readonly Factor[] } {
  if (isWhole(exponent)) return { coefficient: wholePower(c, exponent.value), factors: [] }
  if (is(c, 1)) return { coefficient: one, factors: [] }
  const isRoot = isExact(c) && isExact(exponent) && exponent.bottom <= DEGREE
  if (!isRoot || c.top > LARGEST || c.bottom > LARGEST)
    return { coefficient: inexact(c.value ** exponent.value), factors: [] }
  let coefficient = one
  const factors: Factor[] = []
  const powers = primesOf(c.top)
  for (const [prime, n] of primesOf(c.bottom)) powers.set(prime, -n)
  for (const [prime, n] of powers) {
    const total = times(fraction(n, 1), exponent)
    const whole = Math.trunc(total.value)
    coefficient = times(coefficient, wholePower(fraction(prime, 1), whole))
    if (!isWhole(total))
      factors.push(primeFactor(prime, fraction(total.top - whole * total.bottom, total.bottom)))
  }
  return { coefficient, factors }
}

/** The primes of a whole number with their powers. */
function primesOf(n: number): Map<number, number> {
  const powers = new Map<number, number>()
  let rest = n
  for (let prime = 2; prime * prime <= rest; prime++)
    while (rest % prime === 0) {
      powers.set(prime, (powers.get(prime) ?? 0) + 1)
      rest /= prime
    }
  if (rest > 1) powers.set(rest, (powers.get(rest) ?? 0) + 1)
  return powers
}
