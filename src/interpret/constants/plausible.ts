import { fold } from '../../formula/index.ts'
import type { Expression, FunctionName } from '../../formula/index.ts'
import type { NiceKind } from './nicenumbers.ts'

/** Functions of angles: what is inside them is measured in parts of a turn. */
const ANGULAR: ReadonlySet<FunctionName> = new Set<FunctionName>(['sin', 'cos', 'tan'])

/** Where numbers stand in a formula, each node once. */
export interface NumberPlaces {
  /** What is added or subtracted. */
  readonly terms: ReadonlySet<Expression>
  readonly exponents: ReadonlySet<Expression>
  /** All that is inside a sine, cosine or tangent. */
  readonly angles: ReadonlySet<Expression>
}

/** The places of a formula's numbers. */
export function placesOf(expression: Expression): NumberPlaces {
  const [terms, exponents, angles] = [new Set<Expression>(), new Set<Expression>(), new Set<Expression>()]
  const unsigned = (part: Expression): Expression => (part.kind === 'negate' ? part.argument : part)
  fold<undefined>(expression, node => {
    if (node.kind === 'add' || node.kind === 'subtract')
      for (const part of [node.left, node.right]) terms.add(unsigned(part))
    if (node.kind === 'power') exponents.add(unsigned(node.right))
    if (node.kind === 'call' && ANGULAR.has(node.name)) addNumbers(node, angles)
    return undefined
  })
  return { terms, exponents, angles }
}

function addNumbers(expression: Expression, to: Set<Expression>): void {
  fold<undefined>(expression, node => {
    if (node.kind === 'number') to.add(node)
    return undefined
  })
}

/**
 * Whether a number of that kind may be meant where rows have noise. Then numbers of very many kinds are within a standard error,
 * and whichever is nearest is found, such as V^(3/pi) for V^0.95: only whole numbers, short fractions and few digits are plausible,
 * and multiples of pi as factors and in angles. Rows without noise prove any kind.
 */
export function isPlausible(kind: NiceKind, node: Expression, places: NumberPlaces): boolean {
  if (kind === 'plain') return true
  if (kind !== 'pi' || places.exponents.has(node)) return false
  return places.angles.has(node) || !places.terms.has(node)
}
