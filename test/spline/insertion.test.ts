import { describe, expect, test } from 'vitest'
import { refineKnots } from '../../src/spline/adaptation.ts'
import { containsKnots, insertKnots } from '../../src/spline/insertion.ts'
import { extendKnots, uniformKnots } from '../../src/spline/knots.ts'
import { splineValues } from '../../src/spline/splines.ts'
import type { Splines } from '../../src/spline/splines.ts'
import { randomKnots, seeded } from '../oracle/random.ts'

/** Two random curves with coefficients in [-1, 1] over uneven knots; their inner grid is [-1, 1]. */
function randomSplines(degree: number, intervals: number, ratio: number): Splines {
  const random = seeded(100 * degree + 10 * intervals + ratio)
  const knots = Float64Array.from(randomKnots(random, intervals, degree, ratio))
  // The oracle's scaling misses the ends by an ulp.
  knots[degree] = -1
  knots[degree + intervals] = 1
  const coef = Float64Array.from({ length: (intervals + degree) * 2 }, () => 2 * random() - 1)
  return { knots, degree, coef, curves: 2 }
}

const INNER = Array.from({ length: 4001 }, (_, p) => -1 + p / 2000)

function largestDifference(a: Splines, b: Splines, x: readonly number[]): number {
  const expected = splineValues(a, x)
  return splineValues(b, x).reduce((most, value, p) => Math.max(most, Math.abs(value - expected[p]!)), 0)
}

const degrees = [1, 2, 3, 4, 5]
const combinations = degrees.flatMap(degree => [1, 10].map(ratio => ({ degree, ratio })))

describe('insertKnots', () => {
  test.each(combinations)(
    'degree $degree, step ratio $ratio: exact on the inner grid, also in a chain',
    ({ degree, ratio }) => {
      const start = randomSplines(degree, 5, ratio)
      let { knots, coef } = start
      for (const intervals of [10, 20, 100, 200]) {
        // No samples, no least step: the extra knots come nearer each time, as in pykan.
        const finer = refineKnots(knots, degree, intervals, [], { reach: 0 })
        expect(containsKnots(finer, knots, degree)).toBe(true)
        coef = insertKnots({ knots, degree, coef, curves: 2 }, finer)
        knots = finer
        const inserted = { knots, degree, coef, curves: 2 }
        expect(largestDifference(start, inserted, INNER.slice(0, -1))).toBeLessThan(1e-13)
      }
    },
  )

  test.each(degrees)('degree %d: exact on the whole line where the extra knots stay', degree => {
    const start = randomSplines(degree, 3, 5)
    const { knots } = start
    const finer = refineKnots(knots, degree, 60, [])
    const coef = insertKnots(start, finer)
    const x = Array.from(
      { length: 3000 },
      (_, p) => knots[0]! - 1 + ((knots.at(-1)! - knots[0]! + 2) * p) / 3000,
    )
    expect(largestDifference(start, { ...start, knots: finer, coef }, x)).toBeLessThan(1e-13)
    // Coefficients of a finer grid are convex combinations: they grow nowhere.
    expect(Math.max(...coef.map(Math.abs))).toBeLessThanOrEqual(Math.max(...start.coef.map(Math.abs)))
  })

  test.each(degrees)('degree %d: gives back the coefficients over the same knots', degree => {
    const { knots, coef, curves } = randomSplines(degree, 6, 10)
    const same = insertKnots({ knots, degree, coef, curves }, knots)
    // Uneven steps take the blossom's factors up to about 10 at each of k levels; they cancel.
    same.forEach((c, p) => expect(Math.abs(c - coef[p]!)).toBeLessThan(1e-13))
  })

  test.each(degrees)('degree %d: keeps polynomials on knots that do not contain the old ones', degree => {
    // c = 1 is the constant, c = Greville abscissae the straight line, on any knots.
    const knots = uniformKnots([-1, 1], 5, degree)
    const finer = uniformKnots([-1, 1], 7, degree)
    const line = Float64Array.from({ length: 5 + degree }, (_, m) => {
      let sum = 0
      for (let d = 1; d <= degree; d++) sum += knots[m + d]! / degree
      return sum
    })
    const coef = insertKnots({ knots, degree, coef: line, curves: 1 }, finer)
    const x = INNER.slice(0, -1)
    splineValues({ knots: finer, degree, coef, curves: 1 }, x).forEach((value, p) =>
      expect(Math.abs(value - x[p]!)).toBeLessThan(1e-13),
    )
  })
})

describe('containsKnots', () => {
  const knots = uniformKnots([-1, 1], 4, 3)
  test('asks for each inner knot within the new inner grid, bit by bit, and for a grid that is no wider', () => {
    expect(containsKnots(uniformKnots([-1, 1], 8, 3), knots, 3)).toBe(true)
    expect(containsKnots(uniformKnots([-1, 1], 6, 3), knots, 3)).toBe(false)
    expect(containsKnots(uniformKnots([-0.5, 1], 6, 3), knots, 3)).toBe(true)
    expect(containsKnots(uniformKnots([0.1, 0.4], 2, 3), knots, 3)).toBe(true)
    expect(containsKnots(uniformKnots([-2, 1], 12, 3), knots, 3)).toBe(false)
    expect(containsKnots(extendKnots([-1, -0.5, 0, 0.5 + 2 ** -53, 1], 3), knots, 3)).toBe(false)
  })
})
