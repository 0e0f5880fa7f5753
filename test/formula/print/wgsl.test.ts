import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { format, parse, wgslExpression, wgslHelpers } from '../../../src/formula/index.ts'

describe('wgslExpression', () => {
  it.each([
    ['exp(sin(pi*x1) + x2^2)', 'exp(sine(3.141592653589793*x1) + x2*x2)'],
    ['-x1^2', '-(x1*x1)'],
    ['(-2)^x1', 'power(-2.0, x1)'],
    ['(x1 + 1)^-3', 'whole_power(x1 + 1.0, -3)'],
    ['x1^0.5', 'power(x1, 0.5)'],
    ['-(-x1)', '-(-x1)'],
    ['1/2*x1', '0.5*x1'],
    ['x1 - (x2 - 3)', 'x1 - (x2 - 3.0)'],
    ['relu(1e21 x1)', 'max(1e+21*x1, 0.0)'],
  ])('of %s', (text, expected) => {
    expect(wgslExpression(parse(text), name => name).expression).toBe(expected)
  })

  it('puts the given text where a variable stands', () => {
    expect(wgslExpression(parse('`sound pressure`^2'), () => 'row[3]').expression).toBe('row[3]*row[3]')
  })

  it('names the functions it calls, whose source brings what they call', () => {
    const { helpers } = wgslExpression(parse('tan(x1) + exp(x1)'), name => name)
    expect(helpers).toEqual(['two_over_pi', 'product_high', 'quarter_turns', 'sine_in_quadrant', 'tangent'])
    expect([...wgslHelpers(['tangent']).matchAll(/^fn (\w+)/gm)].map(([, name]) => name)).toEqual(helpers)
    expect(wgslHelpers([])).toBe('')
    expect(() => wgslHelpers(['sinus'])).toThrow("There is no support function 'sinus'")
  })

  it('refuses constants that float32 does not hold', () => {
    for (const text of ['1e39*x1', '1e-39*x1', 'x1 + 1e20^2', 'x1 + 1/0', 'x1 + log(-1)'])
      expect(() => wgslExpression(parse(text), name => name)).toThrow(ConfigError)
    expect(() => wgslExpression(parse('1e39*x1'), name => name)).toThrow('constant 1e+39 is outside')
  })
})

describe('shader programs', () => {
  it('are functions with what they need, and no more', () => {
    const formula = parse('`mass [kg]`*tanh(x1)^2 + tanh(x1)')
    expect(format(formula, 'wgsl')).toBe(
      [
        wgslHelpers(['hyperbolic_tangent', 'square']),
        '',
        '// mass_kg: "mass [kg]"',
        'fn f(x1: f32, mass_kg: f32) -> f32 {',
        '  let t1 = hyperbolic_tangent(x1);',
        '  return mass_kg*square(t1) + t1;',
        '}',
        '',
      ].join('\n'),
    )
    expect(format(parse('x1*exp(x2)'), 'glsl', { functionName: 'growth' })).toBe(
      'precision highp float;\nprecision highp int;\n\nfloat growth(float x1, float x2) {\n  return x1*exp(x2);\n}\n',
    )
  })

  it('have in GLSL the functions of WGSL, declared its way', () => {
    const text = format(parse('J1(x1) + (x1 + 1)^3'), 'glsl')
    expect(text).toContain(
      '\nuint two_over_pi(uint word) {\n  switch (word) {\n    case 0u: { return 0u; }\n',
    )
    expect(text).toContain('\nfloat whole_power(float x, int n) {\n  int left = abs(n);\n')
    expect(text).toContain('\n  uint bits = floatBitsToUint(abs(x));\n')
    expect(text).toContain('for (uint k = 1u; k <= 8u; k++)')
    expect(text).not.toMatch(/\b(?:fn|let|var|f32|u32|i32|vec2f|bitcast)\b|->/)
  })
})
