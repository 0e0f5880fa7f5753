import type { Plan } from '../engine.ts'
import type { Layout } from '../../model/shape.ts'
import { effectiveCount } from './effective.ts'

/** Most slices of a batch: with more, their gradients are the larger work. */
const MOST_SLICES = 8
/**
 * Fewest rows of a slice, and of one of two: more rows lie in longer runs (width [64, 64, 64], 1024 rows: 8 slices take 1.15
 * times as long as 4). A slice should also have four times as many rows as an edge has coefficients, whose
 * gradients have to be cleared and added.
 */
const SLICE_ROWS = 256
const HALF_ROWS = 128
/** Most bytes of all slices' gradients. */
const SLICE_BYTES = 2 ** 26

/**
 * Into how many slices a batch is cut, whose gradients are summed apart and then added in order: by shapes alone, so that
 * results have the same bits for any number of threads, a model the same alone and among others, with a penalty of weight 0 and
 * without. (Levenberg and Marquardt's method spends its time elsewhere.)
 */
export function sliceCount(plan: Plan, layout: Layout): number {
  if (plan.optimizer.kind === 'lm') return 1
  const numbers = layout.layers.reduce((sum, layer) => sum + effectiveCount(layer), 0)
  const coefficients = Math.max(...layout.layers.map(({ intervals, degree }) => intervals + degree + 1))
  const fewest = plan.batch < 2 * SLICE_ROWS ? HALF_ROWS : SLICE_ROWS
  const rows = Math.max(fewest, 4 * coefficients)
  return Math.max(
    1,
    Math.min(MOST_SLICES, Math.floor(plan.batch / rows), Math.floor(SLICE_BYTES / (8 * numbers))),
  )
}

/**
 * Useful multiplications of a step, about: 2.5 passes over the edges with k + 2 terms, and as much as 30 of them for every basis
 * row (measured on shape [2, 5, 1]).
 */
export function stepWork(plan: Plan, layout: Layout): number {
  const row = layout.layers.reduce(
    (sum, { inputs, outputs, degree }) => sum + inputs * (2.5 * outputs * (degree + 2) + 30),
    0,
  )
  return plan.models * plan.batch * row
}

/** Whether threads share out models, each with its whole step, or else the slices of one model's batch. */
export function sharesModels({ models, optimizer }: Plan): boolean {
  return models > 1 && optimizer.kind === 'adam'
}
