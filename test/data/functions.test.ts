import { describe, expect, it } from 'vitest'
import { sampleFunction, toyFunction, toyFunctions } from '../../src/data/index.ts'
import { ConfigError } from '../../src/errors.ts'

describe('toyFunctions', () => {
  it.each([
    ['exp-sin', [0.5, 1], Math.exp(2)],
    ['product', [0.5, -0.25], -0.125],
    ['distance', [0.6, -0.8], 1],
    ['wave', [1], Math.sin(5) / 2],
    // Abramowitz and Stegun, table 9.1: J0(0), J0(1), J0(10); and J0(20) (scipy.special.j0).
    ['bessel', [0], 1],
    ['bessel', [0.05], 0.765197686557967],
    ['bessel', [-0.5], -0.245935764451348],
    ['bessel', [1], 0.1670246643405831],
    ['four-inputs', [0.5, 0.5, 0.5, -0.5], Math.E],
    ['staircase', [0.49], 0.25],
    ['staircase', [-0.01], -0.25],
  ] as const)('%s at %j', (name, x, value) => {
    // A few roundings of values up to 8; the Bessel sum adds 64 terms of up to 1: under 64 * 2^-53 = 7e-15.
    expect(Math.abs(toyFunction(name).evaluate(x) - value)).toBeLessThan(1e-14)
  })

  it('have names of their own, and other names are refused', () => {
    expect(new Set(toyFunctions.map(({ name }) => name)).size).toBe(toyFunctions.length)
    expect(() => toyFunction('sinc')).toThrow(ConfigError)
    expect(() => toyFunction('sinc')).toThrow("There is no function 'sinc'; choose one of exp-sin, product")
  })
})

describe('sampleFunction', () => {
  it.each(toyFunctions.map(fn => [fn.name, fn] as const))(
    'samples %s in its range, row-major, seeded',
    (_, fn) => {
      const { x, y } = sampleFunction(fn, 500, 3)
      expect([x.length, y.length]).toEqual([500 * fn.inputs, 500])
      const [low, high] = fn.range
      expect(x.every(value => value >= low && value < high)).toBe(true)
      // 500 uniform samples all keep 5 % away from one end with probability 0.95^500 = 7e-12.
      expect(Math.min(...x)).toBeLessThan(low + 0.05 * (high - low))
      expect(Math.max(...x)).toBeGreaterThan(high - 0.05 * (high - low))
      for (const row of [0, 499])
        expect(y[row]).toBe(fn.evaluate(x.slice(row * fn.inputs, (row + 1) * fn.inputs)))
      expect(sampleFunction(fn, 500, 3)).toEqual({ x, y })
      expect(sampleFunction(fn, 500, 4).x).not.toEqual(x)
    },
  )

  it('begins with the same rows whatever their number', () => {
    const fn = toyFunction('product')
    expect(sampleFunction(fn, 10, 0).x).toEqual(sampleFunction(fn, 99, 0).x.slice(0, 20))
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses %d rows', rows => {
    expect(() => sampleFunction(toyFunction('product'), rows, 0)).toThrow(`rows is ${rows}`)
  })
})
