import { describe, expect, test } from 'vitest'
import { localPolynomials, localPolynomialStride } from '../../src/spline/polynomials.ts'
import { bsplineRow } from '../oracle/bspline.ts'
import { randomKnots, seeded } from '../oracle/random.ts'
import { evaluateTable } from './row.ts'

describe('localPolynomials', () => {
  const cases = [1, 2, 3, 4, 5].flatMap(degree => [1, 10, 100].map(ratio => ({ degree, ratio })))

  // 1e-13: a polynomial of degree 5 that stays within 1 on [-1, 1] has coefficients of at most 41 in sum (those of Chebyshev's
  // T_5), so Horner and the table err by up to about 10 x 1.1e-16 x 41 = 5e-14; measured 8e-16. Slopes lose a factor k^2.
  test.each(cases)(
    'degree $degree, neighbouring steps 1 : $ratio, against the recursion',
    ({ degree, ratio }) => {
      const random = seeded(degree * 1000 + ratio)
      const intervals = 7
      const stride = localPolynomialStride(degree)
      // Two inputs, one far from 0, in one flat array with an offset.
      const inputs = [0, 50].map(shift => randomKnots(random, intervals, degree, ratio).map(t => t + shift))
      const count = inputs[0]!.length
      const knots = Float64Array.from([Number.NaN, ...inputs[0]!, ...inputs[1]!, Number.NaN])
      const out = new Float64Array(1 + 2 * (count - 1) * stride).fill(Number.NaN)
      const local = (t: number[], s: number, x: number, order: number): number[] => {
        const row = bsplineRow(t, degree, x, order)
        return Array.from({ length: degree + 1 }, (_, r) => row[s - degree + r] ?? 0)
      }
      let worst = 0
      let worstSlope = 0
      inputs.forEach((t, i) => {
        const start = 1 + i * count
        const outStart = 1 + i * (count - 1) * stride
        localPolynomials(knots, start, intervals, degree, out, outStart)
        for (let s = 0; s < count - 1; s++) {
          const at = outStart + s * stride
          const width = t[s + 1]! - t[s]!
          for (let n = 0; n <= 20; n++) {
            const x = n === 20 ? t[s + 1]! - width * 1e-3 : t[s]! + (width * n) / 20
            const interior = s >= degree && s < degree + intervals
            const expected = local(t, s, x, 0)
            // In the extended fringe all existing bases can be tiny at once (x near the first knot): there, absolute.
            const largest = interior ? Math.max(...expected) : 1
            const values = evaluateTable(out, at, degree, x, 0)
            values.forEach((v, r) => (worst = Math.max(worst, Math.abs(v - expected[r]!) / largest)))
            const expectedSlopes = local(t, s, x, 1)
            const steepest = interior ? Math.max(...expectedSlopes.map(Math.abs)) : 2 / width
            const slopes = evaluateTable(out, at, degree, x, 1)
            slopes.forEach(
              (v, r) => (worstSlope = Math.max(worstSlope, Math.abs(v - expectedSlopes[r]!) / steepest)),
            )
          }
        }
      })
      expect(out[0]).toBeNaN()
      expect(worst).toBeLessThan(1e-13)
      expect(worstSlope).toBeLessThan(1e-12)
    },
  )

  test('rows of bases that do not exist are zero, and only those', () => {
    const knots = Float64Array.from({ length: 9 }, (_, i) => i) // G = 2, k = 3: bases 0 .. 4, intervals 0 .. 7
    const out = new Float64Array(8 * localPolynomialStride(3))
    localPolynomials(knots, 0, 2, 3, out, 0)
    for (let s = 0; s < 8; s++) {
      for (let r = 0; r <= 3; r++) {
        const at = s * 18 + 2 + r * 4
        const zero = out.subarray(at, at + 4).every(c => c === 0)
        expect(zero).toBe(s - 3 + r < 0 || s - 3 + r >= 5)
      }
    }
  })

  test('degree 1 on [0, 1) is the pair (1 - u) / 2, (1 + u) / 2', () => {
    const out = new Float64Array(3 * localPolynomialStride(1))
    localPolynomials(Float64Array.of(-1, 0, 1, 2), 0, 1, 1, out, 0)
    expect([...out.subarray(6, 12)]).toEqual([0.5, 2, 0.5, -0.5, 0.5, 0.5])
  })
})
