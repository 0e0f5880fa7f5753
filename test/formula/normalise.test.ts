import { describe, expect, it } from 'vitest'
import {
  complexity,
  fold,
  parse,
  size,
  functionNames,
  functions,
  normalise,
  Tape,
  toText,
  variables,
  withChildren,
} from '../../src/formula/index.ts'
import type { Bounds, Expression } from '../../src/formula/index.ts'
import { Random } from '../../src/random.ts'
import { laws } from '../interpret/laws.ts'
import { randomTree } from './trees.ts'
import type { Ingredients } from './trees.ts'

const positive = new Map<string, Bounds>(['x', 'y', 'z'].map(name => [name, [0.1, 3]]))

/** Fitted numbers, which are never exact. */
const [a, b, c] = ['1.23456789', '0.32345678', '3.12345678']

describe('normalise', () => {
  it.each([
    // sums and products
    ['2*(3*x + 1) + 4', '6*x + 6'],
    ['3*x - 3*y', '3*(x - y)'],
    ['x^2 - 2*x*y + y^2', '(x - y)^2'],
    ['x^2/2 + x + 1/2', '(x + 1)^2/2'],
    ['4*x^2 + 12*x*y + 9*y^2 + z', '(2*x + 3*y)^2 + z'],
    ['x^2 - 2*x*y + y^2 + z^2 + 2*z*u + u^2', '(u + z)^2 + (x - y)^2'],
    ['x*x', 'x^2'],
    ['x^2/x', 'x'],
    ['x*y*x/y^2', 'x^2/y'],
    ['x/3 + x/6', 'x/2'],
    ['0.1*x + 0.2*x', '0.3*x'],
    ['x*y + x*z', 'x*(y + z)'],
    ['(x + 1)*(x - 1)', 'x^2 - 1'],
    ['(x + 1)^2 - x^2', '2*x + 1'],
    ['1.01*(x + 0.01)^2', '1.01*(x + 0.01)^2'],
    ['(x/3 + 1/2)^2', '(2*x + 3)^2/36'],
    [`(x + ${b})^2`, `(x + ${b})^2`],
    ['-(x - y)', 'y - x'],
    ['y + x2 + x10 + x1^2 + 1 - x1', 'x1^2 - x1 + x2 + x10 + y + 1'],
    ['2*U*(1 - cos(k))', '2*U*(1 - cos(k))'],
    ['0*log(x)', '0'],
    ['1e300*x*1e300', '1e+300*(1e+300*x)'],
    ['1/0 + x', '1/0 + x'],
    // one constant for what is fitted, exact ones side by side
    [`2*pi*${a}*x`, `${2 * Number(a) * Math.PI}*x`],
    [`pi*x + ${a}*x`, `${Math.PI + Number(a)}*x`],
    ['pi*x + 2*x', '(2 + pi)*x'],
    ['2*pi*x/4', 'pi*x/2'],
    [`${a}*(x + 1)`, `${a}*(x + 1)`],
    [`${a}*(x + ${b})`, `${a}*x + ${Number(a) * Number(b)}`],
    [`2*(${a}*x + 1) + 1`, `${2 * Number(a)}*x + 3`],
    // powers
    ['(x^2)^3', 'x^6'],
    ['(-x)^2', 'x^2'],
    ['(-2*x)^3', '-8*x^3'],
    ['sqrt(4*x)', '2*sqrt(x)'],
    ['sqrt(8)*x', '2*sqrt(2)*x'],
    ['sqrt(x)^2', 'sqrt(x)*sqrt(x)', 'x'],
    ['sqrt(x^2)', 'abs(x)', 'x'],
    ['sqrt(x^2*y)', 'sqrt(x^2*y)', 'x*sqrt(y)'],
    ['sqrt(x)*sqrt(y)', 'sqrt(x)*sqrt(y)', 'sqrt(x*y)'],
    ['(x^3)^(1/2)', 'x^1.5'],
    ['x^(4/6)', 'x^(2/3)'],
    ['sqrt(4 - 2*x)', 'sqrt(4 - 2*x)'],
    ['1/sqrt(2*pi)', '1/sqrt(2*pi)'],
    ['sqrt(2)*sqrt(3)', 'sqrt(6)'],
    [`${c}*(${a}*x)^2`, `${Number(c) * Number(a) ** 2}*x^2`],
    [`1/(${a}*x + 0)`, `${1 / Number(a)}/x`],
    [`1/(${a}*x + ${b})`, `${1 / Number(a)}/(x + ${Number(b) / Number(a)})`],
    ['sqrt(-1/(x - 9))', 'sqrt(1/(9 - x))', '1/sqrt(9 - x)'],
    ['sqrt((x - 9)*(u - 1))', 'sqrt((u - 1)*(x - 9))', 'sqrt(1 - u)*sqrt(9 - x)'],
    // factors of equal powers
    ['sqrt(4 - x)*sqrt(4 + x)', 'sqrt(4 - x)*sqrt(x + 4)', 'sqrt(16 - x^2)'],
    ['3*y/(sqrt(3 - x)*sqrt(x + 3))', '3*y/(sqrt(3 - x)*sqrt(x + 3))', '3*y/sqrt(9 - x^2)'],
    ['sqrt(1 - x)*sqrt(x - 2)', 'sqrt(1 - x)*sqrt(x - 2)'],
    ['sqrt(4 - x)*sqrt(5 + y)', 'sqrt(4 - x)*sqrt(y + 5)'],
    ['(1 - x)^3*(1 + x)^3', '(1 - x^2)^3'],
    [`sqrt(${c} - x)*sqrt(${c} + x + y)`, `sqrt(${c} - x)*sqrt(x + y + ${c})`],
    // quotients in quotients
    ['1 - 1/(x/y + 1)', 'x/(x + y)'],
    ['(1 - 1/(x/y + 1))*(y*z/x + u)', '(u*x + y*z)/(x + y)'],
    [`${a}*(1 - 1/(x/y + 1))*(y*z/x + u)`, `${a}*(u*x + y*z)/(x + y)`],
    ['x/(x*z/y + 1)', 'x/(x*z/y + 1)'],
    ['x/(1 - y/z)', 'x/(1 - y/z)'],
    ['1/x + 1/y', '1/x + 1/y'],
    ['(x + y)/(1 + x*y/9)', '9*(x + y)/(x*y + 9)'],
    [`1 - 1/(${a}*x/y + ${b})`, `1 - ${1 / Number(a)}/(x/y + ${Number(b) / Number(a)})`],
    // exponentials and logarithms
    ['exp(x)*exp(y)', 'exp(x + y)'],
    ['e*exp(x)', 'exp(x + 1)'],
    [`exp(x + ${b})`, `${Math.exp(Number(b))}*exp(x)`],
    [`exp(0.5*log(x) + 2*log(y))`, 'exp(2*log(y))*sqrt(x)', 'y^2*sqrt(x)'],
    [`exp(${a}*log(x) + ${b}*log(y))`, `x^${a}*y^${b}`],
    [`${a}^x`, `exp(${Math.log(Number(a))}*x)`],
    ['2^x', '2^x'],
    ['gaussian(x/2)', 'exp(-x^2/4)'],
    ['log(x^3)', '3*log(x)'],
    ['log(x^2)', 'log(x^2)', '2*log(x)'],
    ['log(1/x)', '-log(x)'],
    ['log(y/x)', 'log(y/x)'],
    ['log(x) + log(y)', 'log(x) + log(y)', 'log(x*y)'],
    ['z*log(y) - z*log(x)', 'z*(log(y) - log(x))', 'z*log(y/x)'],
    ['-log(y/x)', 'log(x/y)'],
    ['log(3*exp(2*x + 1))', '2*x + 1 + log(3)'],
    [`log(${a}*x)`, `log(x) + ${Math.log(Number(a))}`],
    // even, odd, periodic
    ['sin(-x)', '-sin(x)'],
    ['cos(-x)', 'cos(x)'],
    ['sinh(1 - x)', '-sinh(x - 1)'],
    ['abs(-3*x)', '3*abs(x)', '3*x'],
    ['abs(x)^2', 'x^2'],
    ['relu(-2*x)', '2*relu(-x)'],
    ['sign(-2*x)', '-sign(x)', '-sign(x)'],
    ['max(y, x)', 'max(x, y)'],
    ['sin(x + 2*pi)', 'sin(x)'],
    ['sin(x + pi/2)', 'cos(x)'],
    ['cos(x - pi/2)', 'sin(x)'],
    ['sin(-pi/2)', '-1'],
    ['sin(pi/4)', '1/sqrt(2)'],
    ['cos(x + pi)', '-cos(x)'],
    ['tan(x + pi)', 'tan(x)'],
    [`sin(x + ${c})`, `-sin(x - ${Math.PI - Number(c)})`],
    [`cos(x + ${a})`, `-sin(x - ${Math.PI / 2 - Number(a)})`],
    ['sin(x + 1)', 'sin(x + 1)'],
  ])('%s is %s', (text, plain, onPositive = plain) => {
    expect(toText(normalise(parse(text)), { digits: 12 })).toBe(toText(parse(plain), { digits: 12 }))
    expect(toText(normalise(parse(text), { bounds: positive }), { digits: 12 })).toBe(
      toText(parse(onPositive), { digits: 12 }),
    )
  })

  it('writes the Feynman laws no longer than their authors, and alike however they are grouped', () => {
    let [own, theirs] = [0, 0]
    for (const { formula, variables: names, ranges } of laws) {
      const bounds = new Map(names.map((name, i) => [name, ranges[i]!]))
      const normal = normalise(formula, { bounds })
      own += complexity(normal)
      theirs += complexity(formula)
      // (x/y)^2/2 is one operator shorter than x^2/(2*y^2), and an exponent.
      expect(complexity(normal)).toBeLessThanOrEqual(complexity(formula) + 2)
      expect(toText(normalise(turned(formula, new Random(1)), { bounds }))).toBe(toText(normal))
    }
    expect(own).toBeLessThan(theirs)
  })

  it('only tidies what is too large to be written', () => {
    let tree = parse('x')
    for (let i = 0; i < 60; i++) tree = { kind: 'multiply', left: tree, right: tree }
    expect(size(normalise(tree))).toBe(size(tree))
  })

  // At a jump rounding decides: floor(x + 1 - x) is 1 or 0.
  const smooth = functionNames.filter(
    name => !('breaks' in functions[name] && functions[name].breaks === 'jump'),
  )
  const fitted = [1 / 3, 2.345678901, -0.7312818284, Math.PI / 2, 1.00000001]
  it.each([
    [
      'of all functions',
      { names: ['x', 'y'], numbers: [0, 1, -1, 2, 3, -0.5, 0.25, ...fitted], calls: smooth },
    ],
    [
      'of sums, products, powers and logarithms',
      {
        names: ['x', 'y', 'z'],
        numbers: [1, 2, -1, 3, 0.5, fitted[1]!],
        calls: ['sqrt', 'exp', 'log', 'abs'],
      },
    ],
  ] satisfies [string, Ingredients][])(
    'keeps values, is done after one pass, and does not mind the order: trees %s',
    (_, from) => {
      const { names } = from
      const rows = 40
      const random = new Random(41)
      const wrong: string[] = []
      let checked = 0
      for (let i = 0; i < 1500; i++) {
        const tree = randomTree(random, 4, from)
        if (!hasSoundConstants(tree)) continue
        const isPositive = i % 2 === 0
        const options = isPositive ? { bounds: positive } : {}
        const normal = normalise(tree, options)
        const text = toText(normal)
        const told = `${toText(tree)} => ${text}`
        const again = toText(normalise(normal, options))
        if (again !== text) wrong.push(`again: ${told} => ${again}`)
        // Fitted numbers that are folded in another order differ in last digits.
        const other = toText(normalise(turned(tree, random), options), { digits: 12 })
        if (other !== toText(normal, { digits: 12 })) wrong.push(`turned: ${told} but ${other}`)

        const low = isPositive ? 0.1 : -3
        const columns = names.map(() =>
          Float64Array.from({ length: rows }, () => low + (3 - low) * random.uniform()),
        )
        const [before, after] = [sample(tree, names, columns), sample(normal, names, columns)]
        const sound = [soundRows(tree, names, columns), soundRows(normal, names, columns)]
        for (let row = 0; row < rows; row++) {
          const value = before.values[row]!
          // The bound is of first order: where it is large, it says nothing.
          const own = before.bounds[row]!
          if (!Number.isFinite(value) || !(own < 1e-6 * Math.abs(value)) || !sound.every(rows => rows[row]!))
            continue
          checked++
          const difference = Math.abs(after.values[row]! - value)
          // A number of the normal form comes from up to 16 operations on numbers of the tree, each rounded.
          if (!(difference <= 16 * (own + after.bounds[row]!))) {
            const at = columns.map(column => column[row]).join(', ')
            wrong.push(`${told} at ${at}: ${value}, ${after.values[row]}, ${own}, ${after.bounds[row]}`)
            break
          }
        }
      }
      expect(wrong.slice(0, 40)).toEqual([])
      expect(checked).toBeGreaterThan(20_000)
    },
  )
})

