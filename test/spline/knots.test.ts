import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { checkKnots, extendKnots, uniformKnots } from '../../src/spline/knots.ts'

describe('uniformKnots', () => {
  test('extends [-1, 1] by k steps each side', () => {
    expect([...uniformKnots([-1, 1], 4, 2)]).toEqual([-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2])
  })

  test('hits both ends of the range exactly, whatever the rounding', () => {
    for (let intervals = 1; intervals <= 200; intervals++) {
      const knots = uniformKnots([0.1, 0.7], intervals, 3)
      expect(knots.length).toBe(intervals + 7)
      expect(knots[3]).toBe(0.1)
      expect(knots[3 + intervals]).toBe(0.7)
    }
  })

  test.each([
    [[1, -1], 5, 3, /range is \[1, -1\]/],
    [[0, Number.NaN], 5, 3, /range is \[0, NaN\]/],
    [[0, Infinity], 5, 3, /Infinity/],
    [[-1, 1], 0, 3, /0 intervals/],
    [[-1, 1], 2.5, 3, /2.5 intervals/],
    [[-1, 1], 5, 0, /degree is 0/],
    [[-1, 1], 5, 6, /degree is 6.*1 to 5/],
    [[1e16, 1e16 + 4], 5, 3, /knots \d+ and \d+ are/],
    [[-1e308, 1e308], 1, 3, /finite|overflow/],
  ] as const)('refuses %o, %s intervals, degree %s', (range, intervals, degree, message) => {
    const make = (): Float64Array => uniformKnots(range, intervals, degree)
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(message)
  })
})

describe('extendKnots', () => {
  test('keeps the inner points and extends by their mean step', () => {
    expect([...extendKnots([0, 1, 4], 2)]).toEqual([-4, -2, 0, 1, 4, 6, 8])
  })

  test('refuses a single point and points out of order', () => {
    expect(() => extendKnots([0], 2)).toThrow(/0 intervals/)
    expect(() => extendKnots([0, 2, 1], 2)).toThrow(/knots 3 and 4 are 2 and 1/)
  })
})

describe('checkKnots', () => {
  const good = [-2, -1, 0, 1, 2, 3]
  test('accepts plain and typed arrays', () => {
    expect(() => checkKnots(good, 3, 1)).not.toThrow()
    expect(() => checkKnots(Float64Array.from(good), 1, 2)).not.toThrow()
  })

  test.each([
    [[-2, -1, 0, 1, 2], 3, 1, /5 knots.*exactly 6/],
    [[-2, -1, 0, 0, 2, 3], 3, 1, /knots 2 and 3 are 0 and 0/],
    [[-2, -1, 0, Number.NaN, 2, 3], 3, 1, /knot 3 is NaN/],
    [[-2, -1, 0, 1, 2, Infinity], 3, 1, /knot 5 is Infinity/],
    [[-1.7e308, -1, 0, 1, 2, 1.7e308], 3, 1, /overflows/],
  ] as const)('refuses %o', (knots, intervals, degree, message) => {
    expect(() => checkKnots(knots, intervals, degree)).toThrow(ConfigError)
    expect(() => checkKnots(knots, intervals, degree)).toThrow(message)
  })
})
