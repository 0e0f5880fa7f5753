import { describe, expect, it } from 'vitest'
import { complexity, parse } from '../../src/formula/index.ts'

describe('complexity', () => {
  it.each([
    ['x', 1],
    ['pi', 1],
    ['-x', 1],
    ['x^2', 3],
    ['2*pi*x', 5],
    ['12*x', 4],
    ['0.25*x', 4],
    ['1.2345678*x', 5],
    ['sqrt(x)', 3],
    ['exp(-x^2)', 6],
    ['besselj0(x)', 5],
    ['exp(sin(pi*x1) + x2^2)', 13],
    ['x*x + x*x', 7],
  ])('of %s is %i', (text, weight) => {
    expect(complexity(parse(text))).toBe(weight)
  })
})
