import type { Model } from '../../model/model.ts'
import { checkOptionNames } from '../../model/optionnames.ts'
import { candidateCurve } from './candidate.ts'
import type { Candidate } from './candidate.ts'
import { edgeSamples } from './edgesamples.ts'
import { fitCurve } from './fitcurve.ts'
import type { FitCurveOptions } from './fitcurve.ts'

/** What an edge's curve may be, and the curve itself. */
export interface Suggestion extends Candidate {
  /** Points in the network's coordinates, where the rows are; the edge's curve there, and the fitted one. */
  readonly x: Float64Array
  readonly y: Float64Array
  readonly fitted: Float64Array
}

/**
 * Known functions for the edge from input i to output j of layer l, best first: phi(x) ~ c f(a x + b) + d over the rows of the
 * model's calibration (see edgeSamples), by the score of FitCurveOptions.simplicity. Give one to fixEdge as it is.
 *
 * @throws ConfigError where there is no such edge, where it was removed, for a model without statistics and for options
 */
export function suggest(
  model: Model,
  l: number,
  i: number,
  j: number,
  options: FitCurveOptions = {},
): Suggestion[] {
  const known = ['library', 'simplicity', 'noise', 'most']
  checkOptionNames('suggest', options, known, "suggest(l, i, j, { library: ['x', 'sin'] })")
  const { x, y, weights } = edgeSamples(model, l, i, j)
  const candidates = fitCurve(x, y, weights, options)
  return candidates.map(candidate => ({ ...candidate, x, y, fitted: candidateCurve(candidate, x) }))
}
