import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { adaptKnots, refineKnots } from '../../src/spline/adaptation.ts'
import { checkKnots, extendKnots, uniformKnots } from '../../src/spline/knots.ts'
import { seeded } from '../oracle/random.ts'

describe('refineKnots', () => {
  const old = extendKnots([-1, -0.9, 0.3, 1], 3)
  test('interpolates the inner knots', () => {
    const knots = refineKnots(old, 3, 6, [], { reach: 0 })
    checkKnots(knots, 6, 3)
    const expected = [-1, -0.95, -0.9, -0.3, 0.3, 0.65, 1]
    expected.forEach((value, j) => expect(knots[3 + j]).toBeCloseTo(value, 15))
    for (let j = 0; j <= 3; j++) expect(knots[3 + 2 * j]).toBe(old[3 + j])
    expect(knots[0]).toBeCloseTo(-2, 15) // -1 - 3 mean steps of 1/3
  })

  test('extra knots step so wide that splines reach 0.7 / sqrt(rows) of the range further, or as the old ones', () => {
    const step = (degree: number, rows: number): number => {
      const x = Array.from({ length: rows }, (_, p) => -1 + (2 * p) / rows)
      const knots = refineKnots(extendKnots([-1, -0.9, 0.3, 1], degree), degree, 300, x)
      return knots[degree]! - knots[degree - 1]!
    }
    // (0.07 * 2 / h)^3 / 6 = 0.01 for 100 rows at degree 3
    expect((0.14 / step(3, 100)) ** 3 / 6).toBeCloseTo(0.01, 14)
    expect((0.014 / step(3, 10_000)) ** 3 / 6).toBeCloseTo(0.01, 14)
    expect((0.014 / step(5, 10_000)) ** 5 / 120).toBeCloseTo(0.01, 14)
    expect(step(3, 1e6)).toBeCloseTo(2 / 300, 14)
    for (const rows of [0, 4]) expect(step(3, rows)).toBeCloseTo(2 / 3, 14)
    expect(step(1, 1000)).toBeCloseTo(2 / 3, 14)
  })

  test('keeps the extra knots of a side on which samples lie', () => {
    const inside = Array.from({ length: 10_000 }, (_, p) => -1 + p / 5000)
    const keeps = (...more: number[]): boolean[] => {
      const knots = refineKnots(old, 3, 300, [...inside, ...more])
      return [[0, 1, 2].every(p => knots[p] === old[p]), [1, 2, 3].every(p => knots.at(-p) === old.at(-p))]
    }
    expect(keeps(1)).toEqual([false, false])
    expect(keeps(1 + 1e-9, Number.NaN)).toEqual([false, false])
    expect(keeps(1.1)).toEqual([false, true])
    expect(keeps(-1.1)).toEqual([true, false])
    expect(keeps(-50, 50, Infinity)).toEqual([false, false]) // the old splines are 0 there, too
  })
})

describe('adaptKnots', () => {
  const old = uniformKnots([-1, 1], 5, 3)
  const placement = { eps: 0.02, margin: 0.01, narrowest: 1e-4 }
  const steps = (knots: Float64Array): number[] =>
    Array.from({ length: 5 }, (_, j) => knots[4 + j]! - knots[3 + j]!)

  test('covers the samples with the margin, between even knots and quantiles', () => {
    const random = seeded(1)
    const x = Array.from({ length: 1000 }, () => 4 + 2 * random() ** 3)
    const low = Math.min(...x)
    const range = Math.max(...x) - low
    for (const eps of [0, 0.02, 0.5, 1]) {
      const knots = adaptKnots(old, 3, x, { ...placement, eps })
      expect(knots[3]).toBeCloseTo(low - 0.01 * range, 14)
      expect(knots[8]).toBeCloseTo(low + 1.01 * range, 14)
    }
    const quantiles = adaptKnots(old, 3, x, { ...placement, eps: 0 })
    expect(x.filter(value => value < quantiles[4]!).length).toBe(200)
    expect(x.filter(value => value < quantiles[7]!).length).toBe(800)
    const even = adaptKnots(old, 3, x, { ...placement, eps: 1 })
    for (const step of steps(even)) expect(step).toBeCloseTo(0.204 * range, 14)
  })

  const repeated: [string, number[]][] = [
    ['two values', [...Array<number>(500).fill(0), ...Array<number>(500).fill(1)]],
    ['most at an end', [...Array<number>(990).fill(0), ...Array.from({ length: 10 }, (_, p) => p / 9)]],
    ['most in the middle', [-3, ...Array<number>(990).fill(0.1), 3]],
    ['fewer samples than intervals', [0.3, 0.7]],
    ['neighbouring numbers', [1, 1 + 2 ** -52, 1 + 2 ** -51, 3]],
    ['one far away', [...Array.from({ length: 500 }, (_, p) => p / 500), 1e12]],
  ]
  test.each(repeated)('%s: no step below a hundredth of the mean', (_, x) => {
    for (const eps of [0, 0.02, 1]) {
      for (const margin of [0, 0.01]) {
        const knots = adaptKnots(old, 3, x, { ...placement, eps, margin })
        checkKnots(knots, 5, 3)
        const mean = (knots[8]! - knots[3]!) / 5
        // Knots are sums: 1e-12 for their rounding.
        for (const step of steps(knots)) expect(step).toBeGreaterThanOrEqual(0.01 * mean * (1 - 1e-12))
        expect(knots[3]).toBeLessThanOrEqual(Math.min(...x))
        expect(knots[8]).toBeGreaterThanOrEqual(Math.max(...x))
      }
    }
  })

  test('keeps the old knots without samples, and for a constant within them', () => {
    for (const x of [[], [Number.NaN, Infinity], [0.3], Array<number>(50).fill(-1), [0.5, 0.5 + 1e-5]])
      expect([...adaptKnots(old, 3, x, placement)]).toEqual([...old])
  })

  test('puts an even grid of the old width around a constant elsewhere', () => {
    for (const value of [7, -1000]) {
      const knots = adaptKnots(old, 3, [value, value], placement)
      checkKnots(knots, 5, 3)
      expect((knots[3]! + knots[8]!) / 2).toBeCloseTo(value, 12)
      expect(knots[8]! - knots[3]!).toBeCloseTo(2, 12)
    }
    // Where 2 would be lost in float32, whose spacing is 64 here, the grid is wider.
    const knots = adaptKnots(old, 3, [1e9, 1e9], placement)
    expect(new Set(Float32Array.from(knots)).size).toBe(knots.length)
  })

  test('refuses an eps or margin out of range', () => {
    for (const wrong of [
      { eps: -0.1 },
      { eps: 1.1 },
      { eps: Number.NaN },
      { margin: -1 },
      { margin: Infinity },
    ])
      expect(() => adaptKnots(old, 3, [0, 1], { ...placement, ...wrong })).toThrow(ConfigError)
  })
})
