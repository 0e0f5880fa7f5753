import { describe, expect, it } from 'vitest'
import { parse } from '../../../src/formula/index.ts'
import { paretoFront } from '../../../src/interpret/errors/pareto.ts'
import {
  formulaErrors,
  judgedError,
  rowErrors,
  scaledErrors,
} from '../../../src/interpret/errors/rowerrors.ts'

describe('errors of formulas', () => {
  const rows = { x: Float64Array.of(1, 2, 3), y: Float64Array.of(2, 4, 6), weights: Float64Array.of(1, 1, 1) }

  it('are those of the text, and Infinity where it has no value', () => {
    expect(formulaErrors([parse('2*x')], ['x'], rows)).toEqual({ rows: 3, rmse: 0, relative: 0, r2: 1 })
    expect(formulaErrors([parse('log(x - 1)')], ['x'], rows)).toEqual({
      rows: 3,
      rmse: Infinity,
      relative: Infinity,
      r2: -Infinity,
    })
    // Deviations 3, 3 and 3 of targets with the variance 8/3.
    expect(rowErrors([5, 1, 9], rows)).toMatchObject({ rmse: 3, relative: 3 / Math.sqrt(8 / 3) })
    expect(rowErrors([5, 1, 9], { ...rows, weights: Float64Array.of(0, 0, 1) }).rmse).toBe(3)
  })

  it('are those of logarithms beside them, and rank formulas, on a logarithmic scale', () => {
    // Three decades: the first is right about the largest only, the second by a tenth everywhere.
    const wide = { ...rows, y: Float64Array.of(1, 30, 1000) }
    const [large, even] = [Float64Array.of(20, 1, 1001), Float64Array.of(1.1, 33, 1100)]
    expect(rowErrors(large, wide).relative).toBeLessThan(rowErrors(even, wide).relative)
    expect(judgedError(large, wide, undefined)).toBeLessThan(judgedError(even, wide, undefined))
    expect(judgedError(even, wide, [true])).toBeLessThan(judgedError(large, wide, [true]))
    const { log, rmse } = scaledErrors(even, wide, [true])
    expect(rmse).toBe(rowErrors(even, wide).rmse)
    expect(log!.rmse).toBeCloseTo(Math.log(1.1), 12)
    expect(Math.sqrt(1 - log!.r2)).toBeCloseTo(judgedError(even, wide, [true]), 12)
    expect(scaledErrors(even, wide, undefined)).not.toHaveProperty('log')
    // No logarithm: as bad as can be.
    const negative = Float64Array.of(-1, 30, 1000)
    expect(judgedError(negative, wide, [true])).toBe(Infinity)
    expect(scaledErrors(negative, wide, [true]).log).toEqual({ rmse: Infinity, r2: -Infinity })
    // Only the outputs that are on one, and only rows that count.
    const two = { ...wide, y: Float64Array.of(-1, 1, 0, 30, 2, 1000), weights: Float64Array.of(1, 2, 0) }
    const values = Float64Array.of(-1, 1.1, 0, 33, 5, -7)
    expect(scaledErrors(values, two, [false, true]).log!.rmse).toBeCloseTo(Math.log(1.1), 12)
    expect(Number.isFinite(judgedError(values, two, [false, true]))).toBe(true)
  })

  it('leave out outputs whose targets are all the same but for rounding', () => {
    const weights = new Float64Array(10).fill(1)
    const x = Float64Array.from({ length: 10 }, (_, r) => r)
    const constant = Float64Array.from(x, () => 0.1)
    const same = { x, y: constant, weights: weights.map((_, r) => 0.1 + r / 7) }
    expect(rowErrors(constant, same)).toMatchObject({ rmse: 0, relative: 0, r2: 1 })
    expect(
      rowErrors(
        constant.map(v => v + 2 ** -54),
        same,
      ).relative,
    ).toBe(0)
    expect(rowErrors(x, same).relative).toBe(Infinity)
    // Beside an output from 0 to 9, of variance 99 / 12, that is off by 1.
    const two = { x, y: Float64Array.from({ length: 20 }, (_, i) => (i % 2 ? 0.1 : i / 2)), weights }
    const errors = rowErrors(
      two.y.map((value, i) => (i % 2 ? value + 0.01 : value + 1)),
      two,
    )
    expect(errors.relative).toBeCloseTo(1 / Math.sqrt(99 / 12), 12)
  })

  it('neither vanish nor overflow with tiny and huge targets', () => {
    for (const unit of [1e-200, 1e-310, 1, 1e200, 1e300]) {
      const y = Float64Array.of(unit, 4 * unit, 9 * unit)
      const { rmse, relative } = rowErrors([0, 4 * unit, 9 * unit], { ...rows, y })
      // One of three rows is off by 1; the variance of 1, 4 and 9 is 98 / 9. 1e-310 has 13 digits.
      expect(rmse / unit).toBeCloseTo(1 / Math.sqrt(3), 9)
      expect(relative).toBeCloseTo(1 / Math.sqrt(3) / Math.sqrt(98 / 9), 9)
    }
  })

  it('and complexities make the list', () => {
    const list = [
      { complexity: 3, error: 1 },
      { complexity: 1, error: 5 },
      { complexity: 3, error: 2 },
      { complexity: 2, error: 5 },
      { complexity: 9, error: NaN },
      { complexity: 7, error: 0 },
    ]
    expect(paretoFront(list, entry => entry)).toEqual([list[1], list[0], list[5]])
  })
})
