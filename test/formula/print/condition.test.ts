import { describe, expect, it } from 'vitest'
import { compile, parse, toText } from '../../../src/formula/index.ts'
import { Random } from '../../../src/random.ts'
import { rounding } from './condition.ts'
import { names, samples } from './samples.ts'

const at = (text: string, x1: number, x2: number): number =>
  rounding(parse(text), new Map([['x1', x1]]).set('x2', x2), 1e-12).error

describe('the roundings that arrive', () => {
  it.each([
    ['x1', 3, 0, 3],
    ['x1 - x2', 1, 0.999, 2], // cancellation: 1 + 0.999 + 0.001
    ['x1*x2', 2, 3, 18],
    ['x1/x2', 6, 3, 6],
    ['x1^2', 3, 0, 27],
    ['-x1', 3, 0, 3],
    ['exp(x1)', 10, 0, 11 * Math.exp(10)],
    ['sin(1000*x1)', 0, 0, 0],
    ['log(x1)', 1, 0, 1],
    ['floor(x1)', 2.5, 0, 2],
    ['floor(x1)', 2, 0, Infinity],
    ['sqrt(x1)', 0, 0, Infinity],
    ['abs(x1)', 1e-300, 0, 2e-300],
    ['1/(x1 - x2)', 1, 1 - 1e-13, Infinity],
    ['(x1 - 1)^0.5', 1, 0, Infinity],
  ])('of %s at %d, %d are %d', (text, x1, x2, expected) => {
    expect(at(text, x1, x2)).toBeCloseTo(expected, 9)
  })

  it('bound what changed inputs change', () => {
    const random = new Random(11)
    const unit = 1e-9
    let compared = 0
    for (const { expression, rows } of samples(300, 3)) {
      const formula = compile(expression, names)
      for (const row of rows) {
        const point = new Map(names.map((name, i) => [name, row[i]!]))
        const { error } = rounding(expression, point, unit)
        const y = formula(row)
        if (!Number.isFinite(y) || !(error * unit < 1e-5 * Math.max(1e-3, Math.abs(y)))) continue
        const moved = formula(row.map(value => value * (1 + unit * (2 * random.uniform() - 1))))
        // The bound is of first order: the second adds about its square.
        const bound = unit * error * (1 + 1e-3) + 1e-13 * error
        expect([toText(expression), Math.abs(moved - y) <= bound]).toEqual([toText(expression), true])
        compared++
      }
    }
    expect(compared).toBeGreaterThan(1500)
  })
})
