import { ConfigError } from '../errors.ts'
import { compile } from '../formula/evaluate.ts'
import { parse } from '../formula/parse.ts'
import type { Expression } from '../formula/tree.ts'
import type { LayerView } from './model.ts'
import type { LayerShape, SymbolicEdge } from './shape.ts'

/** The variable of a symbolic edge's formula. */
export const SYMBOLIC_VARIABLE = 'u'

/** Characters of a formula and of a name: more come from mistakes, or from files made to be slow. */
const LONGEST_FORMULA = 1000
const LONGEST_NAME = 64

/**
 * The tree of a symbolic edge's formula. Throws ConfigError for what formula/parse.ts refuses, for variables other than u, and
 * for more than LONGEST_FORMULA characters.
 */
export function parseSymbolic(formula: string): Expression {
  if (typeof formula !== 'string')
    throw new ConfigError(`formula is a value of type ${typeof formula}; give a text of u, such as 'sin(u)'.`)
  if (formula.length > LONGEST_FORMULA)
    throw new ConfigError(
      `The formula of an edge has ${formula.length} characters; the limit is ${LONGEST_FORMULA}. Use a shorter one.`,
    )
  return parse(formula, { variables: [SYMBOLIC_VARIABLE] })
}

/** Throws ConfigError unless the edge's name and formula can be used. */
export function checkSymbolic({ name, formula }: Omit<SymbolicEdge, 'edge'>): void {
  if (typeof name !== 'string' || name.length === 0 || name.length > LONGEST_NAME || /\p{Cc}/u.test(name))
    throw new ConfigError(
      `The name of an edge's function is ${JSON.stringify(name)}; give 1 to ${LONGEST_NAME} printable characters, such as 'sin'.`,
    )
  parseSymbolic(formula)
}

/** Throws ConfigError unless a layer's symbolic edges are edges of it, ascending, with names and formulas that can be used. */
export function checkSymbolicEdges({ inputs, outputs, symbolic = [] }: LayerShape, name: string): void {
  symbolic.forEach((own, e) => {
    const least = e > 0 ? symbolic[e - 1]!.edge + 1 : 0
    if (!Number.isInteger(own.edge) || own.edge < least || own.edge >= inputs * outputs)
      throw new ConfigError(
        `${name}.symbolic[${e}].edge is ${own.edge}; edges ascend and lie below ${inputs * outputs}: give a whole number from ${least} on.`,
      )
    checkSymbolic(own)
  })
}

/** phi = c f(a x + b) + d at the points x, with the four numbers from `at` on. Values that do not exist are NaN. */
export function symbolicValues(
  formula: string,
  affine: Float64Array,
  at: number,
  x: ArrayLike<number>,
): Float64Array {
  const f = compile(parseSymbolic(formula), [SYMBOLIC_VARIABLE])
  const [a, b, c, d] = [affine[at]!, affine[at + 1]!, affine[at + 2]!, affine[at + 3]!]
  const u = new Float64Array(1)
  return Float64Array.from(x, point => {
    u[0] = a * point + b
    return c * f(u) + d
  })
}

/** Of a layer's edges [inputs][outputs], whether each is there: its mask is 1, or it is symbolic. */
export function presentEdges({ symbolic = [], values }: Pick<LayerView, 'symbolic' | 'values'>): boolean[] {
  const present = Array.from(values.mask, mask => mask !== 0)
  for (const { edge } of symbolic) present[edge] = true
  return present
}
