import { describe, expect, it } from 'vitest'
import { compile, toText } from '../../../src/formula/index.ts'
import { niceNumbers } from '../../../src/interpret/constants/nicenumbers.ts'

describe('niceNumbers', () => {
  it.each([
    [3, '3'],
    [-3, '-3'],
    [0.5, '1/2'],
    [-2 / 3, '-(2/3)'],
    [0.2, '0.2'],
    [365.25, '365.25'],
    [Math.PI, 'pi'],
    [Math.PI / 4, 'pi/4'],
    [-2 * Math.PI, '-(2*pi)'],
    [1 / (4 * Math.PI), '1/(4*pi)'],
    [Math.PI ** 2 / 6, 'pi^2/6'],
    [1 / (2 * Math.PI ** 3), '1/(2*pi^3)'],
    [Math.SQRT2, 'sqrt(2)'],
    [1 / Math.sqrt(2 * Math.PI), '1/sqrt(2*pi)'],
    [Math.sqrt(Math.PI / 2), 'sqrt(pi/2)'],
    [1 / Math.E, '1/e'],
    [Math.log(2), 'log(2)'],
  ])('finds %d as %s', (value, text) => {
    // Two roundings at most stand between two ways to compute it.
    const [nice] = niceNumbers(value, 2 ** -51 * Math.abs(value))
    expect(toText(nice!.expression)).toBe(text)
  })

  it('gives values with the bits of their trees, within reach, the cheapest first', () => {
    for (const near of [0.318, -1.7, 12.566, 1e-3, 98765.4, 0.7]) {
      const found = niceNumbers(near, 0.01 * Math.abs(near))
      expect(found.length).toBeGreaterThan(0)
      for (const [i, { value, expression, cost }] of found.entries()) {
        expect([toText(expression), compile(expression, [])([])]).toEqual([toText(expression), value])
        expect(Math.abs(value - near)).toBeLessThanOrEqual(0.01 * Math.abs(near))
        expect(cost).toBeGreaterThanOrEqual(i === 0 ? 0 : found[i - 1]!.cost)
      }
    }
  })

  it('has none for 0, and none for a number that is none', () => {
    expect(niceNumbers(0)).toEqual([])
    expect(niceNumbers(NaN)).toEqual([])
    expect(niceNumbers(0.718234561123, 1e-12)).toEqual([])
  })
})
