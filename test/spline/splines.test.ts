import { describe, expect, test } from 'vitest'
import { splineValues } from '../../src/spline/splines.ts'
import { bsplineRow } from '../oracle/bspline.ts'
import { randomKnots, seeded } from '../oracle/random.ts'

describe('splineValues', () => {
  test.each([1, 2, 3, 4, 5])('degree %d: two curves as the oracle has them, zero outside', degree => {
    const random = seeded(degree)
    const list = randomKnots(random, 4, degree, 3)
    const coef = Float64Array.from({ length: (4 + degree) * 2 }, () => 2 * random() - 1)
    const splines = { knots: Float64Array.from(list), degree, coef, curves: 2 }
    const inside = Array.from({ length: 200 }, () => list[0]! + (list.at(-1)! - list[0]!) * random())
    const values = splineValues(splines, inside)
    inside.forEach((x, row) => {
      const basis = bsplineRow(list, degree, x)
      for (const j of [0, 1]) {
        const expected = basis.reduce((sum, b, m) => sum + b * coef[m * 2 + j]!, 0)
        // k levels of a recurrence with factors up to 1, and k + 1 products: 20 roundings.
        expect(Math.abs(values[row * 2 + j]! - expected)).toBeLessThan(20 * 2 ** -53)
      }
    })
    expect([...splineValues(splines, [list[0]! - 1, list.at(-1)!, Number.NaN])]).toEqual(Array(6).fill(0))
  })
})
