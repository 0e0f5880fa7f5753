import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import {
  compile,
  format,
  formatAll,
  formatLegend,
  formatNames,
  fromJson,
  functionNames,
  functions,
  isFormatName,
  multiply,
  parse,
  toText,
  variable,
} from '../../../src/formula/index.ts'
import type { Expression, FormatName } from '../../../src/formula/index.ts'

const programs: readonly FormatName[] = ['javascript', 'python', 'sympy', 'c', 'wgsl', 'glsl']

describe('format', () => {
  it('writes every function in every format', () => {
    for (const name of functionNames) {
      const formula = parse(functions[name].derivatives.length === 2 ? `${name}(x1, x2)` : `${name}(x1)`)
      for (const each of formatNames) expect(format(formula, each)).not.toMatch(/undefined|null|object/)
    }
  })

  it('writes text as toText does', () => {
    const formula = parse('exp(sin(3.14159*x1) + x2^2)')
    expect(format(formula, 'text', { digits: 3 })).toBe('exp(sin(3.14*x1) + x2^2)')
    expect(format(formula, 'text')).toBe(toText(formula))
  })

  it('refuses formats and options that there are not', () => {
    const formula = parse('x1')
    // @ts-expect-error: a name from the command line is any text
    expect(() => format(formula, 'pyhton')).toThrow(
      "There is no format 'pyhton'. Did you mean 'python'? The formats are text, ",
    )
    expect(isFormatName('pyhton')).toBe(false)
    expect(isFormatName('python')).toBe(true)
    const exact = formatNames.filter(name => !['text', 'latex', 'mathml'].includes(name))
    expect(exact).toHaveLength(8)
    for (const name of exact)
      expect(() => format(formula, name, { digits: 3 })).toThrow('Rounded numbers would change its values')
    expect(() => format(formula, 'latex', { digits: 0 })).toThrow(
      'digits is 0; give a whole number from 1 to 17.',
    )
    // @ts-expect-error: a form from the command line is any text
    expect(() => format(formula, 'c', { form: 'whole' })).toThrow(
      "form is 'whole'; give program or expression.",
    )
    expect(() => format(formula, 'python', { cells: {} })).toThrow("python has no option 'cells'")
    expect(() => format(formula, 'c', { variables: ['x2'] })).toThrow("uses the variable 'x1'")
    for (const functionName of ['1f', 'a-b', 'f()', 'größe', 'return', ''])
      expect(() => format(formula, 'javascript', { functionName })).toThrow(ConfigError)
  })

  it('gives the parameters in the order asked for, once each', () => {
    const options = { variables: ['z', 'x2', 'x1', 'z'], functionName: 'area' }
    expect(format(parse('x1*x2'), 'c', options)).toContain('double area(double z, double x2, double x1) {')
    expect(format(parse('2'), 'c')).toContain('double f(void) {')
  })

  it('names what occurs twice or too deep in a program', () => {
    let tree: Expression = variable('x')
    for (let i = 0; i < 60; i++) tree = multiply(tree, tree)
    // x^(2^60) by squaring.
    const text = format(tree, 'javascript')
    expect(text.split('\n').length).toBeLessThan(70)
    expect(() => format(tree, 'javascript', { form: 'expression' })).toThrow(
      'printed as 2.31e+18 terms and signs',
    )
    expect(() => format(tree, 'latex')).toThrow('at most 1000000 are')

    let deep: Expression = variable('x')
    for (let i = 0; i < 500; i++) deep = { kind: 'call', name: 'sin', arguments: [deep] }
    for (const each of programs)
      for (const line of format(deep, each).split('\n'))
        expect(line.length - line.replaceAll('(', '').length).toBeLessThan(60)
    const y = compile(deep, ['x'])([1])
    expect(y).toBeGreaterThan(0)
  })
})

