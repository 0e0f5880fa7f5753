import type { Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { rowSets } from '../rowsets.ts'
import { targetWords } from './buffers.ts'
import { piecesLayout } from './pieces.ts'

/** Words of the smallest buffer (memory.ts): whole buffers are copied. */
const LEAST_BUFFER_WORDS = 4

/** Where the parts of `constants` begin, in words. */
export interface ConstantsLayout {
  readonly mask: number
  readonly knots: number
  readonly pieces: number
  readonly trained: number
  readonly training: RowsLayout
  readonly evaluation: RowsLayout
  /** Words in all. */
  readonly words: number
}

/** First words of a set's rows. */
export interface RowsLayout {
  readonly x: number
  readonly y: number
  readonly weights: number
}

/** What does not change during a run, copied into one buffer: masks, knots, local polynomials, rows, flags. */
export function constantsLayout(plan: Plan, layout: Layout): ConstantsLayout {
  let words = 0
  const take = (size: number): number => {
    const at = words
    words += Math.max(LEAST_BUFFER_WORDS, size)
    return at
  }
  const sets = rowSets(plan)
  const rowsOf = (rows: number): RowsLayout => ({
    x: take(sets * rows * layout.inputs),
    y: take(sets * rows * targetWords(plan, layout)),
    weights: take(sets * rows),
  })
  const mask = take(plan.models * layout.edges)
  const knots = take(plan.models * layout.knots)
  const pieces = take(plan.models * piecesLayout(layout).size)
  const trained = take(layout.parameters)
  const training = rowsOf(plan.rows)
  const evaluation = plan.validationRows > 0 ? rowsOf(plan.validationRows) : training
  return { mask, knots, pieces, trained, training, evaluation, words }
}
