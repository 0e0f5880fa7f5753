import { expect } from 'vitest'
import { compile, functionNames, functions, parse, toText } from '../../../src/formula/index.ts'
import type { Expression } from '../../../src/formula/index.ts'
import { Random } from '../../../src/random.ts'
import { randomTree } from '../trees.ts'
import { rounding } from './condition.ts'

/** A formula with points and what it is worth there. */
export interface Sample {
  readonly text: string
  readonly expression: Expression
  /** Rows of values, one for each of `names`. */
  readonly rows: readonly (readonly number[])[]
  /** The values by `compile`, in float64; NaN where there is none. */
  readonly values: readonly number[]
  /** How far another float64 program may be off, from the issue: 1e-12 times the roundings that arrive (condition.ts). */
  readonly bounds: readonly number[]
}

/** The variables of all samples, in the order of a row: plain names, and columns of a table. */
export const names = ['x1', 'x2', 'theta_0', 'sound pressure [dB]']

/** What goes wrong easily: signs before powers, powers of signs and powers, integer quotients, huge and tiny numbers. */
const hard = [
  '-x1^2',
  '(-x1)^2',
  '(-2)^2*x1',
  '-(2)^2 + x1',
  '(-2)^3 + x1',
  '-(-x1)',
  '-(-(-x1))',
  'x1 - (-3)',
  'x1 - -x2^2',
  'x1*-x2',
  '2^-x1',
  '2^-x1^2',
  '2^3^2 + x1',
  '(2^3)^2 + x1',
  'abs(x1)^abs(x2)^2',
  '(abs(x1)^abs(x2))^2',
  'exp(-x1^2)^2',
  'x1^-2',
  'x1^3 - x2^5 + x1^-3',
  '(x1 - x2)^2',
  '(x1*x2)^2 - x1*x2^2',
  '(x1/x2)/theta_0 - x1/(x2/theta_0) + x1/x2*theta_0',
  'x1 - (x2 - theta_0) - (x1 - x2)',
  'x1 - (x2 + theta_0)',
  'x1*(x2*theta_0) + (x1*x2)*theta_0',
  '1/2*x1 + 3/4 - x2^(1/2)*0',
  'abs(x1)^(1/3) + abs(x2)^(3/2)',
  '(1/3)^x1 + (7/2)^-2',
  '1e21*x1 + 1e-21*x2 - 123456789012345680000',
  '1e300*x1*1e-300 + 5e-324*x2',
  '2^70*x1/3^40',
  '0*x1 + -0',
  '0.1*x1 + 0.2*x2 + 0.30000000000000004',
  '3.141592653589793*x1 - pi*x1 + e^x2 - exp(x2)',
  '1/(1/0 - x1)',
  'exp(-1/0)*x1',
  'abs(x1)^0.5 - abs(x1)^-0.5 + x1^0',
  '`sound pressure [dB]`/20 - log10(abs(x1))*20',
  'atan2(x1, x2) - atan2(-x1, -2)',
  'atan2(x2, -abs(x1)) + atan(x1/x2)',
  'min(x1, x2) - max(x1, x2)*min(1, 2) + max(-x1, 3)',
  'floor(x1) - ceil(x2) + floor(-x2) - ceil(-2.5)',
  'sign(x1)*sqrt(abs(x1)) + sign(-x2)',
  'cbrt(x1) - cbrt(-8) + cbrt(x1*x2)^2',
  'log2(abs(x1)) - log(abs(x2))/log(2) + log10(1000)',
  'besselj0(20*x1) + besselj1(20*x1) + besselj0(x2) - besselj1(-x2)',
  'besselj0(100*x1)*besselj1(x2*1000)',
  'erf(x1) - erf(3*x2) + erf(x1/1000)*1000',
  'sigmoid(300*x1) + silu(300*x2) + sigmoid(-x1)*1e10',
  'silu(-800*abs(x1)) + sigmoid(800*x2) + gaussian(40*x1)',
  'relu(x1) - relu(-x2)^2 + relu(relu(x1) - 1)',
  'sinh(x1)/cosh(x2) - tanh(20*x1) + tan(x1)',
  'asinh(10*x1) + acosh(1 + abs(x1)) + atanh(x1/3)',
  'asin(x1/2.1) + acos(x2/2.1)',
  'sin(1000*x1) + cos(1e6*x2)',
  'exp(sin(pi*x1) + x2^2)',
  'sqrt(1 + (x1/2)^2)/(x1^2 + 1e-3) - 4*pi*1e-7',
  '6.674e-11*abs(x1)*x2/theta_0^2',
  'log(-abs(x1)) + 1',
  'sqrt(-1 - x1^2)',
  '(x1 - 3)^x2',
  '(-8)^(1/3) + x1',
]

