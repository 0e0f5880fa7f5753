import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText } from '../../../../src/formula/index.ts'
import { plainDivisors } from '../../../../src/interpret/discover/writing/divisors.ts'
import { isTidyExponent } from '../../../../src/interpret/discover/writing/exponents.ts'
import { Judge } from '../../../../src/interpret/discover/judging/judge.ts'
import { Random } from '../../../../src/random.ts'

/** The formula as it is written for rows of a law, off by factors of up to exp(noise), with x up to `most`. */
function written(text: string, law: string, { noise = 0, most = 20 } = {}): string {
  const random = new Random(3)
  const names = ['x', 'T']
  const rows = 80
  const x = Float64Array.from({ length: 2 * rows }, (_, p) => (p % 2 ? 1 : most * random.uniform() + 0.01))
  const y = evaluateRows(parse(law), names, x, rows).map(
    value => value * Math.exp(noise * (2 * random.uniform() - 1)),
  )
  const all = { names, x, y, rows }
  const judge = new Judge(all, true)
  const table = judge.table(all)
  const plain = plainDivisors(parse(text), {
    snap: (tried, hold) =>
      table.snap(tried, (node, isExponent) => hold(node) || isTidyExponent(node, isExponent)),
    polish: (tried, hold) => table.polish(tried, { hold }).expression,
    squares: tried => judge.errorOf(tried, all) ** 2,
    rows,
  })
  return toText(plain)
}

describe('a decay over 1 less the same decay', () => {
  const law = '4*x^3/(exp(2*x/T) - 1)'
  const first = '4*x^3*exp(-2*x/T)/(1 - exp(-2*x/T))'

  it('is written as a growth', () => {
    expect(written(first, law)).toBe('4*x^3/(exp(2*x/T) - 1)')
    expect(written('x*exp(-2*x)/(exp(-2*x) + 1)', 'x/(exp(2*x) + 1)')).toBe('x/(exp(2*x) + 1)')
    expect(written('exp(-2*x)/(5 - exp(-2*x))', '1/(5*exp(2*x) - 1)')).toBe('1/(5*exp(2*x) - 1)')
  })

  it('is one where noise had two', () => {
    const two = '4*x^3*exp(-2*x/T)/(1 - exp(-2.05*x/T))'
    // One rate, and the 1 within some standard errors.
    expect(written(two, law, { noise: 0.2 })).toMatch(/^4\*x\^3\/\(exp\(2\*x\/T\) - (1|0\.9\d|1\.0\d)\)$/)
  })

  it('has one rate where the growth is no number on a row', () => {
    // exp(2 360) is no number, exp(-2 360) is 1e-313.
    const far = { most: 360 }
    expect(written(first, first, far)).toBe(first)
    const two = '4*x^3*exp(-2.0004*x/T)/(1 - exp(-2.05*x/T))'
    expect(written(two, first, { ...far, noise: 0.01 })).toMatch(
      /^4(\.0\d*)?\*x\^3\*exp\(-2\*x\/T\)\/\(1 - exp\(-2\*x\/T\)\)$/,
    )
  })

  it('stays where the rows object', () => {
    // By the rows the two rates differ.
    const two = '4*x^3*exp(-2*x/T)/(1 - exp(-2.05*x/T))'
    expect(written(two, two)).toBe(two)
    // Another decay than the one below.
    const other = 'exp(-x)/(1 - exp(-3*x))'
    expect(written(other, other)).toBe(other)
  })
})
