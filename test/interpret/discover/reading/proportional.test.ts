import { describe, expect, it } from 'vitest'
import { evaluateRows, parse } from '../../../../src/formula/index.ts'
import { proportionalCurves } from '../../../../src/interpret/discover/reading/proportional.ts'

const ROWS = 80
const u = Float64Array.from({ length: ROWS }, (_, r) => 0.01 + (3 * r) / ROWS)
const valuesOf = (formula: string): Float64Array => evaluateRows(parse(formula), ['u'], u, ROWS)

describe('functions without an offset', () => {
  // Of the noise's share 1e-4 of the variance a parabola with an offset explains sin(u) on [0, 3] as well.
  it.each([
    ['sin(u)', 'plain wave'],
    ['2.5*exp(-0.9*u)', 'exp'],
    ['-3*u', 'x'],
    ['0.7*u^2', 'x^2'],
    ['2*log(u)', 'log'],
    ['4*sqrt(u)', 'sqrt'],
  ])('are those of %s: %s', (formula, name) => {
    const v = valuesOf(formula)
    const [best] = proportionalCurves(u, v, { library: undefined, weights: undefined, noise: 1e-4 })
    expect(best!.name).toBe(name)
    const { expression, a, b, c, d } = best!.curve[0]!
    expect([a, b, c, d]).toEqual([1, 0, 1, 0])
    // Twelve steps of Levenberg and Marquardt's method end at rounding: 1e-16 of the variance, some thousand times.
    expect(best!.unexplained).toBeLessThan(1e-12)
    // Which is 1e-6 of the deviation, that is below 5.
    evaluateRows(expression, ['u'], u, ROWS).forEach((value, r) => expect(value).toBeCloseTo(v[r]!, 5))
  })

  it('are of the library that is given', () => {
    const found = proportionalCurves(u, valuesOf('sin(u)'), {
      library: ['x', 'exp'],
      weights: undefined,
      noise: 1e-4,
    })
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set(['x', 'x shifted', 'exp', '1/(exp-1)']))
  })

  it('are none of a curve that is 0', () => {
    const options = { library: undefined, weights: undefined, noise: 1e-4 }
    expect(proportionalCurves(u, new Float64Array(ROWS), options)).toEqual([])
  })
})
