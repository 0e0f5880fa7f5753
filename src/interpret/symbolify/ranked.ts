import { fittedConstants } from './formulas.ts'
import type { ReadFormula } from './formulas.ts'
import { unseenFactor } from './ground.ts'
import type { SymbolicFormula } from './options.ts'

/** The error a formula is ranked by: on held-out rows; where there are none, what they would show. */
export function errorOf({ train, heldOut, expressions, judged }: ReadFormula): number {
  if (heldOut) return judged
  const constants = expressions.reduce((sum, expression) => sum + fittedConstants(expression), 0)
  return judged * unseenFactor(constants / expressions.length, train.rows)
}

/** What is told of a formula. */
export function bare({
  model: _model,
  from: _from,
  hasPole: _hasPole,
  judged: _judged,
  ...formula
}: ReadFormula): SymbolicFormula {
  return formula
}
