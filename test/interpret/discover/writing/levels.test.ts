import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText } from '../../../../src/formula/index.ts'
import { Judge } from '../../../../src/interpret/discover/judging/judge.ts'
import { plainLevels } from '../../../../src/interpret/discover/writing/levels.ts'
import { Random } from '../../../../src/random.ts'

/** The formula as snap and then plainLevels write it for rows of a law, off by up to that share. */
function written(text: string, law: string, noise: number): string {
  const random = new Random(9)
  const names = ['m=u', 'm=v', 'x']
  const rows = 150
  const x = Float64Array.from(
    Array.from({ length: rows }, (_, r) => [
      Number(r % 3 === 0),
      Number(r % 3 === 1),
      1 + 4 * random.uniform(),
    ]).flat(),
  )
  const named = (formula: string) => parse(formula.replaceAll(/\b([uv])\b/g, '`m=$1`'), { variables: names })
  const y = evaluateRows(named(law), names, x, rows).map(
    value => value * (1 + noise * (2 * random.uniform() - 1)),
  )
  const all = { names, x, y, rows }
  const judge = new Judge(all)
  const table = judge.table(all)
  const plain = plainLevels(
    table.snap(named(text), () => false),
    table.levels,
    {
      snap: (tried, hold, factors = 'inside') => table.snap(tried, hold, { factors }),
      squares: tried => judge.errorOf(tried, all) ** 2,
      rows,
    },
  )
  return toText(plain).replaceAll(/`m=(.)`/g, '$1')
}

describe('maps of levels', () => {
  const above = '7.9*x*exp(0.2*u + 1.9*v)'

  it.each([
    // The values of the levels are plain, or what they are to each other is.
    [above, 'x*(2 + u + 5*v)', 0.05, /^x\*\(u \+ 5\*v \+ 2\)$/],
    [above, '8.314*x*(1 + v)', 0.05, /^8\.\d+\*x\*\(v \+ 1\)$/],
    // Below the line where that is plainer by more than a digit.
    ['x*(1 - 0.6*u - 0.7*v)', 'x/(1 + u + 1.5*v)', 0, /^x\/\(u \+ 1\.5\*v \+ 1\)$/],
    ['x/(1.1 + 0.9*u + 2.4*v)', 'x/(1 + u + 2.5*v)', 0, /^x\/\(u \+ 2\.5\*v \+ 1\)$/],
  ])('%s is written as %s with noise of %d', (text, law, noise, form) => {
    expect(written(text, law, noise)).toMatch(form)
  })

  it('stay where there are none', () => {
    expect(written('3*x + 1', '3*x + 1', 0)).toBe('3*x + 1')
  })
})
