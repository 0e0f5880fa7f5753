import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import {
  compile,
  derive,
  evaluateRows,
  fold,
  functionNames,
  functions,
  parse,
  Tape,
  toText,
  variable,
  withChildren,
} from '../../src/formula/index.ts'
import type { Expression, NumberNode } from '../../src/formula/index.ts'
import { Random } from '../../src/random.ts'
import { randomTree } from './trees.ts'

/** The numbers of a tree, left to right. */
function numbersOf(tree: Expression): NumberNode[] {
  const found: NumberNode[] = []
  fold<undefined>(tree, node => {
    if (node.kind === 'number') found.push(node)
    return undefined
  })
  return found
}

function columnsOf(x: Float64Array, inputs: number): Float64Array[] {
  return Array.from({ length: inputs }, (_, i) => x.filter((_, at) => at % inputs === i))
}

describe('Tape', () => {
  it('gives the bits of compile on random trees, over more rows than one block', () => {
    const random = new Random(31)
    const names = ['x1', 'x2']
    const rows = 300
    const x = Float64Array.from({ length: rows * 2 }, () => 4 * random.uniform() - 2)
    for (let i = 0; i < 400; i++) {
      const tree = randomTree(random, 5, { numbers: [0, -0, 2, -0.5, 1e9], names, calls: functionNames })
      const free = numbersOf(tree).slice(0, 3)
      const y = new Float64Array(rows)
      new Tape(tree, names, { free }).values(
        columnsOf(x, 2),
        free.map(node => node.value),
        y,
      )
      const formula = evaluateRows(tree, names, x, rows)
      expect([toText(tree), y.findIndex((value, row) => !Object.is(value, formula[row]!))]).toEqual([
        toText(tree),
        -1,
      ])
    }
  })

  it('gives the derivatives by the numbers that derive gives', () => {
    const random = new Random(32)
    const smooth = functionNames.filter(name => !('breaks' in functions[name]))
    let checked = 0
    for (let i = 0; i < 2500; i++) {
      const tree = randomTree(random, 4, { numbers: [1.5, 2, 0.5, -0.7], names: ['x'], calls: smooth })
      const free = numbersOf(tree)
      const names = free.map((_, k) => `c${k}`)
      const index = new Map<Expression, string>(free.map((node, k) => [node, names[k]!]))
      const withVariables = fold<Expression>(tree, (node, parts) => {
        const name = index.get(node)
        return name === undefined ? withChildren(node, parts) : variable(name)
      })
      const values = free.map(node => node.value)
      const row = [0.8, ...values]
      const jacobian = free.map(() => new Float64Array(1))
      const y = new Float64Array(1)
      new Tape(tree, ['x'], { free }).jacobian([Float64Array.of(0.8)], values, y, jacobian)
      if (!regular(withVariables, ['x', ...names], row)) continue
      for (const [k, name] of names.entries()) {
        const slope = compile(derive(withVariables, name), ['x', ...names])(row)
        // Both are sums of at most 2^4 products of at most a dozen factors, of sizes up to 1e3 each by `regular`: rounding
        // stays below 1e-9 of the largest term unless that is huge.
        expect(
          Math.abs(jacobian[k]![0]! - slope),
          `${toText(tree)} by number ${k}: ${jacobian[k]![0]!}, ${slope}`,
        ).toBeLessThan(1e-9 * (1 + Math.abs(slope)))
        checked++
      }
    }
    expect(checked).toBeGreaterThan(1000)
  })

  it('takes a derivative that does not exist as 0, and leaves numbers that do not occur', () => {
    const tree = parse('sqrt(3*x) + x^1.5')
    const free = [...numbersOf(tree), ...numbersOf(parse('7'))]
    const jacobian = free.map(() => new Float64Array(2))
    const y = new Float64Array(2)
    new Tape(tree, ['x'], { free }).jacobian([Float64Array.of(0, 3)], [3, 1.5, 7], y, jacobian)
    expect(jacobian.map(column => column[0])).toEqual([0, 0, 0])
    expect(jacobian[0]![1]).toBe(0.5)
    expect(jacobian[1]![1]).toBeCloseTo(3 ** 1.5 * Math.log(3), 14)
    expect(jacobian[2]![1]).toBe(0)
  })

  // Pairs that are equal, and that cancel to very different degrees.
  it.each([
    ['sin(x)^2 + cos(x)^2', '1'],
    ['(x + 100)^2 - 200*x - 10000', 'x^2'],
    ['exp(30*log(x))', 'x^30'],
    ['log(exp(20*x))/20', 'x'],
    ['(exp(x) - 1)*(exp(x) + 1)', 'exp(2*x) - 1'],
    ['sin(1e6*x + pi)', '-sin(1e6*x)'],
    ['sqrt(x + 1000) - sqrt(1000)', 'x/(sqrt(x + 1000) + sqrt(1000))'],
  ])('bounds the rounding of %s', (left, right) => {
    const rows = 400
    const random = new Random(33)
    const x = Float64Array.from({ length: rows }, () => 0.1 + 3 * random.uniform())
    const [bounds, values] = [left, right]
      .map(text => {
        const bound = new Float64Array(rows)
        new Tape(parse(text), ['x'], { roundings: true }).roundings([x], [], bound)
        return [bound, evaluateRows(parse(text), ['x'], x, rows)] as const
      })
      .reduce<[Float64Array[], Float64Array[]]>(
        ([bounds, values], [bound, value]) => [
          [...bounds, bound],
          [...values, value],
        ],
        [[], []],
      )
    let largest = 0
    for (let row = 0; row < rows; row++) {
      const difference = Math.abs(values[0]![row]! - values[1]![row]!)
      const bound = bounds[0]![row]! + bounds[1]![row]!
      expect(difference).toBeLessThanOrEqual(bound)
      largest = Math.max(largest, bound === 0 ? 0 : difference / bound)
    }
    expect(largest).toBeGreaterThan(0.02) // a bound, not a way out
  })

  it('refuses variables without columns', () => {
    expect(() => new Tape(parse('x + y'), ['x'])).toThrow(ConfigError)
  })
})

/** Whether all values of the tree are moderate and inside the domain at the point. */
function regular(tree: Expression, names: readonly string[], at: readonly number[]): boolean {
  return fold<boolean>(tree, (node, parts) => {
    const value = compile(node, names)(at)
    if (parts.includes(false) || !(Math.abs(value) < 1e3)) return false
    if (node.kind === 'divide') return Math.abs(compile(node.right, names)(at)) > 1e-2
    if (node.kind === 'power') return compile(node.left, names)(at) > 1e-2
    if (node.kind === 'call' && ['log', 'log2', 'log10', 'sqrt', 'cbrt'].includes(node.name))
      return Math.abs(compile(node.arguments[0]!, names)(at)) > 1e-2
    if (node.kind === 'call' && node.name === 'acosh') return compile(node.arguments[0]!, names)(at) > 1.01
    if (node.kind === 'call' && ['asin', 'acos', 'atanh'].includes(node.name))
      return Math.abs(compile(node.arguments[0]!, names)(at)) < 0.99
    return true
  })
}
