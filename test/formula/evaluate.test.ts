import { describe, expect, it } from 'vitest'
import { ConfigError, ShapeError } from '../../src/errors.ts'
import {
  children,
  compile,
  derive,
  evaluateRows,
  functionNames,
  functions,
  multiply,
  parse,
  simplify,
  size,
  substitute,
  toText,
  variable,
  variables,
} from '../../src/formula/index.ts'
import type { Expression } from '../../src/formula/index.ts'
import { Random } from '../../src/random.ts'
import { randomTree } from './trees.ts'

/** The value by the definition: recursive, node by node. */
function oracle(node: Expression, values: ReadonlyMap<string, number>): number {
  if (node.kind === 'number') return node.value
  if (node.kind === 'constant') return node.name === 'pi' ? Math.PI : Math.E
  if (node.kind === 'variable') return values.get(node.name)!
  const [u = NaN, v = NaN] = children(node).map(part => oracle(part, values))
  if (node.kind === 'negate') return -u
  if (node.kind === 'call') return functions[node.name].value(u, v)
  if (node.kind === 'add') return u + v
  if (node.kind === 'subtract') return u - v
  if (node.kind === 'multiply') return u * v
  if (node.kind === 'divide') return u / v
  return node.right.kind === 'number' && v === 2 ? u * u : u ** v
}

describe('compile', () => {
  it.each([
    ['exp(sin(pi*x1) + x2^2)', (a: number, b: number) => Math.exp(Math.sin(Math.PI * a) + b * b)],
    ['x1^3/x2 - 2 x1', (a: number, b: number) => a ** 3 / b - 2 * a],
    ['atan2(x1, x2) + max(x1, x2)*min(x1, x2)', (a: number, b: number) => Math.atan2(a, b) + a * b],
    ['log2(abs(x1)) - cbrt(x2)', (a: number, b: number) => Math.log2(Math.abs(a)) - Math.cbrt(b)],
    ['floor(4 x1)/4 + sign(x2)', (a: number, b: number) => Math.floor(4 * a) / 4 + Math.sign(b)],
    ['relu(x1) + silu(x2)', (a: number, b: number) => Math.max(a, 0) + b * (1 / (1 + Math.exp(-b)))],
    ['7', () => 7],
  ])('gives the bits of Math for %s', (text, expected) => {
    const formula = compile(parse(text), ['x1', 'x2'])
    for (const [a, b] of [
      [0.3, 0.7],
      [-1.25, 0.5],
      [2, -3],
    ] as const)
      expect(formula([9, a, b], 1)).toBe(expected(a, b))
  })

  it('agrees with the plain recursion on random trees, and shares equal subtrees', () => {
    const random = new Random(3)
    const names = ['x1', 'x2', 'x3']
    for (let i = 0; i < 2000; i++) {
      const tree = randomTree(random, 6, { numbers: [0, -0, 2, -0.5, 1e9], names, calls: functionNames })
      const row = names.map(() => 4 * random.uniform() - 2)
      const values = new Map(names.map((name, j) => [name, row[j]!]))
      const twice = substitute(parse('u*u + u'), new Map([['u', tree]]))
      for (const each of [tree, twice])
        expect([toText(each), compile(each, names)(row)]).toEqual([toText(each), oracle(each, values)])
    }
  })

  it('reads rows by the order of the names', () => {
    const y = evaluateRows(parse('x1 - x2'), ['x2', 'unused', 'x1'], [1, 7, 4, 2, 8, 6], 2)
    expect([...y]).toEqual([3, 4])
    expect(evaluateRows(parse('log(x)'), ['x'], [-1], 1)[0]).toBeNaN()
  })

  it('refuses variables without values and arrays of another length', () => {
    expect(() => compile(parse('x1 + tmie'), ['x1', 'time'])).toThrow(ConfigError)
    expect(() => compile(parse('x1 + tmie'), ['x1', 'time'])).toThrow(
      "uses the variable 'tmie', which has no values. Did you mean 'time'? The variables are x1, time.",
    )
    expect(() => evaluateRows(parse('x'), ['x'], [1, 2], 3)).toThrow(ShapeError)
    expect(() => evaluateRows(parse('x'), ['x'], [1, 2], 1.5)).toThrow('rows is 1.5')
  })
})

describe('shared subtrees', () => {
  it('are visited once: x^(2^60) by squaring is compiled, derived and measured', () => {
    let tree: Expression = variable('x')
    for (let i = 0; i < 60; i++) tree = multiply(tree, tree)
    expect(size(tree)).toBe(2 ** 61) // 2^61 - 1, rounded
    let value = 1 + 2 ** -52
    for (let i = 0; i < 60; i++) value *= value
    expect(value).toBeLessThan(Infinity)
    expect(compile(tree, ['x'])([1 + 2 ** -52])).toBe(value)
    expect(compile(derive(tree, 'x'), ['x'])([1])).toBe(2 ** 60)
    expect(size(simplify(tree))).toBe(2 ** 61)
    expect(variables(tree)).toEqual(['x'])
  })
})

describe('variables', () => {
  it.each([
    ['x10 + x2*x1', ['x1', 'x2', 'x10']],
    ['x_3 + x_1', ['x_1', 'x_3']],
    ['b + a*x2 + x1 + b', ['x1', 'x2', 'b', 'a']],
    ['pi + e', []],
  ])('of %s', (text, names) => {
    expect(variables(parse(text))).toEqual(names)
  })
})
