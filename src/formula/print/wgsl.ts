import type { Expression } from '../tree.ts'
import { foldConstants } from './float32.ts'
import { printTree } from './piece.ts'
import { shaderNotation, shaderSupport } from './shader.ts'

/** An expression in WGSL, and the functions of our own that it calls. */
export interface WgslExpression {
  readonly expression: string
  /** For wgslHelpers, which gives their source together with what they call themselves. */
  readonly helpers: readonly string[]
}

/**
 * The formula as one WGSL expression of type f32, to be built into a shader. `nameOf` gives the text that stands for a
 * variable: a name, an index expression like row[3], or anything in parentheses. Every function is accurate to a few units of
 * float32's last place (see shaders/formula_*.wgsl), except that exp(x) errs by 3 + 2 |x| units.
 *
 * Throws ConfigError for constants that float32 cannot hold.
 */
export function wgslExpression(expression: Expression, nameOf: (variable: string) => string): WgslExpression {
  const { text } = printTree(foldConstants(expression), shaderNotation(nameOf))
  return { expression: text, helpers: shaderSupport.used(text) }
}

/** The WGSL source of these functions and of all that they call, each once, in an order that WGSL takes. */
export function wgslHelpers(names: Iterable<string>): string {
  return shaderSupport.source([...names])
}
