import { describe, expect, test } from 'vitest'
import { adaptKnots, refineKnots } from '../../src/spline/adaptation.ts'
import { uniformKnots } from '../../src/spline/knots.ts'
import { grevilleAbscissae } from '../../src/spline/leastsquares.ts'
import { splineValues } from '../../src/spline/splines.ts'
import type { Splines } from '../../src/spline/splines.ts'
import { transferSplines } from '../../src/spline/transfer.ts'
import { seeded } from '../oracle/random.ts'

const degrees = [1, 2, 3, 4, 5]

/** About sin(3x) over even knots on [-1, 1]. */
function sine(degree: number, intervals: number): Splines {
  const knots = uniformKnots([-1, 1], intervals, degree)
  return { knots, degree, coef: grevilleAbscissae(knots, degree).map(x => Math.sin(3 * x)), curves: 1 }
}

function largestDifference(a: Splines, b: Splines, low = -1, high = 1): number {
  const x = Array.from({ length: 2000 }, (_, p) => low + ((high - low) * p) / 2000)
  const expected = splineValues(a, x)
  return splineValues(b, x).reduce((most, value, p) => Math.max(most, Math.abs(value - expected[p]!)), 0)
}

function times(count: number, value: () => number): number[] {
  return Array.from({ length: count }, value)
}

/** Samples that leave coefficients undecided, or decide them badly. */
function hardSamples(degree: number): [name: string, x: number[]][] {
  const random = seeded(degree)
  return [
    ['none', []],
    ['one', [0.3]],
    ['a constant', times(100, () => -0.2)],
    ['all on the end', times(20, () => 1)],
    ['five', times(5, () => 2 * random() - 1)],
    ['five, repeated', times(200, () => Math.round(4 * random()) / 2 - 1)],
    ['two clusters', times(200, () => (random() < 0.5 ? -0.9 : 0.7) + 0.01 * random())],
    ['about one an interval', times(200, () => 2 * random() - 1)],
    ['some beyond the grid', times(200, () => 2.6 * random() - 1.3)],
    ['none finite', [Number.NaN, Infinity, -Infinity]],
  ]
}

describe('transferSplines to a finer grid', () => {
  test.each(degrees)('degree %d: near the old curve, whatever the samples', degree => {
    const old = sine(degree, 7)
    const errors = hardSamples(degree).map(([, x]) => {
      const knots = refineKnots(old.knots, degree, 180, x)
      const coef = transferSplines(old, knots, x)
      expect(coef.every(Number.isFinite)).toBe(true)
      return largestDifference(old, { ...old, knots, coef })
    })
    // At an old knot the k-th derivative jumps by about f^(k+1) h = 3^(k+1) 2/7. A new spline cannot follow it within its
    // interval of H = 2/180: an error of about jump (H/2)^k / k!. Measured from 0.3 to 1.3 times that, 3.6e-3 at degree 1 and
    // 1.2e-11 at degree 5, without samples; at most 1.5 times as much with any.
    let bound = 3 * (2 / 7)
    for (let d = 1; d <= degree; d++) bound *= 3 / 180 / d
    expect(errors[0]).toBeLessThan(2 * bound)
    for (const error of errors) expect(error).toBeLessThan(2 * errors[0]!)
  })

  test('is the same for many curves, which go another way', () => {
    const random = seeded(7)
    const { knots, degree } = sine(3, 5)
    const curves = 20
    const coef = Float64Array.from(times(8 * curves, () => 2 * random() - 1))
    const x = times(60, () => 2.4 * random() - 1.2)
    const finer = refineKnots(knots, degree, 8, x)
    const all = transferSplines({ knots, degree, coef, curves }, finer, x)
    for (let j = 0; j < curves; j++) {
      const own = coef.filter((_, p) => p % curves === j)
      const one = transferSplines({ knots, degree, coef: own, curves: 1 }, finer, x)
      // Two ways through the same QR; its rotations are 60 x 4, and the condition number below 100.
      one.forEach((c, m) => expect(Math.abs(c - all[m * curves + j]!)).toBeLessThan(1e-12))
    }
  })
})

describe('transferSplines to knots that follow samples', () => {
  test.each(degrees)('degree %d: finite, tame and near the old curve, whatever the samples', degree => {
    for (const [name, x] of hardSamples(degree)) {
      const old = sine(degree, 50)
      for (const eps of [0, 1]) {
        const knots = adaptKnots(old.knots, degree, x, { eps, margin: 0.01, narrowest: 1e-4 })
        const coef = transferSplines(old, knots, x)
        // The curve lies within -1 .. 1, its coefficients between 1.0 and 2.6 in size: nothing runs away.
        expect(Math.max(...coef.map(Math.abs))).toBeLessThan(5)
        if (eps === 0) continue // Knots that leave a gap between clusters cannot follow the curve there.
        const low = Math.max(-1, knots[degree]!)
        const high = Math.min(1, knots[knots.length - degree - 1]!)
        // With samples beyond it the old spline's end, 0.14 high and 0.04 wide, falls between steps of 0.05: up to 1e-2. Else 3e-3.
        const bound = name === 'some beyond the grid' ? 2e-2 : 5e-3
        expect(largestDifference(old, { ...old, knots, coef }, low, high)).toBeLessThan(bound)
      }
    }
  })

  test('follows the samples where they decide: plain least squares, whose residual is normal to every basis', () => {
    const random = seeded(3)
    const old = sine(3, 5)
    const x = times(500, () => 2 * random() - 1)
    const knots = adaptKnots(old.knots, 3, x, { eps: 0.02, margin: 0, narrowest: 1e-4, reach: 0 })
    const coef = transferSplines(old, knots, x)
    const expected = splineValues(old, x)
    const residual = splineValues({ ...old, knots, coef }, x).map((value, p) => value - expected[p]!)
    expect(Math.max(...residual.map(Math.abs))).toBeGreaterThan(1e-5)
    const bases = Array.from({ length: 8 }, (_, m) => {
      const only = new Float64Array(8)
      only[m] = 1
      return splineValues({ ...old, knots, coef: only }, x)
    })
    // Sums of 500 products of at most 1e-3 each, at most 500 x 1e-3 x 2^-53 x condition number 100.
    for (const basis of bases)
      expect(Math.abs(basis.reduce((sum, b, p) => sum + b * residual[p]!, 0))).toBeLessThan(1e-11)
  })
})