/** Random formulas of every function: exponents and sizes that float64 holds, most of the time. */
function randomExpressions(count: number, seed: number): Expression[] {
  const random = new Random(seed)
  const from = {
    numbers: [0, -0, 1, -1, 2, 3, -2.5, 0.1, 1 / 3, 1e-7, 123456789.125, 7, -3],
    names,
    calls: functionNames,
  }
  return Array.from({ length: count }, (_, i) => randomTree(random, 2 + (i % 4), from))
}

/** The unit for leaving a domain or crossing a jump: what the bound of 1e-12 calls a rounding. */
export const UNIT = 1e-12

/** The formula at random points in [-2, 2]. */
export function sample(expression: Expression, random: Random, points = 8): Sample {
  const rows = Array.from({ length: points }, () => names.map(() => 4 * random.uniform() - 2))
  const formula = compile(expression, names)
  return {
    text: toText(expression),
    expression,
    rows,
    values: rows.map(row => formula(row)),
    bounds: rows.map(row => {
      const values = new Map(names.map((name, i) => [name, row[i]!]))
      return UNIT * rounding(expression, values, UNIT).error
    }),
  }
}

/** Each function alone, the hard ones, and as many random ones. */
export function samples(randomCount: number, seed = 1): Sample[] {
  const random = new Random(seed)
  const each = functionNames.flatMap(name => {
    const second = functions[name].derivatives.length === 2 ? ', x2' : ''
    return [parse(`${name}(x1${second})`), parse(`-${name}(-3*x1${second})^2`)]
  })
  const expressions = [...each, ...hard.map(text => parse(text)), ...randomExpressions(randomCount, seed)]
  return expressions.map(expression => sample(expression, random))
}

/**
 * Compares a program's values with the samples'. Points whose value is not finite, or hangs on roundings (a jump, the edge of a
 * domain), are left out, except that a NaN must be answered by a value that is no number either, unless the program computes
 * with `complex` numbers. Expects more than `least` points to have been compared.
 */
export function expectAgreement(
  list: readonly Sample[],
  values: readonly (readonly number[])[],
  least: number,
  { complex = false } = {},
): void {
  const wrong: string[] = []
  let [compared, undefinedPoints] = [0, 0]
  for (const [i, { text, rows, values: expected, bounds }] of list.entries())
    for (const [row, point] of rows.entries()) {
      const [value, y, bound] = [values[i]?.[row] ?? NaN, expected[row]!, bounds[row]!]
      if (Number.isNaN(y)) {
        undefinedPoints++
        if (Number.isFinite(value) && !complex)
          wrong.push(`${text} at ${point.join(', ')}: ${value} in place of NaN`)
      } else if (Number.isFinite(y) && bound < 1e-6 * Math.max(1, Math.abs(y))) {
        compared++
        if (!(Math.abs(value - y) <= bound))
          wrong.push(`${text} at ${point.join(', ')}: ${value} in place of ${y} (+- ${bound})`)
      }
    }
  expect(wrong).toEqual([])
  expect(compared).toBeGreaterThan(least)
  expect(undefinedPoints).toBeGreaterThan(10)
}
