import { besselJ0, besselJ1, erf, sigmoid, silu } from './special.ts'

/** A function that formulas may call. */
export interface MathFunction {
  /** The value; functions of one argument ignore the second. */
  readonly value: (u: number, v: number) => number
  /** The derivative by each argument, as formulas of u and v. There are as many as the function has arguments. */
  readonly derivatives: readonly [string] | readonly [string, string]
  /** Where it is not smooth inside its domain: `kink`, its derivative jumps; `jump`, it jumps itself. Else left out. */
  readonly breaks?: 'kink' | 'jump'
}

/**
 * Every function, its value beside its derivative. Derivatives are chosen for accuracy: (1 - u) (1 + u) does not cancel
 * as 1 - u^2 does, and sigmoid(-u) is 1 - sigmoid(u) without cancellation. At a kink the derivative is the mean of both
 * sides. That of besselj1 is NaN at 0, where its limit is 1/2.
 */
export const functions = {
  sin: { value: Math.sin, derivatives: ['cos(u)'] },
  cos: { value: Math.cos, derivatives: ['-sin(u)'] },
  tan: { value: Math.tan, derivatives: ['1 + tan(u)^2'] },
  asin: { value: Math.asin, derivatives: ['1/sqrt((1 - u)*(1 + u))'] },
  acos: { value: Math.acos, derivatives: ['-1/sqrt((1 - u)*(1 + u))'] },
  atan: { value: Math.atan, derivatives: ['1/(1 + u^2)'] },
  sinh: { value: Math.sinh, derivatives: ['cosh(u)'] },
  cosh: { value: Math.cosh, derivatives: ['sinh(u)'] },
  tanh: { value: Math.tanh, derivatives: ['1/cosh(u)^2'] },
  asinh: { value: Math.asinh, derivatives: ['1/sqrt(1 + u^2)'] },
  acosh: { value: Math.acosh, derivatives: ['1/(sqrt(u - 1)*sqrt(u + 1))'] },
  atanh: { value: Math.atanh, derivatives: ['1/((1 - u)*(1 + u))'] },
  exp: { value: Math.exp, derivatives: ['exp(u)'] },
  log: { value: Math.log, derivatives: ['1/u'] },
  log10: { value: Math.log10, derivatives: ['1/(log(10)*u)'] },
  log2: { value: Math.log2, derivatives: ['1/(log(2)*u)'] },
  sqrt: { value: Math.sqrt, derivatives: ['1/(2*sqrt(u))'] },
  cbrt: { value: Math.cbrt, derivatives: ['1/(3*cbrt(u)^2)'] },
  abs: { value: Math.abs, derivatives: ['sign(u)'], breaks: 'kink' },
  sign: { value: Math.sign, derivatives: ['0'], breaks: 'jump' },
  floor: { value: Math.floor, derivatives: ['0'], breaks: 'jump' },
  ceil: { value: Math.ceil, derivatives: ['0'], breaks: 'jump' },
  gaussian: { value: u => Math.exp(-u * u), derivatives: ['-2*u*gaussian(u)'] },
  sigmoid: { value: sigmoid, derivatives: ['sigmoid(u)*sigmoid(-u)'] },
  silu: { value: silu, derivatives: ['sigmoid(u)*(1 + u*sigmoid(-u))'] },
  relu: { value: u => Math.max(u, 0), derivatives: ['(1 + sign(u))/2'], breaks: 'kink' },
  erf: { value: erf, derivatives: ['2/sqrt(pi)*gaussian(u)'] },
  besselj0: { value: besselJ0, derivatives: ['-besselj1(u)'] },
  besselj1: { value: besselJ1, derivatives: ['besselj0(u) - besselj1(u)/u'] },
  min: { value: Math.min, derivatives: ['(1 - sign(u - v))/2', '(1 + sign(u - v))/2'], breaks: 'kink' },
  max: { value: Math.max, derivatives: ['(1 + sign(u - v))/2', '(1 - sign(u - v))/2'], breaks: 'kink' },
  atan2: { value: Math.atan2, derivatives: ['v/(u^2 + v^2)', '-u/(u^2 + v^2)'], breaks: 'jump' },
} as const satisfies Record<string, MathFunction>

/** The name of a function, as the tree has it. */
export type FunctionName = keyof typeof functions

/** All function names, without aliases. */
export const functionNames = Object.keys(functions) as readonly FunctionName[]

/** Other spellings of a function that the parser takes. `pow(a, b)` is a^b and is known to the parser alone. */
export const aliases: ReadonlyMap<string, FunctionName> = new Map([
  ['ln', 'log'],
  ['arcsin', 'asin'],
  ['arccos', 'acos'],
  ['arctan', 'atan'],
  ['arcsinh', 'asinh'],
  ['arccosh', 'acosh'],
  ['arctanh', 'atanh'],
  ['arctan2', 'atan2'],
  ['sgn', 'sign'],
  ['j0', 'besselj0'],
  ['J0', 'besselj0'],
  ['j1', 'besselj1'],
  ['J1', 'besselj1'],
])

/** The named constants. */
export const constants = { pi: Math.PI, e: Math.E } as const

/** The name of a constant, as the tree has it. */
export type ConstantName = keyof typeof constants

/** Is this the name of a function, as the tree has it? */
export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(functions, name)
}

/** Is this the name of a constant, as the tree has it? */
export function isConstantName(name: string): name is ConstantName {
  return Object.hasOwn(constants, name)
}
