import { describe, expect, it } from 'vitest'
import { evaluateRows, parse } from '../../../src/formula/index.ts'
import { discover, KAN } from '../../../src/index.ts'
import { Random } from '../../../src/random.ts'

const ROWS = 240

/** Rows of y = c(material) n T, with normal noise (Box and Muller) of that share of each value. */
function rowsOf(factors: readonly number[], noise: number): { names: string[]; x: number[][]; y: number[] } {
  const random = new Random(5)
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  const x = Array.from({ length: ROWS }, (_, r) => [
    ...factors.map((_, level) => Number(r % factors.length === level)),
    0.5 + 2.5 * random.uniform(),
    1 + 4 * random.uniform(),
  ])
  const y = x.map(row => {
    const [n, T] = row.slice(-2)
    return factors[row.indexOf(1)]! * n! * T! * (1 + noise * normal())
  })
  return { names: [...factors.map((_, level) => `material=${'abc'[level]!}`), 'n', 'T'], x, y }
}

/** Levels inside a function or an exponent. */
const CURVED = /(\^|exp\(|log\(|sqrt\()[^()]*material/

describe('factors that go with the levels of a text', () => {
  it.each([
    [[1, 2], 'T*n*(`material=b` + 1)'],
    [[1, 2, 3.5], 'T*n*(`material=b` + 2.5*`material=c` + 1)'],
    [[8.314, 16.628], '8.314*T*n*(`material=b` + 1)'],
    [[1, 0.5, 0.25], 'T*n/(`material=b` + 3*`material=c` + 1)'],
  ])('%j are an affine map, without noise', { timeout: 60_000 }, async (factors, law) => {
    const { names, x, y } = rowsOf(factors, 0)
    const found = await discover({ x, y }, { names })
    expect(found.exact).toBe(true)
    expect(found.text).toBe(law)
  })

  it.each([[[1, 2]], [[1, 2, 3.5]]])('%j are one with 5 % noise', { timeout: 60_000 }, async factors => {
    const { names, x, y } = rowsOf(factors, 0.05)
    const { text, train, stop, pareto } = await discover({ x, y }, { names })
    expect(stop).toBe('noise')
    expect(text).toMatch(/^T\*n\*\([^()^]*\)$/)
    expect(pareto.filter(one => CURVED.test(one.text)).map(one => one.text)).toEqual([])
    // The errors are those of the text.
    const printed = evaluateRows(parse(text, { variables: names }), names, x.flat(), ROWS)
    const squares = printed.reduce((sum, value, r) => sum + (value - y[r]!) ** 2, 0)
    expect(train.rmse).toBeCloseTo(Math.sqrt(squares / ROWS), 13)
    for (const [level, factor] of factors.entries()) {
      const own = x.flatMap((row, r) => (row[level] === 1 ? [r] : []))
      const nT = own.map(r => x[r]!.slice(-2).reduce((a, b) => a * b))
      const sums = [2, 4].map(power => nT.reduce((sum, value) => sum + value ** power, 0))
      // Least squares have the variance (0.05 c)^2 sum (n T)^4 / (sum (n T)^2)^2: 3.3 deviations are off by chance once in a thousand,
      // and a plainer number may be 2.6 farther off (Student's at 99 %, see snap).
      const deviation = (0.05 * factor * Math.sqrt(sums[1]!)) / sums[0]!
      expect(Math.abs(printed[own[0]!]! / nT[0]! - factor)).toBeLessThan((3.3 + 2.6) * deviation)
    }
  })

  it.each([0, 0.05])('of two texts are a map each, with noise of %d', { timeout: 60_000 }, async noise => {
    const { x: rows, y: values } = rowsOf([1, 2, 3.5], noise)
    // Every other row is blue, whatever its material: 240 rows have 40 of each pair.
    const x = rows.map((row, r) => [...row.slice(0, 3), r % 2, 1 - (r % 2), ...row.slice(3)])
    const y = values.map((value, r) => value * (1 + 2 * (r % 2)))
    const names = ['m=a', 'm=b', 'm=c', 'blue', 'red', 'n', 'T']
    const { text } = await discover({ x, y }, { names })
    expect(text).toMatch(noise === 0 ? /\(`m=b` \+ 2\.5\*`m=c` \+ 1\)/ : /\(`m=b` \+ 2\.\d+\*`m=c` \+ 1\)/)
    // Each is a factor, and there is no other but n and T.
    expect(text).toContain('(2*blue + 1)')
    expect(text.split(/\*(?=\(|n)/)).toHaveLength(4)
    expect(text.slice(0, 4)).toBe('T*n*')
  })

  it('are one in symbolify', { timeout: 60_000 }, async () => {
    const { x, y } = rowsOf([1, 2, 3.5], 0)
    const log = { inputs: [false, false, false, true, true], output: true }
    const kan = new KAN({ width: [5, 1], grid: 3, seed: 1, scaling: { log } })
    await kan.fit({ x, y }, { optimizer: 'lm', steps: 20, restarts: 1 })
    const { texts, pareto } = await kan.symbolify({ x, y })
    expect(texts).toEqual(['x4*x5*(x2 + 2.5*x3 + 1)'])
    expect(pareto.flatMap(one => one.texts).filter(text => /(\^|exp\()[^()]*x[123]/.test(text))).toEqual([])
  })
})
