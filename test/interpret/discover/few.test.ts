import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText } from '../../../src/formula/index.ts'
import { crossValidated } from '../../../src/interpret/discover/judging/choose.ts'
import { Judge } from '../../../src/interpret/discover/judging/judge.ts'
import type { TargetRows } from '../../../src/interpret/discover/rows.ts'
import { shortened } from '../../../src/interpret/discover/writing/shorten.ts'
import { discover } from '../../../src/index.ts'
import { Random } from '../../../src/random.ts'

/** Uniform rows, with targets by a formula of x1, x2, .. or of their own. */
function uniformRows(rows: number, inputs: number, seed: number, law?: string): TargetRows {
  const random = new Random(seed)
  const names = Array.from({ length: inputs }, (_, i) => `x${i + 1}`)
  const x = Float64Array.from({ length: rows * inputs }, () => random.uniform())
  const y =
    law === undefined
      ? Float64Array.from({ length: rows }, () => 1 + random.uniform())
      : evaluateRows(parse(law), names, x, rows)
  return { names, x, y, rows }
}

describe('few rows', () => {
  it.each([2, 3, 4, 6])('of a line are a line: %d', async rows => {
    const x = Array.from({ length: rows }, (_, r) => r + 1)
    const { text, exact } = await discover({ x, y: x.map(value => 3 * value) })
    expect(text).toBe('3*x1')
    // One number, the variance and one more: three rows do not tell a law from chance.
    expect(exact).toBe(rows > 3)
  })

  it.each([4, 5])('of a line that does not go through 0 are that line: %d', async rows => {
    const x = Array.from({ length: rows }, (_, r) => r + 1)
    // A line through 0 has one number less, but 2 numbers that leave nothing of 4 rows are no accident.
    const { text } = await discover({ x, y: x.map(value => 2 * value + 1) })
    expect(text).toBe('2*x1 + 1')
  })

  it.each([
    [7, 2],
    [10, 3],
    [10, 4],
  ])('%d random ones of %d columns are never exact', async (rows, inputs) => {
    for (const seed of [1, 2]) {
      const { exact, stop, train, complexity } = await discover(uniformRows(rows, inputs, seed))
      expect(exact).toBe(false)
      expect(stop).toBe('done')
      expect(Number.isFinite(train.rmse)).toBe(true)
      expect(complexity).toBeLessThan(10)
    }
  })

  it('leave a constant its mean', async () => {
    const { pareto } = await discover(uniformRows(7, 2, 1))
    // The constant comes first: within a tenth of its standard error of the mean, R2 is 0 within 0.01 / rows.
    expect(Number(pareto[0]!.text)).toBeGreaterThan(1)
    expect(pareto[0]!.train.r2).toBeGreaterThan(-0.01)
  })
})

describe('rows left out', () => {
  /** Mean squared error of a formula fitted to all rows, and that of rows left out. */
  function errors(start: string, all: TargetRows): { fitted: number; leftOut: number } {
    const judge = new Judge(all)
    const { expression, error } = judge.table(all).polish(parse(start))
    return { fitted: error ** 2, leftOut: crossValidated(expression, { all, judge, seed: 0 }).mean }
  }

  it('tell a formula that goes through its rows from one that holds for others', () => {
    const line = uniformRows(15, 1, 3, 'x1')
    const noise = new Random(4)
    const all = { ...line, y: line.y.map(value => value + 0.1 * (noise.uniform() - 0.5)) }
    const own = errors('x1 + 1', all)
    // Rows left out of a line: 15 / 13 for its numbers, as much again where the line is extended.
    expect(own.leftOut).toBeGreaterThan(own.fitted)
    expect(own.leftOut).toBeLessThan(3 * own.fitted)
    // Eleven numbers for the twelve rows that are left leave next to nothing, and swing between them.
    const terms = Array.from({ length: 10 }, (_, k) => `1*x1^${k + 1}`)
    const wild = errors(`1 + ${terms.join(' + ')}`, all)
    expect(wild.fitted).toBeLessThan(own.fitted)
    expect(wild.leftOut).toBeGreaterThan(100 * own.leftOut)
  })
})

describe('a formula as it is printed', () => {
  it('is in normal form, with the digits that the rows support', () => {
    const all = uniformRows(50, 1, 1, '7 x1^2')
    const noise = new Random(2)
    const rows = { ...all, y: all.y.map(value => value + noise.uniform() - 0.5) }
    const judge = new Judge(rows)
    const text = toText(shortened(parse('-(-7.012345678901)*x1^2/x1^1 - -0.123456789012'), rows, judge))
    expect(text).toMatch(/^7(\.\d)?\*x1 \+ 0\.1\d?$/)
  })

  it('keeps the digits of an exact one', () => {
    const rows = uniformRows(50, 1, 1, '7.123456789012 x1')
    expect(toText(shortened(parse('7.123456789012*x1^1'), rows, new Judge(rows)))).toBe('7.123456789012*x1')
  })
})
