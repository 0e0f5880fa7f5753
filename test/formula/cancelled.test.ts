import { describe, expect, it } from 'vitest'
import { compile, complexity, normalise, parse, toText } from '../../src/formula/index.ts'
import type { Bounds } from '../../src/formula/index.ts'

/** Fitted numbers, which are never exact. */
const [a, b] = ['0.71234567', '1.71234567']

const positive = new Map<string, Bounds>([
  ['x', [0, 3]],
  ['y', [0.1, 3]],
])

/** The normal form, which has the value of the formula at some places and the one given at x = 0, where the formula has none. */
function cancelled(text: string, atZero: number, bounds?: ReadonlyMap<string, Bounds>): string {
  const tree = parse(text)
  const normal = normalise(tree, bounds ? { bounds } : {})
  expect(complexity(normal)).toBeLessThanOrEqual(complexity(tree))
  const [before, after] = [tree, normal].map(one => compile(one, ['x', 'y']))
  const places = [0.3, 1, 2.7].flatMap(x => (bounds ? [x] : [x, -x])).map(x => [x, 0.8])
  for (const place of places) {
    const value = before!(place)
    // A few roundings each of values that none of these formulas has near a difference of nearly equal numbers.
    expect(Math.abs(after!(place) - value)).toBeLessThan(1e-13 * Math.max(1, Math.abs(value)))
  }
  expect(before!([0, 0.8])).toBeNaN()
  expect(Math.abs(after!([0, 0.8]) - atZero)).toBeLessThan(1e-13)
  return toText(normal)
}

describe('what is 0/0 at 0 in a product and a power of a sum', () => {
  it.each([
    ['(x^2 - x)/x', 'x - 1', -1],
    ['sin(x)*x/x', 'sin(x)', 0],
    ['x*y/(x^3 + x)', 'y/(x^2 + 1)', 0.8],
    [`x^2/(${a}*x^3 + x)`, `x/(${a}*x^2 + 1)`, 0],
    ['x^2*y*(1/x + 3)^2', 'y*(3*x + 1)^2', 0.8],
    ['1/(x^2*(2/x + 3)^2)', '1/(3*x + 2)^2', 1 / 4],
    ['sin(x)*y/(x*sin(x) + sin(x)^3 + sin(x))', 'y/(x + sin(x)^2 + 1)', 0.8],
    [`x^3*y/(x^2 + ${b}*x)^2`, `x*y/(x + ${b})^2`, 0],
  ])('%s is cancelled: %s', (text, normal, atZero) => {
    expect(cancelled(text, atZero)).toBe(normal)
  })

  it.each([
    ['(x^1.37 - x^0.37)/x^0.37', 'x - 1', -1],
    [`sqrt(x)*(2/sqrt(x) + ${b})`, `${b}*sqrt(x) + 2`, 2],
    [`x/(x*y + ${b}*sqrt(x))`, `sqrt(x)/(y*sqrt(x) + ${b})`, 0],
    [`x/sqrt(x^2 + x^3)`, '1/sqrt(x + 1)', 1],
    [`1/(x*sqrt(1/x^2 + ${b}))`, `1/sqrt(${b}*x^2 + 1)`, 1],
  ])('%s is cancelled where x is nowhere negative: %s', (text, normal, atZero) => {
    expect(cancelled(text, atZero, positive)).toBe(normal)
  })

  it.each([
    // Of a negative x the one has a value and the other has none, or another sign.
    'x/(x + 3*sqrt(x))',
    '1/(x*sqrt(1/x^2 + 3))',
    // A larger power would be left than there is.
    '1/(x^2*y*(x*y + 1)^3)',
    'x*(1/x + y)^3',
    // No power is in all terms.
    'x*y/(x^2 + y^2)',
    'x^2/(x + y)',
  ])('%s stays', text => {
    expect(toText(normalise(parse(text)))).toBe(text)
  })
})
