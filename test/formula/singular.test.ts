import { describe, expect, it } from 'vitest'
import { parse } from '../../src/formula/index.ts'
import { countBetween, singularPlaces } from '../../src/formula/singular.ts'
import { standardLibrary } from '../../src/interpret/curves/library.ts'

describe('singular places', () => {
  it.each<[string, number[]]>([
    ['1/u', [0]],
    ['1/(2*u - 1)', [0.5]],
    ['(u + 3)^-2', [-3]],
    ['u^-(1/2)', [0]],
    ['u^1.5', [0]],
    ['u*sqrt(u)', [0]],
    ['log(3 - u)', [3]],
    ['log(u^2)', [0]],
    ['asin(2*u)', [-0.5, 0.5]],
    ['acosh(u)', [1]],
    ['atanh(u - 1)', [0, 2]],
    ['u^u', [0]],
    ['1/(u^2 - 4)', [-2, 2]],
    ['sqrt(u^2 - 4)', [-2, 2]],
    ['1/(u - 2)^2 + log(u)', [0, 2]],
    ['1/(u*u - 2*u + 1)', [1]],
  ])('of %s are %j', (text, expected) => {
    const { points, angles } = singularPlaces(parse(text), 'u')!
    const found = points.toSorted((p, q) => p - q)
    expect(found).toHaveLength(expected.length)
    // A minimum of a parabola is as flat as 1e-16 within 1e-8.
    found.forEach((place, p) => expect(place).toBeCloseTo(expected[p]!, 7))
    expect(angles).toEqual([])
  })

  it.each([
    'u^3',
    'sin(u)/u',
    'exp(u)',
    '1/(1 + u^2)',
    'sqrt(1 + u^2)',
    'sqrt(u^2)',
    'atan(u)',
    '2^u',
    '1/3*u',
    'erf(u)',
  ])('has %s none', text => {
    expect(singularPlaces(parse(text), 'u')).toBeUndefined()
  })

  it('are counted between two numbers, without the ends', () => {
    const places = singularPlaces(parse('1/(u^2 - 4)'), 'u')!
    for (const [low, high, count] of [
      [-3, 3, 2],
      [-1, 3, 1],
      [-1.9, 1.9, 0],
      [-2, -1, 0],
      [3, -3, 0],
      [Infinity, -Infinity, 0],
      [NaN, NaN, 0],
    ] as const)
      expect(countBetween(places, low, high)).toBe(count)
  })

  it('of tan are as many as odd quarter turns', () => {
    const places = singularPlaces(parse('tan(1 - 2*u)'), 'u')!
    // 1 - 2 u is pi/2 at -0.285, and has another every pi/2 of u.
    expect(countBetween(places, -0.28, 1.28)).toBe(0)
    expect(countBetween(places, -0.29, 1.28)).toBe(1)
    expect(countBetween(places, -0.29, 1.29)).toBe(2)
    expect(countBetween(places, -100, 100)).toBe(Math.round(200 / (Math.PI / 2)))
    expect(singularPlaces(parse('tan(u^2)'), 'u')!.points).toContainEqual(
      expect.closeTo(Math.sqrt(Math.PI / 2), 9),
    )
  })

  it('of the library are the ends of its domains, and its poles', () => {
    for (const { expression, domain, name } of standardLibrary) {
      const places = singularPlaces(expression, 'u')
      const ends = [domain.low, domain.high].filter(Number.isFinite)
      expect([name, places === undefined]).toEqual([name, ends.length === 0])
      for (const end of ends) expect(countBetween(places!, end - 1e-3, end + 1e-3)).toBe(1)
      // Beyond 1 and -1 of the domain itself there is nothing.
      expect(places === undefined ? 0 : countBetween(places, domain.low + 1e-9, domain.high - 1e-9)).toBe(0)
    }
  })
})
