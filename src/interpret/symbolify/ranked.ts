import { fittedConstants } from './formulas.ts'
import type { ReadFormula } from './formulas.ts'
import { paretoFront } from '../errors/pareto.ts'
import { unseenFactor } from './ground.ts'
import type { SymbolicFormula } from './options.ts'

/** The error a formula is ranked by: on held-out rows; where there are none, what they would show. */
export function errorOf({ train, heldOut, expressions, judged }: ReadFormula): number {
  if (heldOut) return judged
  const constants = expressions.reduce((sum, expression) => sum + fittedConstants(expression), 0)
  return judged * unseenFactor(constants / expressions.length, train.rows)
}

/** A share of the variance that the best of some formulas explains by chance, times the rows that judge them. */
const CHANCE = 10

/**
 * The list, the simplest first, and the one to choose: of those that explain enough beside the one of the least error, the one of the
 * best score (SymbolifyOptions.simplicity has both formulas).
 *
 * @param rows of the training samples
 */
export function ranked(
  found: readonly ReadFormula[],
  simplicity: number,
  rows: number,
): { readonly front: ReadFormula[]; readonly best: ReadFormula } {
  const front = paretoFront(found, formula => ({ complexity: formula.complexity, error: errorOf(formula) }))
  const unit = Math.max(1 / 16, 2 / rows)
  const score = (formula: ReadFormula): number =>
    (1 - simplicity) * Math.log2(1e-12 + errorOf(formula)) + simplicity * unit * formula.complexity
  const explained = (formula: ReadFormula): number => 1 - errorOf(formula) ** 2
  const most = Math.max(...front.map(explained))
  const judging = (found[0]!.heldOut ?? found[0]!.train).rows
  const enough = most > CHANCE / judging ? (1 - simplicity ** 3) * most : -Infinity
  const near = front.filter(formula => explained(formula) >= enough)
  const [first = found[0]!] = near
  return { front, best: near.reduce((p, q) => (score(q) < score(p) ? q : p), first) }
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
