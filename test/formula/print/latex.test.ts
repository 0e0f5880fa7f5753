import { describe, expect, it } from 'vitest'
import { compile, format, parse, variable } from '../../../src/formula/index.ts'
import { readLatex } from './readlatex.ts'
import { expectAgreement, names, samples } from './samples.ts'

describe('LaTeX', () => {
  it('means what the formulas are worth', () => {
    const list = samples(400)
    const values = list.map(({ expression, rows }) => {
      const formula = compile(parse(readLatex(format(expression, 'latex'))), names)
      return rows.map(row => formula(row))
    })
    expectAgreement(list, values, 2000)
  })

  it.each([
    ['exp(sin(pi*x1) + x2^2)', '\\mathrm{e}^{\\sin\\left(\\pi \\, x_{1}\\right) + x_{2}^{2}}'],
    ['a + (b - (c - d))', 'a + b - \\left(c - d\\right)'],
    ['2*3*x', '2 \\cdot 3 \\, x'],
    ['a*(-b)', 'a \\, \\left(-b\\right)'],
    ['a - -b', 'a - \\left(-b\\right)'],
    ['(a/b)^2', '\\left(\\frac{a}{b}\\right)^{2}'],
    ['sin(x)^2 + sin(x)^-2', '\\sin^{2}\\left(x\\right) + \\left(\\sin\\left(x\\right)\\right)^{-2}'],
    ['(x^2)^3', '\\left(x^{2}\\right)^{3}'],
    ['1.5e-7*x', '1.5 \\cdot 10^{-7} \\, x'],
    ['1e21^x', '\\left(10^{21}\\right)^{x}'],
    ['abs(x) + floor(x) + cbrt(x)', '\\left|x\\right| + \\left\\lfloor x\\right\\rfloor + \\sqrt[3]{x}'],
    ['sigmoid(x)', '\\frac{1}{1 + \\mathrm{e}^{-x}}'],
  ])('writes %s', (text, expected) => {
    expect(format(parse(text), 'latex')).toBe(expected)
  })

  it.each([
    ['x1', 'x_{1}'],
    ['x_12', 'x_{12}'],
    ['theta', '\\theta'],
    ['theta_0', '\\theta_{0}'],
    ['Ω', '\\Omega'],
    ['Alpha', '\\mathrm{A}'],
    ['m_sun', 'm_{\\mathrm{sun}}'],
    ['mass', '\\mathrm{mass}'],
    ['e', 'e'],
    ['pi', '\\mathrm{pi}'],
    ['sound pressure [dB]', '\\text{sound pressure [dB]}'],
    ['50% & more_$', '\\text{50\\% \\& more\\_\\$}'],
    ['a\\b{c}^d~e#', '\\text{a\\textbackslash{}b\\{c\\}\\textasciicircum{}d\\textasciitilde{}e\\#}'],
    ['two\nlines', '\\text{two lines}'],
    ['area "A" [m²]', "\\text{area ''A'' [m$^{2}$]}"],
    ['width [μm]', '\\text{width [$\\mu$m]}'],
  ])('sets the name %s', (name, expected) => {
    expect(format(variable(name), 'latex')).toBe(expected)
  })

  it('rounds to the digits asked for', () => {
    expect(format(parse('3.14159265*x1 - 1.23456e-9'), 'latex', { digits: 3 })).toBe(
      '3.14 \\, x_{1} - 1.23 \\cdot 10^{-9}',
    )
  })
})
