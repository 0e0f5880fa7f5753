import { ConfigError } from '../../errors.ts'
import { constants, functions } from '../functions.ts'
import { fold, number, withChildren } from '../tree.ts'
import type { BinaryNode, CallNode, Expression, NegateNode } from '../tree.ts'

/** The largest float32, and the smallest of full precision: a GPU may take anything below for 0. */
const LARGEST = 3.4028234663852886e38
const SMALLEST = 1.1754943508222875e-38

/**
 * A number as a float32 constant of WGSL and GLSL: all its decimals (the compiler rounds), always with a point or an exponent.
 * Throws ConfigError for a number that float32 cannot hold.
 */
export function float32Literal(value: number): string {
  const size = Math.abs(value)
  if (size > LARGEST || (size < SMALLEST && size > 0))
    throw new ConfigError(
      `The formula's constant ${value} is outside what float32 holds, ${SMALLEST.toPrecision(3)} to ` +
        `${LARGEST.toPrecision(3)}. Give the columns other units.`,
    )
  return floatLiteral(value)
}

/** A number in its shortest form that is read back exactly, as languages write one that is no integer: 2.0, 1e+21, -0.0. */
export function floatLiteral(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

/**
 * The tree with every subtree that has no variables replaced by its value in float64, which is more accurate than float32 and
 * spares the shader compiler constant expressions that it refuses (1/0). Throws ConfigError for a value that is not finite.
 */
export function foldConstants(expression: Expression): Expression {
  return fold<Expression>(expression, (node, parts) => {
    if (node.kind === 'constant') return number(constants[node.name])
    if (node.kind === 'variable' || node.kind === 'number') return node
    const values = parts.flatMap(part => (part.kind === 'number' ? [part.value] : []))
    if (values.length < parts.length) return withChildren(node, parts)
    const value = valueAt(node, values[0]!, values[1] ?? NaN)
    if (!Number.isFinite(value))
      throw new ConfigError(
        `A part of the formula without variables is ${value}; a shader has no such constant. Change the formula.`,
      )
    return number(value)
  })
}

/** The value of an operation at the values u and v of its operands. */
export function valueAt(node: NegateNode | BinaryNode | CallNode, u: number, v: number): number {
  switch (node.kind) {
    case 'add':
      return u + v
    case 'subtract':
      return u - v
    case 'multiply':
      return u * v
    case 'divide':
      return u / v
    case 'power':
      return u ** v
    case 'negate':
      return -u
    case 'call':
      return functions[node.name].value(u, v)
  }
}
