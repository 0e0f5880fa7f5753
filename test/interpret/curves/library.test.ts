import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { functionNames } from '../../../src/formula/index.ts'
import { curveOf } from '../../../src/interpret/curves/traits.ts'
import {
  complete,
  findFunction,
  resolveLibrary,
  standardLibrary,
} from '../../../src/interpret/curves/library.ts'

/** SYMBOLIC_LIB of pykan 0.2.8, in its order. */
const PYKAN = (
  'x x^2 x^3 x^4 x^5 1/x 1/x^2 1/x^3 1/x^4 1/x^5 sqrt x^0.5 x^1.5 1/sqrt(x) 1/x^0.5 ' +
  'exp log abs sin cos tan tanh sgn arcsin arccos arctan arctanh 0 gaussian cosh'
).split(' ')

describe('the library', () => {
  it("has pykan's functions, zero and the Bessel function", () => {
    for (const name of [...PYKAN, 'zero', 'j0', 'besselj0']) expect(findFunction(name)).toBeDefined()
    expect(findFunction('x^0.5')).toBe(findFunction('sqrt'))
    expect(new Set(standardLibrary.map(({ name }) => name)).size).toBe(standardLibrary.length)
  })

  it('tells what is redundant in a and b', () => {
    const free = (name: string): string => {
      const { scaleFree, shiftFree, mirrored, constant } = curveOf(findFunction(name))
      return [scaleFree && 'scale', shiftFree && 'shift', mirrored && 'mirror', constant && 'constant']
        .filter(Boolean)
        .join(' ')
    }
    expect(free('x')).toBe('scale shift mirror')
    expect(free('x^2')).toBe('scale mirror')
    expect(free('log')).toBe('scale')
    expect(free('1/x^3')).toBe('scale')
    expect(free('exp')).toBe('shift')
    expect(free('tanh')).toBe('mirror')
    expect(free('sgn')).toBe('scale mirror')
    expect(free('arccos')).toBe('mirror')
    expect(free('0')).toBe('constant')
    expect(free('silu')).toBe('')
    expect(curveOf(findFunction('cos')).period).toBe(Math.PI)
    expect(curveOf(findFunction('tanh')).period).toBeUndefined()
    expect(curveOf(findFunction('j0')).turns).toBe(true)
    expect(curveOf(findFunction('gaussian')).turns).toBe(false)
  })

  it('says which name was meant', () => {
    expect(() => findFunction('Sin')).toThrow("no function 'Sin' in the library. Did you mean 'sin'?")
    expect(() => findFunction('arcsine')).toThrow("Did you mean 'arcsin'?")
    expect(() => resolveLibrary(['x', 'quux'])).toThrow(ConfigError)
    const own = complete({ name: 'lorentz', formula: '1/(1 + u^2)' })
    expect(findFunction('lorentz', [own])).toBe(own)
    expect(() => findFunction('lorenz', [own])).toThrow("Did you mean 'lorentz'?")
  })

  it('refuses functions that are none', () => {
    expect(() => complete({ name: '', formula: 'u' })).toThrow('needs a name')
    expect(() => complete({ name: 'f', formula: 'x + 1' })).toThrow("has the variable 'x'")
    expect(() => complete({ name: 'f', formula: 'u +' })).toThrow(ConfigError)
    expect(() => complete({ name: 'f', formula: 'u', complexity: -1 })).toThrow('complexity')
    expect(() => complete({ name: 'f', formula: 'u', domain: { low: 1, high: 1, closed: true } })).toThrow(
      'domain',
    )
  })

  it('finds the piece of the line that a function without a domain is to stay on', () => {
    const piece = (formula: string): unknown => complete({ name: 'f', formula }).domain
    const all = { low: -Infinity, high: Infinity }
    for (const formula of ['u*exp(-u)', '1/(1 + u^2)', 'sin(u)^3', 'besselj1(u)', 'u^5', '1/cosh(u)'])
      expect(piece(formula)).toMatchObject(all)
    expect(piece('log(u)^2')).toEqual({ low: 0, high: Infinity, closed: false })
    expect(piece('u*sqrt(u - 0.5)')).toEqual({ low: 0.5, high: Infinity, closed: true })
    expect(piece('1/(u - 2)^3')).toEqual({ low: -Infinity, high: 2, closed: false })
    expect(piece('1/u - 1/(u - 3)')).toEqual({ low: 0, high: 3, closed: false })
    expect(piece('sqrt(1 - u^2)')).toEqual({ low: -1, high: 1, closed: true })
    expect(piece('tan(u - 20.125)')).toMatchObject({ closed: false })
    expect(piece('sqrt(u + 9)*sqrt(-4 - u)')).toEqual({ low: -9, high: -4, closed: true })
  })

  it('writes its formulas in the language of formulas', () => {
    expect(functionNames).toContain('besselj0')
    expect(complete({ name: 'f', formula: 'u*exp(-u)' }).complexity).toBe(5)
  })
})
