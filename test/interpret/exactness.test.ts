import { describe, expect, it } from 'vitest'
import { ConfigError, ShapeError } from '../../src/errors.ts'
import { parse } from '../../src/formula/index.ts'
import { exactness, relativeError } from '../oracle/exactness.ts'

describe('relativeError', () => {
  it('is the RMS of the errors beside the RMS of the values, and the largest beside it', () => {
    // Errors 0, 3, 4, 0 beside values of RMS sqrt(25/2).
    const { rms, largest } = relativeError(parse('x'), ['x'], [5, 3, 4, 0], [5, 0, 0, 5 - 5])
    expect(rms).toBeCloseTo(Math.sqrt(25 / 4) / Math.sqrt(25 / 4), 15)
    expect(largest).toBeCloseTo(4 / 2.5, 15)
  })

  it('is 0 for equal values and Infinity where the formula does not exist, never NaN', () => {
    expect(relativeError(parse('x'), ['x'], [1, 0], [1, 0])).toEqual({ rms: 0, largest: 0 })
    expect(relativeError(parse('log(x)'), ['x'], [1, -1], [0, 1])).toEqual({
      rms: Infinity,
      largest: Infinity,
    })
    expect(relativeError(parse('x'), ['x'], [1], [0])).toEqual({ rms: Infinity, largest: Infinity })
    expect(() => relativeError(parse('x'), ['x'], [], [])).toThrow(ShapeError)
    expect(() => relativeError(parse('z'), ['x'], [1], [1])).toThrow(ConfigError)
  })
})

describe('exactness', () => {
  const ranges = new Map([
    ['x1', [-1, 1] as const],
    ['x2', [-1, 1] as const],
  ])
  const truth = parse('exp(sin(pi*x1) + x2^2)')

  it.each([
    ['exp(x2^2)*exp(sin(pi*x1))', true, true],
    ['exp(sin(3.14159265359*x1) + x2^2)', true, false],
    ['exp(sin(3.1416*x1) + x2^2)', false, false],
    ['log(x1)', false, false],
  ])('of %s', (text, exact, sameForm) => {
    expect(exactness(parse(text), truth, ranges)).toMatchObject({ exact, sameForm })
  })

  it('refuses a truth that does not exist', () => {
    expect(() => exactness(truth, parse('log(x1)'), ranges)).toThrow('The true formula is NaN at x1 = -')
  })
})
