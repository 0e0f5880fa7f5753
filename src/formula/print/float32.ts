import { ConfigError } from '../../errors.ts'
import { fold, number, withChildren } from '../tree.ts'
import type { Expression } from '../tree.ts'
import { constantValue, shortestFloat } from './piece.ts'

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
  return shortestFloat(value)
}

/**
 * The tree with every subtree that has no variables replaced by its value in float64, which is more accurate than float32 and
 * spares the shader compiler constant expressions that it refuses (1/0). Throws ConfigError for a value that is not finite.
 */
export function foldConstants(expression: Expression): Expression {
  return fold<Expression>(expression, (node, parts) => {
    const value = constantValue(
      node,
      parts.map(part => (part.kind === 'number' ? part.value : undefined)),
    )
    if (value === undefined) return withChildren(node, parts)
    if (!Number.isFinite(value))
      throw new ConfigError(
        `A part of the formula without variables is ${value}; a shader has no such constant. Change the formula.`,
      )
    return number(value)
  })
}
