import { describe, expect, it } from 'vitest'
import { parse } from '../../../src/formula/index.ts'
import { discover } from '../../../src/index.ts'
import { crossValidated } from '../../../src/interpret/discover/judging/choose.ts'
import { freeNumbers } from '../../../src/interpret/constants/constants.ts'
import { Judge } from '../../../src/interpret/discover/judging/judge.ts'
import { plainCurves } from '../../../src/interpret/discover/reading/plain.ts'
import { regressTwo } from '../../../src/interpret/discover/reading/regression.ts'
import { firstRows, pickRows, samplesOf } from '../../../src/interpret/discover/rows.ts'
import { average, deviation } from '../../../src/interpret/discover/statistics.ts'
import type { TargetRows } from '../../../src/interpret/discover/rows.ts'
import { Random } from '../../../src/random.ts'

/** Rows off a line, each with a whole number for weight, and the same rows as often as that number says. */
function twins(rows: number, log = false): { weighted: TargetRows; repeated: TargetRows } {
  const random = new Random(7)
  const x = Float64Array.from({ length: rows }, () => 1 + random.uniform())
  const y = x.map(value => (log ? Math.exp(9 * value + random.uniform()) : 2 * value + random.uniform()))
  const weights = Float64Array.from({ length: rows }, (_, r) => 1 + (r % 3))
  const weighted = { names: ['x'], x, y, rows, weights }
  const { weights: _weights, ...all } = pickRows(
    weighted,
    [...weights].flatMap((count, r) => Array.from({ length: count }, () => r)),
  )
  return { weighted, repeated: all }
}

describe('sample weights of a search', () => {
  it.each([[false], [true]])('count rows as often as they say; logarithms: %s', log => {
    const { weighted, repeated } = twins(60, log)
    const [one, other] = [new Judge(weighted, log), new Judge(repeated, log)]
    const start = parse(log ? '2*exp(8*x)' : '3*x + 0.1')
    // Sums of 120 terms in another order: some 120 roundings of 2^-53.
    expect(one.errorOf(start, weighted)).toBeCloseTo(other.errorOf(start, repeated), 12)
    const values = weighted.x.map(value => (log ? Math.exp(8 * value) : 3 * value))
    const again = repeated.x.map(value => (log ? Math.exp(8 * value) : 3 * value))
    const [p, q] = [one.errors(values, weighted), other.errors(again, repeated)]
    expect(p.r2).toBeCloseTo(q.r2, 12)
    expect(p.log?.r2 ?? 0).toBeCloseTo(q.log?.r2 ?? 0, 12)
    const fits = [one.table(weighted), other.table(repeated)].map(table => table.polish(start))
    expect(fits[0]!.error).toBeCloseTo(fits[1]!.error, 12)
    const [first, second] = fits.map(({ expression }) => freeNumbers(expression).map(({ value }) => value))
    first!.forEach((value, k) => expect(value / second![k]!).toBeCloseTo(1, 9))
  })

  it('count in curves', () => {
    const { weighted, repeated } = twins(60)
    const own = plainCurves(weighted.x, weighted.y, 1e-9, weighted.weights)
    const others = plainCurves(repeated.x, repeated.y, 1e-9)
    own.forEach((curve, k) => expect(curve.unexplained).toBeCloseTo(others[k]!.unexplained, 10))
    const square = (values: Float64Array): Float64Array => values.map(value => value ** 2)
    const two = regressTwo(square(weighted.x), weighted.x, weighted.y, weighted.weights)
    const same = regressTwo(square(repeated.x), repeated.x, repeated.y)
    for (const part of ['c', 'e', 'd'] as const) expect(two[part]).toBeCloseTo(same[part], 9)
    expect(two.unexplained).toBeCloseTo(same.unexplained, 12)
  })

  it('go with their rows', () => {
    const { weighted } = twins(10)
    expect([...pickRows(weighted, [4, 1]).weights!]).toEqual([2, 2])
    expect([...firstRows(weighted, 3).weights!]).toEqual([1, 2, 3])
    expect(samplesOf(weighted, y => y).weights).toBe(weighted.weights)
    expect(pickRows({ ...twins(10).repeated }, [0])).not.toHaveProperty('weights')
    expect(average([1, 4], [3, 1])).toBe(1.75)
    // (1 - 1.75)^2 * 3/4 + (4 - 1.75)^2 / 4
    expect(deviation([1, 4], [3, 1])).toBeCloseTo(Math.sqrt(1.6875), 14)
  })

  it('count in the error of rows left out', () => {
    const { weighted } = twins(60)
    const [even, odd] = [0, 1].map(part => weighted.y.map((_, r) => (r % 2 === part ? 1 : 1e-9)))
    const off = weighted.y.map((value, r) => value + (r % 2 === 0 ? 0 : 5))
    const errors = (weights: Float64Array): { mean: number; deviation: number } => {
      const all = { ...weighted, y: off, weights }
      return crossValidated(parse('2*x + 1'), { all, judge: new Judge(weighted), seed: 0 })
    }
    // Which half counts decides which half is on the line: both are, by their own rows. What is left is the noise's 1/12 over the
    // 5/12 of all targets; over 30 rows the first varies by sqrt(0.8 / 30) = 16 %, the second by 12 %: within four times both, 20 %.
    for (const weights of [even!, odd!]) {
      expect(errors(weights).mean).toBeGreaterThan(0.04)
      expect(errors(weights).mean).toBeLessThan(0.36)
    }
    expect(errors(weighted.weights!).mean).toBeGreaterThan(10)
  })

  it('decide what is found; a trillionth of the others is none', { timeout: 30_000 }, async () => {
    const x = Float64Array.from({ length: 60 }, (_, r) => 1 + r / 10)
    const y = x.map((value, r) => (r % 5 === 0 ? 40 : 2 * value ** 2 + 1))
    const heavy = x.map((_, r) => (r % 5 === 0 ? 1e-12 : 1 + (r % 2)))
    const { text, test, exact } = await discover(
      { x, y, weights: heavy },
      { names: ['x'], test: { x, y: x.map(value => 2 * value ** 2 + 1) } },
    )
    expect(text).toBe('2*x^2 + 1')
    expect(exact).toBe(true)
    expect(test!.rmse).toBe(0)
  })
})
