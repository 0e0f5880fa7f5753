import { Model } from '../../model/model.ts'
import { attribute } from '../attribution.ts'
import { splineEdges, withoutDeadEnds } from './edges.ts'
import { keyOf, refitNamed } from './ground.ts'
import type { Ground, Named, Place } from './ground.ts'

/** An edge is not needed while the others, refitted, leave at most so many times the squared error of all of them. */
const TOLERANCE = 2.25

/** Levenberg-Marquardt steps after a removal. */
const STEPS = 15

/**
 * The network without the splines that the others can do without, the faintest first, each followed by some refitting. A threshold on
 * scores does not see them: x1 x2 is also (x1 + x2)^2 - (x1 - x2)^2, every edge of which passes much on.
 */
export async function thinned(start: Named, ground: Ground): Promise<Named> {
  let state = start
  const limit = TOLERANCE * start.error
  const kept = new Set<string>()
  for (;;) {
    const next = faintest(state.model, kept)
    if (next === undefined || ground.isOver()) return state
    kept.add(keyOf(next))
    const trial = await refitNamed(without(state.model, next), state.functions, STEPS, ground)
    if (trial && trial.error <= limit) state = trial
    ground.report({ stage: 'splines', edge: undefined }, state)
  }
}

/** The spline that passes least on to the outputs, of those not looked at yet. */
function faintest(model: Model, kept: ReadonlySet<string>): Place | undefined {
  const { edges } = attribute(model)
  const share = ({ l, i, j }: Place): number => edges[l]![i * model.layout.layers[l]!.outputs + j]!
  return splineEdges(model)
    .filter(place => !kept.has(keyOf(place)))
    .toSorted((p, q) => share(p) - share(q))[0]
}

/** A copy without that spline, its mean left in the bias, and without what then leads nowhere. */
function without(model: Model, { l, i, j }: Place): Model {
  const copy = new Model(model)
  const { outputs, values } = copy.layer(l)
  const edge = i * outputs + j
  values.mask[edge] = 0
  values.nodeBias[j] =
    values.nodeBias[j]! + values.nodeScale[j]! * model.statistics!.layers[l]!.edgeMean[edge]!
  return withoutDeadEnds(copy)
}
