import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { fold, format, formatLegend, parse } from '../../../src/formula/index.ts'
import type { Expression } from '../../../src/formula/index.ts'
import { valueOf } from './condition.ts'
import { expectAgreement, names, samples } from './samples.ts'
import { excelValue } from './spreadsheet.ts'

const cells = { x1: 'A1', x2: '$B$1', theta_0: 'C1', 'sound pressure [dB]': 'AA12' }

/** Whether every part of the formula is a number that a cell can hold; Excel stops at the first that is not. */
function staysFinite(expression: Expression, row: readonly number[]): boolean {
  const point = new Map(names.map((name, i) => [name, row[i]!]))
  let finite = true
  fold<number>(expression, (node, [u = NaN, v = NaN]) => {
    const value = valueOf(node, u, v, point)
    const size = Math.abs(value)
    if (!(size < 1e307 && (size > 1e-307 || value === 0)) || (node.kind === 'power' && u === 0 && v === 0))
      finite = false
    return value
  })
  return finite
}

describe('the small Excel', () => {
  it.each([
    ['=-2^2', 4],
    ['=2^3^2', 64],
    ['=2^-1', 0.5],
    ['=1-2^2', -3],
    ['=-A1^2', 9],
    ['=0-A1^2', -9],
    ['=ATAN2(-1,1)', (3 * Math.PI) / 4],
    ['=INT(-8.9)', -9],
    ['=8/4/2*3', 3],
    ['=1/0', NaN],
    ['=EXP(710)', NaN],
    ['=0^0', NaN],
  ])("computes %s as Microsoft's reference has it", (formula, value) => {
    expect(excelValue(formula, new Map([['A1', 3]]))).toBe(value)
  })
})

describe('Excel', () => {
  it('computes what the formulas are worth', () => {
    const list = samples(400)
    const values = list.map(({ expression, rows, values }) => {
      let formula: string | undefined
      return rows.map((row, i) => {
        // Excel has neither infinities nor numbers below 2e-308.
        if (!staysFinite(expression, row)) return values[i]!
        formula ??= format(expression, 'excel', { cells })
        return excelValue(formula, new Map(Object.values(cells).map((cell, j) => [cell, row[j]!])))
      })
    })
    expectAgreement(list, values, 2000)
  })

  it.each([
    ['-x1^2', '=-(A2^2)'],
    ['(-x1)^2', '=(-A2)^2'],
    ['2^-x1', '=2^(-A2)'],
    ['2^x1^2', '=2^(A2^2)'],
    ['(2^x1)^2', '=(2^A2)^2'],
    ['(-2)^x1', '=(-2)^A2'],
    ['1 - x1^2', '=1 - A2^2'],
    ['atan2(x1, x2)', '=ATAN2(B2, A2)'],
    ['1e-7*log2(x1)', '=1e-7*LOG(A2, 2)'],
    ['ceil(x1)', '=-INT(-A2)'],
    ['pi*e', '=PI()*EXP(1)'],
  ])('writes %s', (text, expected) => {
    expect(format(parse(text), 'excel')).toBe(expected)
  })

  it('puts variables where the caller says', () => {
    const formula = parse('mass*`speed [m/s]`^2/2')
    const cells = { mass: '$B$1', 'speed [m/s]': "'My table'!C5" }
    expect(format(formula, 'excel', { cells })).toBe("=$B$1*'My table'!C5^2/2")
    expect(format(formula, 'excel', { variables: ['unused', 'speed [m/s]', 'mass'] })).toBe('=C2*B2^2/2')
    expect(
      formatLegend(parse('x27 + x1'), 'excel', {
        variables: [...Array(27).keys()].map(i => `x${i + 1}`),
      }).get('x27'),
    ).toBe('AA2')
    const columns = { mass: '[@mass]', 'speed [m/s]': 'Runs[@[speed in m/s]]' }
    expect(format(formula, 'excel', { cells: columns })).toBe('=[@mass]*Runs[@[speed in m/s]]^2/2')
    expect(() => format(formula, 'excel', { cells: { mass: 'A1' } })).toThrow("'speed [m/s]' has no cell")
    for (const cell of ['A1+B1', 'A1:B2', '=A1', 'A 1', '"x"', '1', '[@a]+[@b]', '[@[a]]]', 'T[a]'])
      expect(() => format(formula, 'excel', { cells: { ...cells, mass: cell } })).toThrow(ConfigError)
  })

  it('refuses what Excel does not take', () => {
    expect(() => format(parse('5e-324*x1'), 'excel')).toThrow('constant 5e-324 is outside')
    expect(() => format(parse(Array(2000).fill('x1').join(' + ')), 'excel')).toThrow(
      '9998 characters in Excel',
    )
    const deep = 'sin('.repeat(65) + 'x1' + ')'.repeat(65)
    expect(() => format(parse(deep), 'excel')).toThrow('nested 65 deep')
  })
})