describe('formatLegend', () => {
  it('gives every column an identifier of its own that the language takes', () => {
    const names = [
      'x',
      'θ',
      'theta',
      'sound pressure [dB]',
      'sound pressure (dB)',
      '2x',
      '',
      '%',
      '温度',
      'Größe',
      'lambda',
    ]
      .concat(
        'Math',
        'np',
        'sine',
        'f',
        't1',
        'gl_x',
        'a__b',
        '_a',
        'float',
        'double',
        'in',
        'let',
        'a'.repeat(99),
      )
      .filter(name => name !== '')
    const formula = names.map(variable).reduce(multiply)
    for (const each of programs) {
      const identifiers = [...formatLegend(formula, each).values()]
      expect(new Set(identifiers).size).toBe(names.length)
      for (const identifier of identifiers)
        expect(identifier).toMatch(/^(?!gl_|f$)[A-Za-z](?:_?[A-Za-z0-9])*$/)
    }
    expect([...formatLegend(formula, 'python')].slice(0, 11)).toEqual([
      ['x', 'x'],
      ['θ', 'theta_2'],
      ['theta', 'theta'],
      ['sound pressure [dB]', 'sound_pressure_dB'],
      ['sound pressure (dB)', 'sound_pressure_dB_2'],
      ['2x', 'v_2x'],
      ['%', 'v'],
      ['温度', 'v_2'],
      ['Größe', 'Grosse'],
      ['lambda', 'lambda_2'],
      ['Math', 'Math'],
    ])
    expect(formatLegend(formula, 'text').get('θ')).toBe('θ')
  })

  it('stands in the program as comments that nothing in a name can end', () => {
    const name = 'a\n*/ evil()\u2028// "b" \\'
    for (const each of ['javascript', 'python', 'c', 'wgsl', 'glsl'] as const) {
      const text = format(variable(name), each)
      expect(text).toContain(' a_evil_b: "a\\n*/ evil()\\u2028// \\"b\\" \\\\"\n')
      expect(text).not.toContain('\u2028')
    }
    expect(format(variable(name), 'sympy')).toContain(
      'Symbol("a\\n*/ evil()\\u2028// \\"b\\" \\\\", real=True)',
    )
  })
})

describe('formatAll', () => {
  const formulas = [
    { name: 'loss', expression: parse('erf(x1)*x2 + sigmoid(`speed [m/s]`)') },
    { name: 'speed in', expression: parse('erf(x2)^2 + sin(erf(x2))') },
  ]

  it('writes one program that shares what the functions need', () => {
    const text = formatAll(formulas, 'javascript')
    expect(text.match(/^(?:export )?function \w+/gm)).toEqual([
      'function sigmoid',
      'function erf',
      'export function loss',
      'export function speed_in',
    ])
    expect(text.slice(text.indexOf('// speed_m_s'))).toBe(
      [
        '// speed_m_s: "speed [m/s]"',
        'export function loss(x1, x2, speed_m_s) {',
        '  return erf(x1)*x2 + sigmoid(speed_m_s)',
        '}',
        '',
        '// speed_in: "speed in"',
        'export function speed_in(x1, x2, speed_m_s) {',
        '  const t1 = erf(x2)',
        '  return t1**2 + Math.sin(t1)',
        '}',
        '',
      ].join('\n'),
    )
    for (const name of programs) {
      const lines = formatAll(formulas, name).split('\n')
      const declared = lines.filter(line => /^(?![\s#/]).*\b(?:loss|speed_in)\b.*[=({]/.test(line))
      expect([name, declared.length]).toEqual([name, 2])
      const long = lines.filter(line => line.length > 20 && !line.startsWith(' '))
      expect(long.length).toBe(new Set(long).size)
    }
  })

  it('writes equations where people read, and lines elsewhere', () => {
    const both = [
      { name: 'y1', expression: parse('x1^2') },
      { name: 'price [€]', expression: parse('x2/2') },
    ]
    expect(formatAll(both, 'text')).toBe('y1 = x1^2\n`price [€]` = x2/2\n')
    expect(formatAll(both, 'latex')).toBe(
      '\\begin{aligned}\ny_{1} &= x_{1}^{2} \\\\\n\\text{price [€]} &= \\frac{x_{2}}{2}\n\\end{aligned}\n',
    )
    expect(formatAll(both, 'mathml').match(/<math .*?<mo>=<\/mo>.*<\/math>\n/g)).toHaveLength(2)
    expect(formatAll(both, 'excel')).toBe('=A2^2\n=B2/2\n')
    const [first = '', second = ''] = formatAll(both, 'json').split('\n')
    expect([first, second].map(line => toText(fromJson(line)))).toEqual(['x1^2', 'x2/2'])
  })

  it('refuses no formula and two of one name', () => {
    // @ts-expect-error: each function has the name of its formula
    expect(() => formatAll(formulas, 'c', { functionName: 'f' })).toThrow("c has no option 'functionName'")
    expect(() => formatAll([], 'c')).toThrow('There is no formula to print')
    expect(() => formatAll([...formulas, formulas[0]!], 'c')).toThrow("Two formulas are called 'loss'")
  })

  it('says that a text is no expression yet', () => {
    // @ts-expect-error as JavaScript may call it
    expect(() => format('x + 1', 'python')).toThrow(/'x \+ 1' is a text, no expression; .* parse/)
    // @ts-expect-error as JavaScript may call it
    expect(() => formatAll([parse('x')], 'python')).toThrow(/list of named formulas/)
    // @ts-expect-error as JavaScript may call it
    expect(() => formatAll({ name: 'y', expression: parse('x') }, 'python')).toThrow(ConfigError)
    // @ts-expect-error as JavaScript may call it
    expect(() => formatAll([{ name: 'y', expression: 'x' }], 'python')).toThrow(/'x' is a text/)
  })
})
