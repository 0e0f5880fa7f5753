import { describe, expect, it } from 'vitest'
import { parse, toText } from '../../../src/formula/index.ts'
import { polish } from '../../../src/interpret/constants/polish.ts'
import { hasPoleInside } from '../../../src/interpret/constants/poles.ts'
import { ColumnTable } from '../../../src/interpret/constants/problem.ts'
import { snap } from '../../../src/interpret/constants/snap.ts'

describe('poles', () => {
  it.each([
    ['1/(x - 0.5)', true],
    ['1/(x + 0.5)', false],
    ['(x - 0.5)^-2', true],
    ['(x - 0.5)^2/3', false],
    ['1/(1 - x)', true],
    ['x^-(1/2)', true],
    ['tan(1.5*x)', false],
    ['tan(1.6*x)', true],
    ['exp(1/(x - 1.5))', false],
  ])('of %s between rows at 0 and 1: %s', (text, expected) => {
    expect(hasPoleInside(parse(text), new ColumnTable(['x'], [0, 1], [0, 0], 2))).toBe(expected)
  })

  it('are not where constants are fitted and snapped to', () => {
    // 0.5/(x - 0.5) goes through both rows.
    const tree = parse('0.7/(x + 0.5)')
    const table = [['x'], [0, 1], [-1, 1], 2] as const
    const fitted = polish(tree, ...table)
    expect(fitted.expression).toBe(tree)
    expect(fitted.rmse).toBeCloseTo(Math.hypot(2.4, 0.7 / 1.5 - 1) / Math.SQRT2, 12)
    expect(toText(snap(tree, ...table).expression)).toBe('0.7/(x + 0.5)')
    // From a pole one may go on.
    expect(polish(parse('0.7/(x - 0.4)'), ...table).rmse).toBeLessThan(1e-9)
  })
})
