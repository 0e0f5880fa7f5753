import { evaluateRows } from '../../formula/index.ts'
import type { Bounds, Expression } from '../../formula/index.ts'
import { ColumnTable } from './problem.ts'
import { snapOn } from './snap.ts'

/** Points to compare at: more than a formula has numbers. */
const POINTS = 64
/** A share of the largest value that some 500 roundings stay below. */
const ROUNDING = 1e-13
/** With fewer points where the formula has a value, its numbers stay. */
const FEWEST = 16

/**
 * The formula with numbers written plainly where that changes its values by rounding only: 3.1415926535897936 as pi, + 4e-16 as
 * nothing. What trained numbers end on is off by such last digits. Judged (see snap) by its own values at points between the
 * bounds.
 *
 * @param bounds of each variable, in the order of `names`; without them all numbers stay
 */
export function plainNumbers(
  expression: Expression,
  names: readonly string[],
  bounds: ReadonlyMap<string, Bounds>,
): Expression {
  const ranges = names.flatMap(name => {
    const range = bounds.get(name)
    return range === undefined ? [] : [range]
  })
  if (ranges.length < names.length) return expression
  const x = evenPoints(ranges)
  const y = evaluateRows(expression, names, x, POINTS)
  const places = Array.from(y.keys()).filter(row => Number.isFinite(y[row]!))
  if (places.length < FEWEST) return expression
  const own = places.flatMap(row => [...x.subarray(row * names.length, (row + 1) * names.length)])
  const values = places.map(row => y[row]!)
  const plain = snapOn(new ColumnTable(names, own, values, places.length), expression).expression
  return isSame(evaluateRows(plain, names, own, places.length), values) ? plain : expression
}

/** Fits of many numbers that trade against each other may go further than rounding. */
function isSame(values: Float64Array, expected: readonly number[]): boolean {
  const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return values.every((value, p) => Math.abs(value - expected[p]!) <= ROUNDING * size)
}

/**
 * Points [POINTS][ranges] that fill a box evenly: a Kronecker sequence by the square roots of primes, whose multiples are as far
 * from whole numbers as can be (Niederreiter, "Random number generation and quasi-Monte Carlo methods", 1992, section 3.1).
 */
function evenPoints(ranges: readonly Bounds[]): Float64Array {
  const steps = primes(ranges.length).map(Math.sqrt)
  const x = new Float64Array(POINTS * ranges.length)
  for (let row = 0; row < POINTS; row++)
    ranges.forEach(([low, high], i) => {
      const share = ((row + 0.5) * steps[i]!) % 1
      x[row * ranges.length + i] = low + (high - low) * share
    })
  return x
}

function primes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every(prime => n % prime !== 0)) found.push(n)
  return found
}