interface Sides {
  readonly values: Float64Array
  readonly bounds: Float64Array
}

/** The same formula with operands of + and * changed about at random, a - b as a + -b, and a / b as a * b^-1. */
function turned(tree: Expression, random: Random): Expression {
  return fold<Expression>(tree, (node, parts) => {
    const isTurned = random.uniform() < 0.5
    const [left, right] = parts
    if (!isTurned || left === undefined || right === undefined) return withChildren(node, parts)
    if (node.kind === 'add' || node.kind === 'multiply') return { kind: node.kind, left: right, right: left }
    if (node.kind === 'subtract')
      return { kind: 'add', left: { kind: 'negate', argument: right }, right: left }
    return withChildren(node, parts)
  })
}

/** Values and the bounds of their rounding on the rows. */
function sample(tree: Expression, names: readonly string[], columns: readonly Float64Array[]): Sides {
  const rows = columns[0]!.length
  const [values, bounds] = [new Float64Array(rows), new Float64Array(rows)]
  const tape = new Tape(tree, names, { roundings: true })
  tape.values(columns, [], values)
  tape.roundings(columns, [], bounds)
  return { values, bounds }
}

/** Whether all parts without variables exist and are no rounding errors, as sin(pi) is: exactly they are other numbers. */
function hasSoundConstants(tree: Expression): boolean {
  return fold<boolean>(tree, (node, parts) => {
    if (parts.includes(false)) return false
    if (variables(node).length > 0) return true
    const { values, bounds } = sample(node, [], [new Float64Array(1)])
    return Number.isFinite(values[0]!) && bounds[0]! <= 1e-9 * Math.abs(values[0]!)
  })
}

/**
 * The rows where rounding cannot decide between values far apart, or 0 and none: powers of negative numbers exist for whole
 * exponents only, and values near the end of float64's range end there in one form and not in the other.
 */
function soundRows(tree: Expression, names: readonly string[], columns: readonly Float64Array[]): boolean[] {
  const sound = columns[0]!.map(() => 1)
  fold<undefined>(tree, node => {
    if (node.kind === 'power' && node.right.kind !== 'number')
      for (const [row, value] of sample(node.left, names, columns).values.entries())
        if (value < 0) sound[row] = 0
    for (const [row, value] of sample(node, names, columns).values.entries())
      if (value !== 0 && !(Math.abs(value) > 1e-60 && Math.abs(value) < 1e60)) sound[row] = 0
    return undefined
  })
  return Array.from(sound, value => value === 1)
}
