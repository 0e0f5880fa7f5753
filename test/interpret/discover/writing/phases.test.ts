import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText } from '../../../../src/formula/index.ts'
import { snap } from '../../../../src/interpret/constants/snap.ts'
import { plainPhases } from '../../../../src/interpret/discover/writing/phases.ts'
import type { Trial } from '../../../../src/interpret/discover/writing/acceptance.ts'
import { Random } from '../../../../src/random.ts'

const x = Float64Array.from({ length: 100 }, (_, i) => i / 17)

/** The formula with plain phases, by rows of the law and noise. */
function written(law: string, formula: string, noise = 0): string {
  const random = new Random(1)
  const y = evaluateRows(parse(law), ['t'], x, x.length).map(
    value => value + noise * (random.uniform() - 0.5),
  )
  const trial: Omit<Trial, 'polish'> = {
    snap: (tried, hold) => snap(tried, ['t'], x, y, x.length, { hold }).expression,
    squares: tried =>
      evaluateRows(tried, ['t'], x, x.length).reduce((sum, v, r) => sum + (v - y[r]!) ** 2, 0) / x.length,
    rows: x.length,
  }
  return toText(plainPhases(snap(parse(formula), ['t'], x, y, x.length).expression, trial))
}

describe('plainPhases', () => {
  it.each([
    ['3*sin(2*t + 1) + 5', '3*cos(2*t - 0.57) + 5'],
    ['3*sin(2*t - 0.2)', '-3*cos(2*t + 1.37)'],
    ['cos(t + 1)*exp(-t)', '-sin(t - 0.57)*exp(-t)'],
    ['sin(3*t + 2)/cos(t/10 + 0.7)', 'cos(3*t + 0.43)/sin(2.27 + t/10)'],
  ])('writes %s for %s', (law, formula) => {
    const text = written(law, formula)
    expect(text).toBe(written(law, law))
    const values = evaluateRows(parse(text), ['t'], x, x.length)
    const wanted = evaluateRows(parse(law), ['t'], x, x.length)
    // Rounding of a dozen operations on values of at most 8.
    values.forEach((value, r) => expect(Math.abs(value - wanted[r]!)).toBeLessThan(8 * 12 * 2 ** -52))
  })

  it('sees a plain phase through noise', () => {
    expect(written('3*sin(2*t + 1) + 5', '3*cos(2*t - 0.57) + 5', 0.2)).toBe('3*sin(2*t + 1) + 5')
  })

  it.each(['cos(2*t - pi/3)', 'sin(t + 1/2)', 'cos(t)'])('leaves %s', text => {
    expect(toText(plainPhases(parse(text), { snap: tried => tried, squares: () => 1, rows: 9 }))).toBe(text)
  })
})
