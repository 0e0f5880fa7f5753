import { number, parse, product, substitute, sum } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import type { SymbolicFunction } from './library.ts'
import { curveOf } from './traits.ts'

/** The numbers of phi(x) = c f(a x + b) + d. */
export interface AffineNumbers {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

/** A function of the library with the affine parameters that suit a curve best. */
export interface Candidate extends AffineNumbers {
  /** The function's name in the library. */
  readonly name: string
  /** f as a formula of u. */
  readonly formula: string
  /** Share of the curve's variance that it explains, in float64; at most 1. */
  readonly r2: number
  /** 1 - r2, without cancellation: down to 1e-30 where the function is the true one. */
  readonly unexplained: number
  /** The function's complexity in its library. */
  readonly complexity: number
  /** How many of a and b it does not make redundant: 1 for x^2 and exp, 2 for sin. */
  readonly free: number
  /** What candidates are sorted by, lowest first, without unit: see FitCurveOptions.simplicity for the formula, and suggest. */
  readonly score: number
}

/** c f(a x + b) + d at points x. */
export function candidateCurve(candidate: Candidate, x: ArrayLike<number>): Float64Array {
  const { a, b, c, d } = candidate
  const curve = curveOf(asFunction(candidate))
  return Float64Array.from(x, point => (c === 0 ? d : c * curve.value(a * point + b) + d))
}

/** The function f of a candidate, as the library has it. */
function asFunction({ name, formula, complexity }: Candidate): SymbolicFunction {
  const expression = parse(formula, { variables: ['u'] })
  const domain = { low: -Infinity, high: Infinity, closed: false }
  return { name, formula, expression, complexity, domain }
}

/** c f(a x + b) + d as an expression of any x; only 0 and 1 are left out. `formula` is f as a formula of u. */
export function affineExpression(formula: string, { a, b, c, d }: AffineNumbers, x: Expression): Expression {
  if (c === 0) return number(d)
  const u = sum(product(number(a), x), number(b))
  const f = substitute(parse(formula, { variables: ['u'] }), new Map([['u', u]]))
  return sum(product(number(c), f), number(d))
}
