import type { Model } from '../../model/model.ts'
import { checkOptionNames } from '../../model/optionnames.ts'
import { PRUNE_DEFAULTS } from '../pruning/prune.ts'
import { attribute } from '../scores/attribution.ts'
import { candidateCurve } from './candidate.ts'
import type { Candidate } from './candidate.ts'
import { edgeSamples } from './edgesamples.ts'
import { checkMost, fitCurve } from './fitcurve.ts'
import type { FitCurveOptions } from './fitcurve.ts'

/**
 * What an edge's curve may be, and the curve itself, whose points are not enumerable: a log of suggestions shows their numbers
 * only.
 */
export interface Suggestion extends Candidate {
  /** Points in the network's coordinates, where the rows are; the edge's curve there, and the fitted one. */
  readonly x: Float64Array
  readonly y: Float64Array
  readonly fitted: Float64Array
}

/**
 * Known functions for the edge from input i to output j of layer l, best first: phi(x) ~ c f(a x + b) + d over the rows of the
 * model's calibration (see edgeSamples). Give one to fixEdge as it is. The order is that of the score, lowest first,
 *
 *     score = (1 - w) log2(noise + 1 - r2) + w (complexity + free / 2)
 *
 * which no unit of x or y changes. w is `simplicity`, 0.5 by default: a function that is more complex by one goes first where it leaves
 * less than half as much of the curve's variance unexplained. `noise` (default 1e-9) is the share that counts as nothing.
 *
 * The constant 0 takes the edge away, and what that costs is not the curve's alone to say: it comes first where the edge passes
 * on less of the outputs' variation than prune's threshold, 0.03 ('backward' score), and last elsewhere, whatever its score.
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
  const { most, ...others } = options
  checkMost(most)
  const { candidates, x, y } = candidatesOf(model, l, i, j, others)
  const isConstant = ({ name }: Candidate): boolean => name === '0'
  const constants = candidates.filter(isConstant)
  const curves = candidates.filter(candidate => !isConstant(candidate))
  const share = attribute(model).edges[l]![i * model.layout.layers[l]!.outputs + j]!
  const ordered = share < PRUNE_DEFAULTS.backward.edge ? [...constants, ...curves] : [...curves, ...constants]
  return ordered.slice(0, most).map(candidate => withCurve(candidate, x, y))
}

/** A candidate with points of the curve, which are not enumerable: hundreds of numbers. */
function withCurve(candidate: Candidate, x: Float64Array, y: Float64Array): Suggestion {
  const all = { ...candidate, x, y, fitted: candidateCurve(candidate, x) }
  for (const name of ['x', 'y', 'fitted'] as const) Object.defineProperty(all, name, { enumerable: false })
  return all
}

/** The functions for an edge by their scores alone, and the samples of its curve. Throws as suggest does. */
export function candidatesOf(
  model: Model,
  l: number,
  i: number,
  j: number,
  options: FitCurveOptions,
): { readonly candidates: Candidate[]; readonly x: Float64Array; readonly y: Float64Array } {
  const { x, y, weights } = edgeSamples(model, l, i, j)
  return { candidates: fitCurve(x, y, weights, options), x, y }
}
