import { variable } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import type { LibraryChoice } from '../../curves/library.ts'
import { expressionOf, formOf } from './affine.ts'
import { functionOf } from './compose.ts'
import type { Judge } from '../judging/judge.ts'
import { bestPairs, pairCurves } from './pairs.ts'
import { firstRows } from '../rows.ts'
import type { TargetRows } from '../rows.ts'
import type { TargetTransform } from '../structures/targets.ts'

/** Pairs of functions that are fitted on, and rows and steps of that fit. */
const PAIRS = 8
const ROWS = 400
const STEPS = 60

/**
 * Formulas of a table's only column that are two functions, added or multiplied, for a transform of the target: fitted to the rows
 * themselves, which show more than a network's curve of them.
 */
export function* pairFormulas(
  rows: TargetRows,
  judge: Judge,
  { column, target }: { readonly column: number; readonly target: TargetTransform },
  { library, over }: { readonly library: LibraryChoice | undefined; readonly over: () => boolean },
): Generator<Expression> {
  const { names, x, y, weights } = rows
  const own = y.map((_, r) => x[r * names.length + column]!)
  const table = judge.table(firstRows(rows, ROWS))
  const form = formOf(variable(names[column]!))
  const pairs = pairCurves(own, y.map(target.forward), library, over, weights)
  for (const { expression } of bestPairs(pairs, PAIRS)) {
    const whole = expressionOf(target.undo(functionOf(expression, form)))
    yield table.polish(whole, { steps: STEPS }).expression
  }
}
