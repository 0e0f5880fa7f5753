import { describe, expect, test } from 'vitest'
import { uniformKnots } from '../../src/spline/knots.ts'
import { fitCoefficients, grevilleAbscissae } from '../../src/spline/leastsquares.ts'
import { randomKnots, seeded } from '../oracle/random.ts'
import { basisRow } from './row.ts'

const spline = (knots: Float64Array, degree: number, coef: ArrayLike<number>, x: number): number =>
  basisRow(knots, degree, x).reduce((sum, b, m) => sum + b * coef[m]!, 0)

describe('coefficients no sample decides', () => {
  const degrees = [1, 2, 3, 4, 5]
  const ask = (
    degree: number,
    x: number[],
    y: number[],
    more: { prior?: Float64Array; weights?: number[] } = {},
  ) => {
    const knots = uniformKnots([-1, 1], 20, degree)
    const coef = fitCoefficients({ knots, degree, x, y, ...more })
    expect(coef.every(Number.isFinite)).toBe(true)
    return { knots, coef, greville: grevilleAbscissae(knots, degree) }
  }

  test.each(degrees)(
    'degree %d: no samples, all outside, all NaN, all weight 0: zero, or the prior',
    degree => {
      const prior = Float64Array.from({ length: 20 + degree }, (_, m) => Math.sin(m))
      const cases: [number[], number[], number[]?][] = [
        [[], []],
        [
          [-9, 9, Infinity],
          [1, 2, 3],
        ],
        [[Number.NaN], [1]],
        [
          [0, 0.5],
          [1, 2],
          [0, 0],
        ],
      ]
      for (const [x, y, weights] of cases) {
        expect(ask(degree, x, y, weights && { weights }).coef.every(c => c === 0)).toBe(true)
        expect([...ask(degree, x, y, { prior, ...(weights && { weights }) }).coef]).toEqual([...prior])
      }
    },
  )

  test.each(degrees)('degree %d: one sample, or one repeated, makes a constant', degree => {
    for (const repeat of [1, 2, 50]) {
      const { coef } = ask(degree, Array<number>(repeat).fill(0.123), Array<number>(repeat).fill(7))
      for (const c of coef) expect(Math.abs(c - 7)).toBeLessThan(1e-6)
    }
  })

  test.each(degrees)('degree %d: a constant input with scattered y gives their mean', degree => {
    const { knots, coef } = ask(degree, [0.3, 0.3, 0.3, 0.3], [1, 2, 3, 6])
    expect(Math.abs(spline(knots, degree, coef, 0.3) - 3)).toBeLessThan(1e-9)
    for (const c of coef) expect(Math.abs(c - 3)).toBeLessThan(1e-6)
  })

  test.each(degrees)(
    'degree %d: two samples make the straight line through them, on uneven knots too',
    degree => {
      const list = randomKnots(seeded(degree), 15, degree, 20)
      for (const knots of [uniformKnots([-1, 1], 20, degree), Float64Array.from(list)]) {
        const coef = fitCoefficients({ knots, degree, x: [-0.31, 0.42], y: [1, 2] })
        // Unseen bases (below 0.005 in size) are first taken as equal to their neighbours, which the line differs from by
        // up to 0.2 a coefficient: 0.005 x 0.2 = 1e-3 at each sample, measured 9.5e-4.
        const slope = 1 / 0.73
        grevilleAbscissae(knots, degree).forEach((g, m) =>
          expect(Math.abs(coef[m]! - (1 + slope * (g + 0.31)))).toBeLessThan(2e-3),
        )
      }
    },
  )

  test('samples on the left half only: right of them the curve goes on straight', () => {
    const x = Array.from({ length: 200 }, (_, i) => -1 + i / 200)
    const { coef, greville } = ask(
      3,
      x,
      x.map(v => v * v),
    )
    // The last basis that samples see well, then constant slope.
    const slopes = [...coef.subarray(1)].map((c, m) => (c - coef[m]!) / (greville[m + 1]! - greville[m]!))
    for (const slope of slopes.slice(14)) expect(Math.abs(slope - slopes.at(-1)!)).toBeLessThan(1e-2)
    expect(Math.max(...coef.map(Math.abs))).toBeLessThan(2)
  })

  test('the same with a prior: it is followed where there are no samples, the samples where there are', () => {
    const x = Array.from({ length: 200 }, (_, i) => -1 + i / 200)
    const prior = new Float64Array(23).fill(-4)
    const { knots, coef } = ask(
      3,
      x,
      x.map(v => v * v),
      { prior },
    )
    expect([...coef.subarray(13)]).toEqual(Array(10).fill(-4)) // bases of intervals from x = 0 on
    for (const v of x) expect(Math.abs(spline(knots, 3, coef, v) - v * v)).toBeLessThan(1e-6)
  })

  test.each([0.03, 0.01, 1e-3, 1e-4])(
    'a lone sample on the far tail of a basis, %d into it, throws nothing far away',
    at => {
      const x = Array.from({ length: 100 }, (_, i) => -1 + i / 100)
      const y = x.map((_, i) => (i % 2 ? 0.1 : -0.1))
      // The next basis is (at / 0.1)^3 / 6 there, 4.5e-3 to 2e-10; plain least squares would ask it for 0.4 / that. What
      // is left is the straight continuation: 10 coefficients on at about 4 each.
      const { coef } = ask(3, [...x, at], [...y, 0.5])
      expect(Math.max(...coef.map(Math.abs))).toBeLessThan(60)
      const prior = new Float64Array(23)
      expect(Math.max(...ask(3, [...x, at], [...y, 0.5], { prior }).coef.map(Math.abs))).toBeLessThan(5)
    },
  )

  test('a lone sample on the extension, where all bases together are 2e-7, leaves the prior', () => {
    const { coef } = ask(3, [-1.299], [1])
    expect(coef.every(c => c === 0)).toBe(true)
  })

  test.each(degrees)('degree %d: more intervals than samples still passes through them', degree => {
    const random = seeded(degree)
    const knots = uniformKnots([-1, 1], 300, degree)
    const x = Array.from({ length: 12 }, (_, i) => -0.95 + i * 0.17)
    const y = x.map(() => random())
    const coef = fitCoefficients({ knots, degree, x, y })
    expect(coef.every(Number.isFinite)).toBe(true)
    x.forEach((v, i) => expect(Math.abs(spline(knots, degree, coef, v) - y[i]!)).toBeLessThan(1e-6))
    expect(Math.max(...coef.map(Math.abs))).toBeLessThan(4)
  })

  test('scale-free: y times 1e12, weights times 1e-12, inputs and knots times 1000 change nothing but the scale', () => {
    const x = [-0.8, -0.5, -0.5, 0.1, 0.11, 0.7]
    const y = [1, 2, 0, -1, 3, 1]
    const knots = uniformKnots([-1, 1], 10, 3)
    const coef = fitCoefficients({ knots, degree: 3, x, y })
    const scaled = fitCoefficients({
      knots: knots.map(t => t * 1000),
      degree: 3,
      x: x.map(v => v * 1000),
      y: y.map(v => v * 1e12),
      weights: x.map(() => 1e-12),
    })
    coef.forEach((c, m) => expect(Math.abs(scaled[m]! / 1e12 - c)).toBeLessThan(1e-6))
  })

  test('the order of the samples does not matter', () => {
    const random = seeded(3)
    const x = Array.from({ length: 50 }, () => 2 * random() - 1)
    const y = x.map(v => Math.exp(v))
    const { coef } = ask(3, x, y)
    const reversed = ask(3, x.toReversed(), y.toReversed()).coef
    coef.forEach((c, m) => expect(Math.abs(c - reversed[m]!)).toBeLessThan(1e-7))
  })

  test.each([1e-12, 1e-9, 1e-6])(
    'scattered y over inputs within %d of each other: about their mean',
    jitter => {
      const x = Array.from({ length: 20 }, (_, i) => 0.3 + jitter * Math.sin(i * i))
      const { coef } = ask(
        3,
        x,
        x.map((_, i) => i % 2),
      )
      // A regression line over a spread of 1e-6 would have slopes of 1e5 and more.
      for (const c of coef) expect(Math.abs(c - 0.5)).toBeLessThan(1)
    },
  )

  test('any small set of samples, duplicates, far tails, uneven weights: finite, and never beyond 1e4 times the largest y', () => {
    const random = seeded(11)
    let largest = 0
    for (let n = 0; n < 2000; n++) {
      const degree = 1 + Math.floor(5 * random())
      const list = randomKnots(random, 1 + Math.floor(12 * random()), degree, random() < 0.5 ? 1 : 30)
      const rows = Math.floor(8 * random())
      const x = Array.from({ length: rows }, () => -1.1 + 2.2 * random())
      if (rows > 2 && random() < 0.5) x[1] = x[0]!
      if (rows > 2 && random() < 0.5) x[2] = list[degree]! + 1e-7
      const y = x.map(() => 2 * random() - 1)
      const weights = x.map(() => 10 ** Math.floor(-8 * random()))
      const prior = Array.from({ length: list.length - degree - 1 }, () => 2 * random() - 1)
      const knots = Float64Array.from(list)
      const smooth = fitCoefficients({ knots, degree, x, y, weights })
      const pulled = fitCoefficients({ knots, degree, x, y, weights, prior })
      largest = Math.max(
        largest,
        ...[...smooth, ...pulled].map(c => (Number.isFinite(c) ? Math.abs(c) : Infinity)),
      )
    }
    // Directions seen with relative strength below 5e-4 are left to the prior: about 1 / 5e-4, continued over some steps.
    expect(largest).toBeLessThan(1e4)
  })
})
