import { describe, expect, it } from 'vitest'
import { ConfigError, ShapeError } from '../../../src/errors.ts'
import { evaluateRows, fold, parse, toText } from '../../../src/formula/index.ts'
import type { Expression } from '../../../src/formula/index.ts'
import { freeNumbers } from '../../../src/interpret/constants/constants.ts'
import { polish } from '../../../src/interpret/constants/polish.ts'
import { Random } from '../../../src/random.ts'
import { laws, perturbed, rms, roundingOf, sampleLaw } from '../laws.ts'

const numbersOf = (tree: Expression): number[] => {
  const found: number[] = []
  fold<undefined>(tree, node => {
    if (node.kind === 'number') found.push(node.value)
    return undefined
  })
  return found
}

/** Root mean square of f - y, relative to that of y. */
function relativeRmse(tree: Expression, names: readonly string[], x: Float64Array, y: Float64Array): number {
  const f = evaluateRows(tree, names, x, y.length)
  return rms(f.map((value, row) => value - y[row]!)) / rms(y)
}

const names = ['x1', 'x2']
const square = { variables: names, ranges: [[-1, 1] as const, [-1, 1] as const] }

describe('polish', () => {
  it('reaches rounding on exp(sin(pi x1) + x2^2) from constants 1 % off', () => {
    const formula = parse('exp(sin(pi*x1) + x2^2)')
    const { x, y } = sampleLaw({ formula, ...square }, 1000, 1)
    const fresh = sampleLaw({ formula, ...square }, 1000, 2)
    for (const text of [
      '1.01*exp(0.99*sin(3.17*x1 + 0.01) + 1.01*x2^2)',
      // Numbers that say the same thing twice are no obstacle.
      '1.01*exp(0.99*sin(3.17*(0.99*x1 + 0.01) + 0.01) + 1.01*(x2 + 0.01)^2 - 0.01) + 0.01',
    ]) {
      const { expression, rmse } = polish(parse(text), names, x, y, 1000)
      expect(rmse).toBe(rms(evaluateRows(expression, names, x, 1000).map((f, row) => f - y[row]!)))
      expect(relativeRmse(expression, names, fresh.x, fresh.y)).toBeLessThan(1e-14)
    }
  })

  it('is at rounding on all hundred Feynman laws from constants 1 % off', () => {
    const rows = 300
    const missed: string[] = []
    for (const [i, law] of laws.entries()) {
      const { x, y } = sampleLaw(law, rows, 3)
      const start = perturbed(law.formula, 0.01, 4 + i)
      const { expression, rmse, steps } = polish(start, law.variables, x, y, rows)
      // What rounding may do to the values of both, to first order.
      const bound =
        roundingOf(law.formula, law.variables, x, rows) + roundingOf(expression, law.variables, x, rows)
      if (!(rmse <= bound))
        missed.push(`${law.name} ${toText(expression)}: ${rmse} > ${bound}, ${steps} steps`)
    }
    expect(missed).toEqual([])
  })

  it('finds the least squares of noisy rows', () => {
    const random = new Random(5)
    const x = Float64Array.from({ length: 200 }, () => 3 * random.uniform())
    const y = x.map(v => 2 * v - 1 + random.uniform() - 0.5)
    const { expression } = polish(parse('1.5*x + 0.3'), ['x'], x, y, 200)
    const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length
    const [mx, my] = [mean(x), mean(y)]
    const slope =
      x.reduce((sum, v, i) => sum + (v - mx) * (y[i]! - my), 0) / x.reduce((sum, v) => sum + (v - mx) ** 2, 0)
    const [a, b] = numbersOf(expression)
    // Both are sums of 200 products: 200 * 2^-53 relative, and the condition of the regression is below 10.
    expect(Math.abs(a! - slope)).toBeLessThan(1e-12)
    expect(Math.abs(b! - (my - slope * mx))).toBeLessThan(1e-12)
  })

  it('minimises relative errors when asked to: over eight decades the smallest rows count as the largest do', () => {
    const x = Float64Array.from({ length: 100 }, (_, i) => i / 5)
    const y = x.map((v, i) => Math.exp(v) * (1 + 0.01 * Math.cos(7 * i)))
    const { expression, rmse } = polish(parse('1.1*exp(0.98*x)'), ['x'], x, y, 100, { relative: true })
    expect(rmse).toBeLessThan(0.0075) // 0.01 / sqrt(2), and a little for the mean of 1 / y
    const [c, a] = numbersOf(expression)
    // Standard errors 0.01 / sqrt(200) * 2 and that over the spread of x (5.8).
    expect(Math.abs(c! - 1)).toBeLessThan(0.005)
    expect(Math.abs(a! - 1)).toBeLessThan(0.0005)
  })

  it('never leaves the domain, never is worse, never NaN', () => {
    const random = new Random(6)
    const x = Float64Array.from({ length: 100 }, () => random.uniform())
    for (const text of ['log(x + 0.01)', 'sqrt(x - 0.001*x^2)', '1/(x + 1e-3)', 'asin(0.99*x)', 'x^0.01']) {
      const tree = parse(text)
      // What the formula cannot be: it is pulled to the border of its domain and beyond.
      const y = x.map(v => (v < 0.5 ? -1e3 : 1e3))
      const before = rms(evaluateRows(tree, ['x'], x, 100).map((f, row) => f - y[row]!))
      const { expression, rmse } = polish(tree, ['x'], x, y, 100, { hold: 'none' })
      expect(rmse).toBeLessThanOrEqual(before)
      expect(evaluateRows(expression, ['x'], x, 100).every(Number.isFinite)).toBe(true)
    }
    const outside = polish(parse('log(x - 2)'), ['x'], x, x, 100)
    expect([toText(outside.expression), outside.rmse, outside.steps]).toEqual(['log(x - 2)', Infinity, 0])
  })

  it('needs no more rows than there are', () => {
    const { expression, rmse } = polish(parse('1.5*x^3 + 2.5*x + 0.1'), ['x'], [1, 2], [3, 5], 2)
    expect(rmse).toBeLessThan(1e-14)
    expect(evaluateRows(expression, ['x'], [7], 1).every(Number.isFinite)).toBe(true)
    expect(polish(parse('x + x'), ['x'], [1], [3], 1)).toEqual({
      expression: parse('x + x'),
      rmse: 1,
      steps: 0,
    })
  })

  it('refuses rows that do not fit', () => {
    expect(() => polish(parse('x'), ['x'], [1, 2], [1], 1)).toThrow(ShapeError)
    expect(() => polish(parse('x'), ['x'], [1], [1, 2], 1)).toThrow('y has 2 numbers; 1 rows need 1.')
    expect(() => polish(parse('x'), ['x'], [], [], 0)).toThrow('rows is 0')
    expect(() => polish(parse('z'), ['x'], [1], [1], 1)).toThrow(ConfigError)
    expect(() => polish(parse('x'), ['x'], [1], [1], 1, { steps: -1 })).toThrow('steps is -1')
  })
})

describe('freeNumbers', () => {
  it.each([
    ['whole exponents', [3, 0.5, 2, 1]],
    ['whole numbers', [0.5]],
    ['none', [3, 2, 0.5, 2, 1, 3, 1]],
  ] as const)('with %s held', (held, expected) => {
    const tree = parse('3*x^2 + x^0.5 + x/2 + (x + 1)^-3 + pi + 1/x')
    const numbers = freeNumbers(tree, held).map(node => Math.abs(node.value))
    expect(numbers).toEqual(expected)
  })
})
