import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText } from '../../../../src/formula/index.ts'
import { freeNumbers } from '../../../../src/interpret/constants/constants.ts'
import { isTidyExponent, tidyExponents } from '../../../../src/interpret/discover/writing/exponents.ts'
import { Judge } from '../../../../src/interpret/discover/judging/judge.ts'
import { FEWEST_TO_SPLIT } from '../../../../src/data/split.ts'
import { splitForSearch } from '../../../../src/interpret/discover/rows.ts'
import type { TargetRows } from '../../../../src/interpret/discover/rows.ts'
import { Random } from '../../../../src/random.ts'

/** y = formula of x at rows spread over [1, 9]. */
function rowsOf(text: string, rows: number, noise = 0): TargetRows {
  const random = new Random(1)
  const x = Float64Array.from({ length: rows }, (_, r) => 1 + (8 * r) / (rows - 1))
  const y = evaluateRows(parse(text), ['x'], x, rows).map(
    value => value * (1 + noise * (random.uniform() - 0.5)),
  )
  return { names: ['x'], x, y, rows }
}

describe('the judge', () => {
  it('takes for exact what the rounding of targets far from 0 leaves', () => {
    expect(new Judge(rowsOf('x', 50)).exact).toBe(1e-11)
    const far = rowsOf('x + 1000000', 50)
    const judge = new Judge(far)
    const off = far.y.map(value => value * (1 + 2 ** -52))
    expect(judge.error(off, far)).toBeGreaterThan(1e-11)
    expect(judge.error(off, far)).toBeLessThan(judge.exact)
  })

  it('goes by deviations, and by logarithms where targets span decades', () => {
    const near = rowsOf('x', 50)
    expect(new Judge(near).log).toBe(false)
    // Everything off by one deviation of the targets, 8/49 sqrt((50^2 - 1)/12) for equally spaced ones.
    const off = near.y.map(value => value + (8 / 49) * Math.sqrt((50 ** 2 - 1) / 12))
    expect(new Judge(near).error(off, near)).toBeCloseTo(1, 12)
    const wide = rowsOf('exp(2*x)', 50)
    expect(new Judge(wide).log).toBe(true)
    expect(
      new Judge(wide).error(
        wide.y.map(value => value * Math.E),
        wide,
      ),
    ).toBeCloseTo(1, 12)
    expect(
      new Judge(wide).error(
        wide.y.map(value => -value),
        wide,
      ),
    ).toBe(Infinity)
    // Two decades are enough where rows are few.
    expect(new Judge(rowsOf('x^2.2', 6)).log).toBe(true)
    expect(new Judge(rowsOf('x^2.2', 60)).log).toBe(false)
  })

  it('has an R2 of logarithms for every row that it is asked about', () => {
    const judge = new Judge(rowsOf('exp(2*x)', 50))
    const errors = (value: number, y: number): number =>
      judge.errors(Float64Array.of(value), {
        names: ['x'],
        x: Float64Array.of(1),
        y: Float64Array.of(y),
        rows: 1,
      }).log!.r2
    // One row has no deviation: an error of 0 explains it all the same, any other nothing; 0 has no logarithm.
    expect(errors(2, 2)).toBe(1)
    expect(errors(3, 2)).toBe(-Infinity)
    expect(errors(0, 0)).toBe(-Infinity)
  })

  it.each([[6], [60]])('fits what it judges by: %d rows', rows => {
    const table = rowsOf('3*x^2.2', rows)
    const { expression, error } = new Judge(table).table(table).polish(parse('2.5*x^2'), {
      hold: () => false,
    })
    expect(error).toBeLessThan(1e-13)
    expect(freeNumbers(expression).map(({ value }) => value)).toEqual([
      expect.closeTo(3, 10),
      expect.closeTo(2.2, 10),
    ])
  })
})

describe('exponents', () => {
  const tidied = (law: string, start: string, rows: number, noise: number): string => {
    const table = rowsOf(law, rows, noise)
    const expression = tidyExponents(parse(start), new Judge(table).table(table))
    return toText(expression, { digits: 4 })
  }

  it('become whole or half where the rows do not object', () => {
    expect(tidied('3*x^1.5', '2.9*x^1.52', 8, 0.02)).toMatch(/\*x\^1\.5$/)
    expect(tidied('3*x^2', '2.9*x^1.97', 8, 0.02)).toMatch(/\*x\^2$/)
    expect(tidied('3*x^2', '3*x^2.0000001', 50, 0)).toBe('3*x^2')
  })

  it('are held from then on, and whole ones with them', () => {
    const table = rowsOf('3*x^1.5 + x^2', 20)
    const expression = tidyExponents(parse('3*x^1.51 + 1.1*x^2'), new Judge(table).table(table))
    // Two factors are left to fit.
    expect(freeNumbers(expression, isTidyExponent)).toHaveLength(2)
  })

  it('are refused a number by place: another exponent may have it', () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = new Random(seed)
      const x = Float64Array.from({ length: 100 }, (_, p) => 1 + (p % 2 === 0 ? 4 : 0.05) * random.uniform())
      // Five thousandths of noise leave b's exponent uncertain by a hundredth or two, and a's by half a thousandth.
      const y = Float64Array.from(
        { length: 50 },
        (_, r) => x[2 * r]! ** 1.99 * x[2 * r + 1]! ** 2 * (1 + 0.005 * (random.uniform() - 0.5)),
      )
      const rows = { names: ['a', 'b'], x, y, rows: 50 }
      const tidy = tidyExponents(parse('a^1.98*b^2.05'), new Judge(rows).table(rows))
      expect(toText(tidy, { digits: 3 })).toMatch(/a\^1\.99.*b\^2$/)
    }
  })

  it('stay where they do', () => {
    expect(tidied('3*x^1.7', '2.9*x^1.6', 50, 0.001)).toMatch(/\*x\^1\.7/)
    expect(tidied('3*x^1.7', '2.9*x^1.6', 50, 0)).toBe('3*x^1.7')
  })
})

describe('rows of a search', () => {
  it('are held out where there are enough, and left out where there are too many', () => {
    const few = splitForSearch(rowsOf('x', FEWEST_TO_SPLIT - 1), 0)
    expect(few.heldOut).toBe(false)
    expect(few.training.rows).toBe(FEWEST_TO_SPLIT - 1)
    const some = splitForSearch(rowsOf('x', 100), 0)
    expect([some.training.rows, some.validation.rows]).toEqual([80, 20])
    const many = splitForSearch(rowsOf('x', 20_000), 0)
    expect(many.training.rows + many.validation.rows).toBe(5000)
    expect(splitForSearch(rowsOf('x', 20_000), 0).training.x).toEqual(many.training.x)
  })
})
