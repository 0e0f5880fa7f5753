import { describe, expect, it } from 'vitest'
import { wrapFormula } from '../../src/cli/layout.ts'

const planck =
  '1.477e-50*frequency_hz^3*exp(-4.8e-11*frequency_hz/temperature_k)/(1 - exp(-4.84e-11*frequency_hz/temperature_k))'

describe('a formula in lines', () => {
  it.each([20, 30, 40, 60, 80])('of %i characters at most keeps operators with operands', width => {
    const lines = wrapFormula(planck, width)
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(width)
      expect(line).not.toMatch(/^[-+*/]$|[-+*/]$/)
    }
    // Only spaces may have gone.
    expect(lines.join('').replaceAll(' ', '')).toBe(planck.replaceAll(' ', ''))
  })

  it('breaks sums first, and no name', () => {
    expect(wrapFormula('aaaa*bbbb + cccc*dddd - e', 12)).toEqual(['aaaa*bbbb', '+ cccc*dddd', '- e'])
    expect(wrapFormula('2*`a - b * c`', 9)).toEqual(['2', '*`a - b * c`'])
    expect(wrapFormula('x + y', 80)).toEqual(['x + y'])
  })
})
