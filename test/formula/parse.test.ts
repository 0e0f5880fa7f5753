import { describe, expect, it } from 'vitest'
import {
  add,
  call,
  constant,
  divide,
  multiply,
  negate,
  number,
  parse,
  power,
  subtract,
  toText,
  variable,
} from '../../src/formula/index.ts'

const [x, y, z] = [variable('x'), variable('y'), variable('z')]
const n = number

describe('parse', () => {
  it.each([
    ['42', n(42)],
    ['.5e-3', n(0.0005)],
    ['1.', n(1)],
    ['x - y - z', subtract(subtract(x, y), z)],
    ['x/y/z', divide(divide(x, y), z)],
    ['x/y*z', multiply(divide(x, y), z)],
    ['x + y*z', add(x, multiply(y, z))],
    ['(x + y)*z', multiply(add(x, y), z)],
    ['x^y^z', power(x, power(y, z))],
    ['x**y**z', power(x, power(y, z))],
    ['x*y^z', multiply(x, power(y, z))],
    ['-x^2', negate(power(x, n(2)))],
    ['(-x)^2', power(negate(x), n(2))],
    ['-3^2', negate(power(n(3), n(2)))],
    ['2^-3', power(n(2), n(-3))],
    ['x^-y^z', power(x, negate(power(y, z)))],
    ['2^-x*y', multiply(power(n(2), negate(x)), y)],
    ['-x*y', multiply(negate(x), y)],
    ['x*-y', multiply(x, negate(y))],
    ['x - -y', subtract(x, negate(y))],
    ['--x', negate(negate(x))],
    ['+x', x],
    ['-3', n(-3)],
    ['-0', n(-0)],
    ['-(3)', negate(n(3))],
    ['--3', negate(n(-3))],
    ['x -3', subtract(x, n(3))],
  ])('reads %s', (text, tree) => {
    expect(parse(text)).toEqual(tree)
  })

  it.each([
    ['2x', '2*x'],
    ['2 pi x1', '2*pi*x1'],
    ['2(x + 1)', '2*(x + 1)'],
    ['(x + 1)(x - 1) x', '(x + 1)*(x - 1)*x'],
    ['pi(x1^2 + x2^2)', 'pi*(x1^2 + x2^2)'],
    ['sin(x) cos(x)', 'sin(x)*cos(x)'],
    ['2 x^2 y', '2*x^2*y'],
    ['2x²y', '2*x^2*y'],
    ['x⁻¹²', 'x^-12'],
    ['e^(2x)y', 'e^(2*x)*y'],
    ['x y/z', 'x*y/z'],
    ['x/y*z w', 'x/y*z*w'],
    ['2e', '2*e'],
    ['2e3x', '2000*x'],
    ['3exp(x)', '3*exp(x)'],
  ])('reads the product in %s as %s', (text, explicit) => {
    expect(parse(text)).toEqual(parse(explicit))
  })

  it.each([
    ['ln(x) + arcsin(x) + arctanh(x)', 'log(x) + asin(x) + atanh(x)'],
    ['sgn(x) + J0(x) + j1(x)', 'sign(x) + besselj0(x) + besselj1(x)'],
    ['pow(x, 2)', 'x^2'],
    ['2·π×x ÷ y − z', '2*pi*x/y - z'],
    ['x₁ + x₁₂', 'x1 + x12'],
    [' exp(\n sin( pi * x1 )\t+ x2 ^ 2 ) ', 'exp(sin(pi*x1) + x2^2)'],
  ])('takes the spellings of %s', (text, plain) => {
    expect(toText(parse(text))).toBe(plain)
  })

  it('keeps names apart: x_1 is not x1, case counts, and backticks hold anything', () => {
    expect(parse('x_1')).toEqual(variable('x_1'))
    expect(parse('E')).toEqual(variable('E'))
    expect(parse('e')).toEqual(constant('e'))
    expect(parse('`e`')).toEqual(variable('e'))
    expect(parse('`period (days)` `a``b`')).toEqual(multiply(variable('period (days)'), variable('a`b')))
    expect(parse('µ')).toEqual(variable('μ')) // the micro sign is the Greek letter
    expect(parse('constructor + __proto__')).toEqual(add(variable('constructor'), variable('__proto__')))
  })

  it('lets declared variables hide constants and functions, except before a parenthesis', () => {
    const variables = ['e', 'log', 'x_1', 'x₂']
    expect(parse('e*log(e)', { variables })).toEqual(multiply(variable('e'), call('log', variable('e'))))
    expect(parse('log/2', { variables })).toEqual(divide(variable('log'), n(2)))
    expect(parse('x_1 x₂', { variables })).toEqual(multiply(variable('x_1'), variable('x₂')))
    expect(parse('x₁', { variables: ['x1'] })).toEqual(variable('x1'))
  })

  it('reads a sum of 40,000 terms', () => {
    const text = Array.from({ length: 40_000 }, () => 'x').join('+')
    expect(toText(parse(text))).toBe(text.replaceAll('+', ' + '))
  })
})
