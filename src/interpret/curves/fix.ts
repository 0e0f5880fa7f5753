import { ConfigError } from '../../errors.ts'
import { fixEdge, unfixEdge } from '../../model/fix.ts'
import type { Affine } from '../../model/fix.ts'
import type { Model } from '../../model/model.ts'
import type { LayerStatistics, Statistics } from '../../model/statistics.ts'
import type { Candidate } from './candidate.ts'
import { edgeSamples } from './edgesamples.ts'
import { fitCurve } from './fitcurve.ts'
import { complete, findFunction } from './library.ts'
import type { LibraryFunction } from './library.ts'

/**
 * A new network in which the edge from input i to output j of layer l is c f(a x + b) + d. Where `affine` does not say a, b, c
 * and d, they are those that fit the edge's curve best over the rows of the model's calibration, as in suggest. The edge's
 * spline is kept for unfix.
 *
 * The statistics stay, with the edge's own from its new curve: what later layers see is taken to be as it was, so that edges
 * can be fixed one after another. Calibrate or fit the network to know it exactly.
 *
 * @param chosen a name of the library, or a function of one's own
 * @throws ConfigError for an unknown name, where there is no such edge or it was removed, without `affine` for a model
 * without statistics and for a function that is finite nowhere on the rows
 */
export function fix(
  model: Model,
  l: number,
  i: number,
  j: number,
  chosen: string | LibraryFunction,
  affine?: Affine,
): Model {
  const { name, formula } = typeof chosen === 'string' ? findFunction(chosen) : complete(chosen)
  const numbers = affine ?? affineOf(bestFit(model, l, i, j, chosen))
  const fixed = fixEdge(model, l, i, j, { name, formula, affine: numbers })
  fixed.statistics = withEdge(model.statistics, fixed, l, i, j)
  return fixed
}

/**
 * A new network in which that edge is a spline again: with the numbers it had when it was fixed where its function has not been trained
 * since, else with those that follow the function as it stands (see unfixEdge); statistics as in fix.
 * Throws ConfigError where there is no such edge, and where it is not symbolic.
 */
export function unfix(model: Model, l: number, i: number, j: number): Model {
  const unfixed = unfixEdge(model, l, i, j)
  unfixed.statistics = withEdge(model.statistics, unfixed, l, i, j)
  return unfixed
}

/** a, b, c and d of a candidate, as a model has them. */
export function affineOf({ a, b, c, d }: Candidate): Affine {
  return [a, b, c, d]
}

function bestFit(model: Model, l: number, i: number, j: number, chosen: string | LibraryFunction): Candidate {
  const { x, y, weights } = edgeSamples(model, l, i, j)
  const [best] = fitCurve(x, y, weights, { library: [chosen] })
  if (best !== undefined) return best
  const name = typeof chosen === 'string' ? chosen : chosen.name
  throw new ConfigError(
    `The function '${name}' has no value anywhere on the rows of the edge from input ${i} to output ${j} of layer ${l} (${x[0]} to ${x.at(-1)}), whatever a and b; choose another, or give affine: [a, b, c, d].`,
  )
}

/** The statistics of the model before, with those of one edge from its curve as it is now. */
function withEdge(
  before: Statistics | undefined,
  model: Model,
  l: number,
  i: number,
  j: number,
): Statistics | undefined {
  if (before === undefined) return undefined
  const statistics = structuredClone(before)
  model.statistics = statistics
  const { y, weights } = edgeSamples(model, l, i, j)
  let [total, mean, size] = [0, 0, 0]
  for (let k = 0; k < y.length; k++) {
    total += weights[k]!
    mean += weights[k]! * y[k]!
    size += weights[k]! * Math.abs(y[k]!)
  }
  let squares = 0
  for (let k = 0; k < y.length; k++) squares += weights[k]! * (y[k]! - mean / total) ** 2
  const layer: LayerStatistics = statistics.layers[l]!
  const edge = i * model.layout.layers[l]!.outputs + j
  layer.edgeMean[edge] = mean / total
  layer.edgeL1[edge] = size / total
  layer.edgeDeviation[edge] = Math.sqrt(squares / total)
  return statistics
}
