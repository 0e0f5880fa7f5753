import { describe, expect, it } from 'vitest'
import {
  call,
  compile,
  derive,
  fold,
  functionNames,
  functions,
  parse,
  simplify,
  toText,
  variable,
  variables,
} from '../../src/formula/index.ts'
import type { Expression, FunctionName } from '../../src/formula/index.ts'
import { Random } from '../../src/random.ts'
import { randomTree } from './trees.ts'

describe('derive', () => {
  it.each([
    ['7', '0'],
    ['y', '0'],
    ['x', '1'],
    ['x^3', '3*x^2'],
    ['-x^2', '-2*x'],
    ['1/x', '-1/x^2'],
    ['3 x + 2 y', '3'],
    ['x/3', '1/3'],
    ['x*y', 'y'],
    ['x*sin(x)', 'sin(x) + x*cos(x)'],
    ['exp(sin(pi*x) + y^2)', 'exp(sin(pi*x) + y^2)*cos(pi*x)*pi'],
    ['e^(2x)', '2*e^(2*x)'],
    ['2^x', '2^x*log(2)'],
    ['y^x', 'y^x*log(y)'],
    ['log10(3 x)', '1/(log(10)*x)'],
    ['sqrt(x)', '1/(2*sqrt(x))'],
    ['sqrt(1 - x^2)', '-(x/sqrt(1 - x^2))'],
    ['besselj0(20 x)', '-20*besselj1(20*x)'],
    ['max(x, 2)', '(1 + sign(x - 2))/2'],
    ['floor(x)*x', 'floor(x)'],
    ['atan2(y, x)', '-y/(y^2 + x^2)'],
  ])('d/dx %s', (text, expected) => {
    const slope = derive(parse(text), 'x')
    // Products are compared without regard to how they are grouped.
    const flat = (text: string): string => text.replaceAll(/[()]/g, '')
    expect(flat(toText(slope))).toBe(flat(expected))
    for (const at of [0.3, 0.7])
      expect(compile(slope, ['x', 'y'])([at, 0.9])).toBeCloseTo(
        compile(parse(expected), ['x', 'y'])([at, 0.9]),
        13,
      )
  })

  it.each(functionNames)('%s: the table agrees with differences inside the domain', name => {
    const [u, v] = [variable('u'), variable('v')]
    const unary = functions[name].derivatives.length === 1
    const tree = unary ? call(name, u) : call(name, u, v)
    const value = compile(tree, ['u', 'v'])
    const [low, high] = domain(name)
    const random = new Random(4)
    for (let i = 0; i < 200; i++) {
      const at = [low + (high - low) * random.uniform(), low + (high - low) * random.uniform()]
      if (Math.abs(Math.abs(at[0]!) - (unary ? 0 : Math.abs(at[1]!))) < 0.01) continue // kinks
      if (name !== 'sign' && Math.abs(at[0]! - Math.round(at[0]!)) < 0.01) continue // jumps of floor and ceil
      for (const [j, by] of (unary ? ['u'] : ['u', 'v']).entries())
        expectClose(
          compile(derive(tree, by), ['u', 'v'])(at),
          stencil(h => value(at.map((a, k) => a + (k === j ? h : 0)))),
          // The five-point rule with h = 1e-3 errs by h^4 |f5| / 30 < 2e-10 for |f5| < 5000 (tan at 1) and by rounding,
          // 1.5 eps |f| / h < 4e-12 for |f| < 11.
          2e-9,
          `${name} at ${at.join(', ')}`,
        )
    }
  })

  it('agrees with differences on random formulas', () => {
    const random = new Random(5)
    const names = ['x', 'y']
    const smooth = functionNames.filter(
      name => !('breaks' in functions[name]) && !['acosh', 'asin', 'acos', 'atanh'].includes(name),
    )
    let checked = 0
    for (let i = 0; i < 3000; i++) {
      const tree = randomTree(random, 4, { numbers: [1, 2, 3, -2, 0.5], names, calls: smooth })
      const at = [0.2 + 1.5 * random.uniform(), 0.2 + 1.5 * random.uniform()]
      const value = compile(tree, names)
      const along = (h: number): number => value([at[0]! + h, at[1]!])
      const scale = Math.max(...[-2e-3, -1e-3, 0, 1e-3, 2e-3].map(h => Math.abs(along(h))))
      const [coarse, fine] = [stencil(along), stencil(h => along(h / 2)) * 2]
      // Two steps that disagree say that a pole, a branch point or cancellation is near: such points judge nothing.
      const doubt = Math.abs(coarse - fine) / (1 + Math.abs(fine) + scale)
      if (!(doubt < 1e-8) || !(scale < 1e6) || !regular(tree, names, at)) continue
      checked++
      const slope = compile(derive(tree, 'x'), names)(at)
      expectClose(slope, fine, 1e-6 * (1 + Math.abs(fine) + scale), toText(tree))
    }
    expect(checked).toBeGreaterThan(2000)
  })

  it('can be derived again: the second derivative of every function of one argument', () => {
    for (const name of functionNames) {
      if (functions[name].derivatives.length > 1) continue
      const first = derive(call(name, variable('x')), 'x')
      const slope = compile(first, ['x'])
      const at = name === 'acosh' ? 1.4 : 0.4
      expectClose(
        compile(derive(first, 'x'), ['x'])([at]),
        stencil(h => slope([at + h])),
        2e-9,
        name,
      )
    }
  })
})

