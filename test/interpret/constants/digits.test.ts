import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText } from '../../../src/formula/index.ts'
import { shortNumbers } from '../../../src/interpret/constants/digits.ts'
import { polishOn } from '../../../src/interpret/constants/polish.ts'
import { ColumnTable } from '../../../src/interpret/constants/problem.ts'
import { snap } from '../../../src/interpret/constants/snap.ts'
import { seeded } from '../../oracle/random.ts'

/** y = 2.7083 x + 0.57721 with noise, fitted and written. */
function written(rows: number, noise: number): { text: string; slope: number; error: number; rmse: number } {
  const random = seeded(3)
  const x = Float64Array.from({ length: rows }, () => 2 * random() - 1)
  // Twelve uniform numbers have the variance of a standard normal one.
  const normal = (): number => Array.from({ length: 12 }, random).reduce((sum, u) => sum + u, -6)
  const y = x.map(value => 2.7083 * value + 0.57721 + noise * normal())
  const { expression } = snap(parse('2.7*x + 0.6'), ['x'], x, y, rows)
  const values = evaluateRows(expression, ['x'], x, rows)
  const [low, high] = evaluateRows(expression, ['x'], [0, 1], 2)
  const squares = values.reduce((sum, value, r) => sum + (value - y[r]!) ** 2, 0)
  const spread = x.reduce((sum, value) => sum + value ** 2, 0)
  return {
    text: toText(expression),
    slope: high! - low!,
    error: noise / Math.sqrt(spread),
    rmse: Math.sqrt(squares / rows),
  }
}

describe('fewestDigits', () => {
  it.each([
    [100, 0.1],
    [1000, 0.01],
    [10_000, 1e-3],
  ])('%i rows with noise %f: digits that matter, and no more', (rows, noise) => {
    const { text, slope, error, rmse } = written(rows, noise)
    // The fit is off by its standard error (four of them happen once in 16000 times), and a tenth of that by rounding.
    expect(Math.abs(slope - 2.7083)).toBeLessThan(4.1 * error)
    // A number has the digits down to its standard error, and two more at most: one for the tenth, one for a first digit of 1.
    const most = Math.ceil(Math.log10(2.7083 / error)) + 2
    for (const number of text.match(/\d+\.?\d*/g) ?? [])
      expect(number.replace(/^0?\.?0*/, '').replace('.', '').length).toBeLessThanOrEqual(most)
    // Rounding adds 1 % of the variance a number at most.
    expect(rmse).toBeLessThan(1.1 * noise)
  })

  it('keeps all digits of rows without noise', () => {
    const { slope } = written(100, 0)
    expect(Math.abs(slope - 2.7083)).toBeLessThan(1e-14)
  })
})

describe('shortNumbers', () => {
  const random = seeded(4)
  const x = Float64Array.from({ length: 300 }, () => 2 * random() - 1)
  const noisy = x.map(value => Math.exp(1.7 * value) + 0.1 * (random() - 0.5))
  // Eight numbers that lean on each other.
  const terms = Array.from({ length: 8 }, (_, n) => `${0.3 + n}*x^${n}`).join(' + ')

  it('cuts the digits of a fitted formula, all together making its squares a hundredth larger at most', () => {
    const table = new ColumnTable(['x'], x, noisy, 300)
    const { expression, rmse } = polishOn(table, parse(terms))
    const short = shortNumbers(expression, table)
    expect(toText(short).length).toBeLessThan(0.6 * toText(expression).length)
    const values = evaluateRows(short, ['x'], x, 300)
    const squares = values.reduce((sum, value, r) => sum + (value - noisy[r]!) ** 2, 0)
    expect(Math.sqrt(squares / 300)).toBeLessThanOrEqual(Math.sqrt(1.01) * rmse)
  })

  it('leaves a formula that does not exist on a row', () => {
    const table = new ColumnTable(['x'], x, noisy, 300)
    const log = parse('1.23456789*log(x)')
    expect(shortNumbers(log, table)).toBe(log)
  })
})
