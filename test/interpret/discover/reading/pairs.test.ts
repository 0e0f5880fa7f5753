import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, variables } from '../../../../src/formula/index.ts'
import { discover } from '../../../../src/index.ts'
import { factorsFor } from '../../../../src/interpret/discover/reading/factors.ts'
import { pairCurves } from '../../../../src/interpret/discover/reading/pairs.ts'
import { Random } from '../../../../src/random.ts'

/** Rows of a formula of u, in no order. */
function rowsOf(text: string, low: number, high: number, rows = 300): { x: Float64Array; y: Float64Array } {
  const random = new Random(3)
  const x = Float64Array.from({ length: rows }, () => low + (high - low) * random.uniform())
  return { x, y: evaluateRows(parse(text), ['u'], x, rows) }
}

describe('pairCurves', () => {
  it.each([
    ['2*exp(-0.3*u)*cos(3*u + 0.5) + 1', 0, 10],
    ['sin(u)/(u + 1)', 0, 10],
    ['u/(1 + u^2)', 0, 3],
    ['u^3/(exp(u) - 1)', 0.1, 12],
    ['sin(u) + 0.5*sin(2*u + 1)', -3, 3],
    ['exp(-u/2) + exp(-3*u)', 0, 4],
    ['max(0, u - 0.3)', -1, 1],
    ['abs(u - 2.2) + sin(u)', 0, 5],
  ])('finds %s', (text, low, high) => {
    const { x, y } = rowsOf(text, low, high)
    const [best] = pairCurves(x, y, undefined)
    // Squared rounding, a hundred times or so.
    expect(best!.unexplained).toBeLessThan(1e-24)
    expect(variables(best!.expression)).toEqual(['u'])
  })

  it('uses the functions that it may, and gives up when told to', () => {
    const { x, y } = rowsOf('sin(u)*u', 0, 10)
    const kinds = new Set(factorsFor(x, ['x', 'exp']).map(({ kind }) => kind))
    expect(kinds).toEqual(new Set(['exp', 'x', 'x shifted', '1/(exp-1)']))
    expect(pairCurves(x, y, ['x', 'exp'])[0]!.unexplained).toBeGreaterThan(1e-3)
    expect(pairCurves(x, y, ['x', 'sin'])[0]!.unexplained).toBeLessThan(1e-24)
    expect(pairCurves(x, y, undefined, () => true)).toEqual([])
    expect(pairCurves(x, new Float64Array(x.length).fill(2), undefined)).toEqual([])
  })
})

describe('discover', () => {
  it('finds a damped oscillation of its only column, and of one of two', { timeout: 60_000 }, async () => {
    const { x, y } = rowsOf('2*exp(-0.3*u)*cos(3*u + 0.5)', 0, 10)
    const { text, exact } = await discover({ x, y }, { names: ['t'] })
    expect([text, exact]).toEqual(['2*cos(3*t + 1/2)*exp(-0.3*t)', true])
    const random = new Random(4)
    const two = Float64Array.from({ length: 800 }, () => 3 * random.uniform())
    const law = evaluateRows(parse('x1*cos(x2)/(1 + x1^2)'), ['x1', 'x2'], two, 400)
    expect((await discover({ x: two, y: law })).text).toBe('x1*cos(x2)/(x1^2 + 1)')
  })
})