describe('simplify', () => {
  it.each([
    ['x + 0', 'x'],
    ['0*x', '0'],
    ['x*1/1', 'x'],
    ['x^1 + x^0', 'x + 1'],
    ['2*3 + 4', '10'],
    ['2*(3*x)', '6*x'],
    ['x*2*y', '2*(x*y)'],
    ['--x', 'x'],
    ['x + -y', 'x - y'],
    ['x - -3', 'x + 3'],
    ['x - -65*y', 'x + 65*y'],
    ['x + -2*y/z', 'x - 2*y/z'],
    ['x - 1*cos(y)', 'x - cos(y)'],
    ['-x*-y', 'x*y'],
    ['-(x - y)', 'y - x'],
    ['x*(1/y)', 'x/y'],
    ['6 x/(3 y)', '2*x/y'],
    ['2 x/(6 y)', 'x/(3*y)'],
    ['1/3', '1/3'],
    ['cos(0) + sqrt(4)', '3'],
    ['sqrt(2)', 'sqrt(2)'],
    ['1/0', '1/0'],
    ['1e300*1e300', '1e+300*1e+300'],
    ['1e300*(1e300*x)', '1e+300*(1e+300*x)'],
    ['log(0)', 'log(0)'],
  ])('%s is %s', (text, expected) => {
    expect(toText(simplify(parse(text)))).toBe(expected)
  })

  it('leaves values as they are, and is done after one pass', () => {
    const random = new Random(6)
    const names = ['x', 'y']
    let checked = 0
    for (let i = 0; i < 3000; i++) {
      const tree = randomTree(random, 5, {
        numbers: [0, 1, -1, 2, 3, -4],
        names,
        calls: ['sin', 'exp', 'sqrt', 'tanh'],
      })
      const tidy = simplify(tree)
      const row = [random.uniform(), random.uniform()]
      const [before, after] = [compile(tree, names)(row), compile(tidy, names)(row)]
      // Where something is not finite, 0 times it became 0, and 1/-0 became 1/0; elsewhere the order of products changed.
      if (!regular(tree, names, row) || !conditioned(tree, names, row)) continue
      checked++
      expectClose(after, before, 1e-9 * (1 + Math.abs(before)), toText(tree))
      expect(`${toText(tree)}: ${toText(simplify(tidy))}`).toBe(`${toText(tree)}: ${toText(tidy)}`)
    }
    expect(checked).toBeGreaterThan(1500)
  })
})

/**
 * Whether the rules of calculus apply at every node: all values are finite, and no base under an exponent with variables
 * is negative (u^v has a derivative by v for positive u only).
 */
function regular(tree: Expression, names: readonly string[], at: readonly number[]): boolean {
  return fold<boolean>(tree, (node, parts) => {
    if (parts.includes(false) || !Number.isFinite(compile(node, names)(at))) return false
    return node.kind !== 'power' || variables(node.right).length === 0 || compile(node.left, names)(at) > 0
  })
}

/** Whether the value moves little when the inputs move in their last digits. */
function conditioned(tree: Expression, names: readonly string[], row: readonly number[]): boolean {
  const formula = compile(tree, names)
  const value = formula(row)
  const near = formula(row.map(x => x * (1 + 1e-13)))
  return Math.abs(value) < 1e6 && Math.abs(near - value) < 1e-10 * (1 + Math.abs(value))
}

/** The derivative at 0 by five points, h = 1e-3. */
function stencil(f: (h: number) => number): number {
  const h = 1e-3
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)
}

/** Where a function is sampled: inside its domain, with derivatives of moderate size. */
function domain(name: FunctionName): readonly [number, number] {
  if (name === 'asin' || name === 'acos' || name === 'atanh') return [-0.7, 0.7]
  if (name === 'acosh') return [1.4, 3]
  if (name === 'log' || name === 'log2' || name === 'log10' || name === 'sqrt') return [0.4, 3]
  if (name === 'cbrt') return [0.4, 3]
  if (name === 'atan2') return [0.4, 3]
  return name === 'tan' ? [-1, 1] : [-3, 3]
}

function expectClose(actual: number, expected: number, tolerance: number, what: string): void {
  expect(Math.abs(actual - expected), `${what}: ${actual}, expected ${expected}`).toBeLessThanOrEqual(
    tolerance,
  )
}
