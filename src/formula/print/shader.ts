import circular from '../../../shaders/formula_circular.wgsl?raw'
import exponential from '../../../shaders/formula_exponential.wgsl?raw'
import special from '../../../shaders/formula_special.wgsl?raw'
import type { BinaryNode } from '../tree.ts'
import { float32Literal } from './float32.ts'
import { arithmetic, atom, called, calls, numeral, POWER, signed, wordsOf } from './piece.ts'
import type { Calls, Notation, Piece } from './piece.ts'
import { support } from './support.ts'

/*
 * What WGSL and GLSL share: float32, no operator for powers, the same names for what is built in, and the functions of
 * shaders/formula_*.wgsl for what is not built in, or not accurate enough.
 */

/** The functions of shaders/formula_*.wgsl, as WGSL. */
export const shaderSupport = /* @__PURE__ */ support([circular, exponential, special], /^fn (\w+)/m)

/** The functions by name: built in where they are exact or nearly so (exp, sqrt), else those of shaders/formula_*.wgsl. */
const shaderCalls: Calls = {
  sin: 'sine',
  cos: 'cosine',
  tan: 'tangent',
  asin: 'arcsine',
  acos: 'arccosine',
  atan: 'arctangent',
  sinh: 'hyperbolic_sine',
  cosh: 'hyperbolic_cosine',
  tanh: 'hyperbolic_tangent',
  asinh: 'area_hyperbolic_sine',
  acosh: 'area_hyperbolic_cosine',
  atanh: 'area_hyperbolic_tangent',
  exp: 'exp',
  log: 'natural_log',
  log10: 'log_base_10',
  log2: 'log_base_2',
  sqrt: 'sqrt',
  cbrt: 'cube_root',
  abs: 'abs',
  sign: 'sign',
  floor: 'floor',
  ceil: 'ceil',
  gaussian: 'gaussian',
  sigmoid: 'sigmoid',
  silu: 'silu',
  relu: u => called('max', u, numeral('0.0')),
  erf: 'error_function',
  besselj0: 'bessel_j0',
  besselj1: 'bessel_j1',
  min: 'min',
  max: 'max',
  atan2: 'arctangent2',
}

/** What the expressions call, so that no variable is called so. */
export function shaderWords(): string[] {
  return wordsOf(shaderCalls)
}

/** The largest whole exponent that is multiplied out; beyond, its roundings exceed those of 2^(y log2 x). */
const LARGEST_WHOLE_POWER = 64

/** Small whole powers are multiplied out: exact signs, and x*x for the square of a name. */
function shaderPower(left: Piece, right: Piece, node: BinaryNode): Piece {
  const exponent = node.right.kind === 'number' ? node.right.value : NaN
  if (exponent === 2 && node.left.kind === 'variable') return arithmetic.multiply(left, left)
  if (exponent === 2) return called('square', left)
  if (Number.isInteger(exponent) && Math.abs(exponent) <= LARGEST_WHOLE_POWER)
    return called('whole_power', left, numeral(String(exponent)))
  return called('power', left, right)
}

/** How WGSL and GLSL write an expression; `nameOf` gives the text that stands for a variable. */
export function shaderNotation(nameOf: (variable: string) => string): Notation {
  return {
    number: value => numeral(float32Literal(value)),
    constant: name => numeral(float32Literal(name === 'pi' ? Math.PI : Math.E)),
    variable: ({ name }) => atom(nameOf(name)),
    negate: signed(POWER), // -- is a token of its own
    binary: { ...arithmetic, power: shaderPower },
    call: calls(shaderCalls),
  }
}
