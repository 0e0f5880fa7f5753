import { describe, expect, it } from 'vitest'
import { evaluateRows, parse } from '../../../src/formula/index.ts'
import { discover } from '../../../src/index.ts'
import { Random } from '../../../src/random.ts'

const NOISE = 0.05
const ROWS = 400

/** Rows of a law, with normal noise (Box and Muller) of that share of the law's own deviation. */
function noisyRows(
  law: string,
  ranges: Readonly<Record<string, readonly [number, number]>>,
): { names: string[]; x: Float64Array; truth: Float64Array; y: Float64Array; sigma: number } {
  const random = new Random(7)
  const [names, limits] = [Object.keys(ranges), Object.values(ranges)]
  const x = Float64Array.from({ length: ROWS * names.length }, (_, p) => {
    const [low, high] = limits[p % limits.length]!
    return low + (high - low) * random.uniform()
  })
  const truth = evaluateRows(parse(law), names, x, ROWS)
  const mean = truth.reduce((sum, value) => sum + value, 0) / ROWS
  const sigma = NOISE * Math.sqrt(truth.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ROWS)
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  return { names, x, truth, y: truth.map(value => value + sigma * normal()), sigma }
}

describe('discover, of noisy rows', () => {
  it.each([
    ['5*s/(2 + s)', { s: [0.1, 10] }, /^[\d.]+\*s\/\(s \+ [\d.]+\)$/],
    ['4*c^2.5/(2.756 + c^2.5)', { c: [0.1, 5] }, /^[\d./]+\/\([\d.]+\/c\^[\d./()]+ \+ [\d.]+\)$/],
    ['2*pi*sqrt(l/g)', { l: [0.1, 3], g: [1, 25] }, /^[\d.*pi]+\*sqrt\(l\/g\)$/],
  ] as const)('reads %s, and ends when it has it', { timeout: 60_000 }, async (law, ranges, form) => {
    const { names, x, truth, y, sigma } = noisyRows(law, ranges)
    const { text, stop, exact } = await discover({ x, y }, { names })
    expect(text).toMatch(form)
    expect(stop).toBe('noise')
    expect(exact).toBe(false)
    // The right form with up to three fitted numbers is off the law by chi^2_3 sigma^2 in all; 16.3 is the 99.9th percentile of
    // chi^2_3.
    const values = evaluateRows(parse(text), names, x, ROWS)
    const squares = values.reduce((sum, value, r) => sum + (value - truth[r]!) ** 2, 0)
    expect(squares / sigma ** 2).toBeLessThan(16.3)
  })
})
