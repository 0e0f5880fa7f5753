import { describe, expect, test } from 'vitest'
import { basisValues, findInterval } from '../../src/spline/basis.ts'
import { uniformKnots } from '../../src/spline/knots.ts'
import { bsplineRow } from '../oracle/bspline.ts'
import { randomKnots, seeded } from '../oracle/random.ts'
import type { BasisCase, ThirdDerivativeCase } from '../reference/read.ts'
import { readReference } from '../reference/read.ts'
import { basisRow, polynomialRow } from './row.ts'

/** Largest difference between two rows, relative to the expected row's largest value (absolute where it is all 0). */
function rowError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length)
  const largest = Math.max(...Array.from(expected, Math.abs))
  return Math.max(...Array.from(expected, (e, i) => Math.abs(actual[i]! - e))) / (largest || 1)
}

describe('findInterval', () => {
  const naive = (knots: number[], x: number): number =>
    knots.findIndex((t, s) => s + 1 < knots.length && t <= x && x < knots[s + 1]!)

  test('is half-open; outside and NaN are -1', () => {
    const knots = Float64Array.of(0, 1, 2, 4)
    const at = (x: number): number => findInterval(knots, 0, 4, x)
    expect([0, 0.5, 1, 3.9, 2].map(at)).toEqual([0, 0, 1, 2, 2])
    expect([4, -1e-300, 5, Number.NaN, Infinity, -Infinity].map(at)).toEqual([-1, -1, -1, -1, -1, -1])
    expect(at(-0)).toBe(0)
  })

  test.each([1, 3, 100, 1e6])('agrees with a scan at, just below and between knots, step ratio %d', ratio => {
    const random = seeded(ratio)
    const list = randomKnots(random, 23, 3, ratio)
    const flat = Float64Array.from([Number.NaN, ...list, -Infinity]) // neighbours in a flat array must not matter
    const gap = Math.min(...list.slice(1).map((t, s) => t - list[s]!))
    for (const t of list) {
      for (const x of [t, t - gap * 1e-6, t + gap * 1e-6, t - gap / 2, -2 + 4 * random()]) {
        expect(findInterval(flat, 1, list.length, x)).toBe(naive(list, x))
      }
    }
  })

  test('finds every knot of an even grid whose mean-step guess rounds either way', () => {
    for (let intervals = 1; intervals < 120; intervals++) {
      const knots = uniformKnots([0.1, 0.7], intervals, 3)
      for (let s = 0; s < knots.length - 1; s++)
        expect(findInterval(knots, 0, knots.length, knots[s]!)).toBe(s)
    }
  })
})

describe('bases and derivatives against scipy', () => {
  const { cases } = readReference<{ cases: BasisCase[] }>('bspline.json')
  const third = readReference<{ cases: ThirdDerivativeCase[] }>('bspline_third.json').cases
  // 15 printed digits, and the quotients of order-3 derivatives lose a few ulp each: 1e-12 of the row's largest value.
  const TOLERANCE = 1e-12

  test.each(cases)('k = $k, $kind, orders 0, 1, 2', ({ k, t, x, B, dB, d2B }) => {
    const knots = Float64Array.from(t)
    x.forEach((value, i) => {
      expect(rowError(basisRow(knots, k, value), B[i]!)).toBeLessThan(TOLERANCE)
      expect(rowError(polynomialRow(knots, k, value, 0), B[i]!)).toBeLessThan(TOLERANCE)
      expect(rowError(polynomialRow(knots, k, value, 1), dB[i]!)).toBeLessThan(TOLERANCE)
      expect(rowError(polynomialRow(knots, k, value, 2), d2B[i]!)).toBeLessThan(TOLERANCE)
    })
  })

  test.each(third)('k = $k, $kind, order 3', ({ k, kind, d3B }) => {
    const same = cases.find(c => c.k === k && c.kind === kind)!
    const knots = Float64Array.from(same.t)
    same.x.forEach((value, i) => {
      expect(rowError(polynomialRow(knots, k, value, 3), d3B[i]!)).toBeLessThan(TOLERANCE)
    })
  })

  test('all five degrees, both kinds of knots, and third derivatives from degree 3 are there', () => {
    expect(cases.map(c => `${c.k}${c.kind[0]}`).toSorted()).toEqual(
      '1n 1u 2n 2u 3n 3u 4n 4u 5n 5u'.split(' '),
    )
    expect(third.map(c => `${c.k}${c.kind[0]}`).toSorted()).toEqual('3n 3u 4n 4u 5n 5u'.split(' '))
  })
})

describe('basisValues', () => {
  const degrees = [1, 2, 3, 4, 5]

  test.each(degrees)(
    'degree %d: every interval of two inputs in one flat array, against the recursion',
    degree => {
      const random = seeded(degree)
      const inputs = [randomKnots(random, 3, degree, 100), randomKnots(random, 3, degree)]
      const count = inputs[0]!.length
      // NaN beside and between the inputs: a read outside would show.
      const flat = Float64Array.from([Number.NaN, ...inputs[0]!, Number.NaN, ...inputs[1]!, Number.NaN])
      inputs.forEach((t, i) => {
        const start = 1 + i * (count + 1)
        for (let s = 0; s < count - 1; s++) {
          for (const share of [0, 0.3, 0.99]) {
            const x = t[s]! + share * (t[s + 1]! - t[s]!)
            const out = new Float64Array(degree + 3).fill(7)
            basisValues(flat, start, count, degree, s, x, out, 1)
            const dense = bsplineRow(t, degree, x)
            const expected = Array.from({ length: degree + 1 }, (_, r) => dense[s - degree + r] ?? 0)
            expect(rowError(out.subarray(1, degree + 2), expected)).toBeLessThan(1e-12)
            expect([out[0], out[degree + 2]]).toEqual([7, 7])
          }
        }
      })
    },
  )

  test.each(degrees)('degree %d: values sum to 1 and derivatives to 0 inside the grid', degree => {
    const random = seeded(40 + degree)
    const t = randomKnots(random, 6, degree, 10)
    const knots = Float64Array.from(t)
    for (let n = 0; n < 200; n++) {
      const x = -1 + 2 * random()
      // k + 1 terms of at most 1: a few ulp.
      expect(Math.abs(basisRow(knots, degree, x).reduce((a, b) => a + b) - 1)).toBeLessThan(1e-14)
      const slopes = polynomialRow(knots, degree, x, 1)
      const largest = Math.max(...slopes.map(Math.abs))
      expect(Math.abs(slopes.reduce((a, b) => a + b))).toBeLessThan(1e-13 * largest)
    }
  })
})
