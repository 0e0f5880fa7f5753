import { Model } from '../../model/model.ts'
import { muteDeadEnds, muteEdge } from '../../model/mute.ts'
import { attribute } from '../scores/attribution.ts'
import { sumCount } from '../../model/shape.ts'
import { candidatesOf } from '../curves/suggest.ts'
import { splineEdges, withFunction } from './edges.ts'
import { keyOf, refitNamed } from './ground.ts'
import type { SymbolifyGround, Named, Place } from './ground.ts'

/** How much may be lost by thinning. */
export interface Thinning {
  /** An edge is not needed while the others, refitted, leave at most so many times the squared error of all of them, .. */
  readonly factor: number
  /** .. or at most this relative mean squared error. */
  readonly least: number
  /** Whether whole nodes are tried first. */
  readonly nodes: boolean
}

/** Takes what does no harm. */
export const MILD: Thinning = { factor: 2.25, least: 0, nodes: false }

/**
 * Takes what leaves a relative RMSE of 2 %: splines are coarse, so five nodes that share a curve err less than the one node
 * that it belongs to, whose known functions then err not at all.
 */
export const STRONG: Thinning = { factor: 2.25, least: 4e-4, nodes: true }

/** Levenberg-Marquardt steps after a removal of an edge, and of a node. */
const STEPS = { edge: 15, node: 30 } as const

/**
 * The network without the splines that the others can do without, the faintest first, each followed by some refitting. A
 * threshold on scores does not see them: x1 x2 is also (x1 + x2)^2 - (x1 - x2)^2, every edge of which passes much on.
 */
export async function thinned(start: Named, ground: SymbolifyGround, thinning: Thinning): Promise<Named> {
  let state = start
  const limit = Math.max(thinning.factor * start.error, thinning.least)
  const seen = new Set<string>()
  for (;;) {
    const next =
      (thinning.nodes ? faintestNode(state.model, seen) : undefined) ?? faintestEdge(state.model, seen)
    if (next === undefined || ground.isOver()) return state
    const smaller = without(state.model, next)
    const steps = next.length > 1 ? STEPS.node : STEPS.edge
    const trial = await refitNamed(smaller, state.functions, steps, ground)
    if (trial && trial.error <= limit) state = trial
    ground.report({ stage: 'splines', edge: undefined }, state)
    await ground.breathe()
  }
}

/**
 * The network with straight lines for splines that lead alone to a hidden sum: the curve after the node takes over what they
 * bent. Two curves in a row have no form of their own, so that a line could be read as sin after arcsin.
 */
export async function straightened(start: Named, ground: SymbolifyGround): Promise<Named> {
  let state = start
  if (!ground.functions.some(({ name }) => name === 'x')) return state
  const limit = MILD.factor * start.error
  for (const { l, i, j } of loneEdges(start.model)) {
    if (ground.isOver()) return state
    const { candidates } = candidatesOf(state.model, l, i, j, { library: ['x'] })
    const straight = withFunction(state, { l, i, j }, candidates[0]!)
    const trial = await refitNamed(straight.model, straight.functions, STEPS.node, ground)
    if (trial && trial.error <= limit) state = trial
  }
  return state
}

/** The splines that are the only edge to a hidden node which is a sum. */
function loneEdges(model: Model): Place[] {
  const splines = splineEdges(model)
  return splines.filter(({ l, j }) => {
    const layer = model.layout.layers[l]!
    const isHidden = l < model.layout.layers.length - 1 && j < sumCount(layer)
    const known = (layer.symbolic ?? []).some(({ edge }) => edge % layer.outputs === j)
    return isHidden && !known && splines.filter(other => other.l === l && other.j === j).length === 1
  })
}

/** All splines from the hidden node that passes least on, of those not seen yet; none that known functions lead from. */
function faintestNode(model: Model, seen: Set<string>): readonly Place[] | undefined {
  const { nodes } = attribute(model)
  const splines = splineEdges(model)
  const hidden = model.layout.layers
    .flatMap(({ inputs, outputs, symbolic = [] }, l) =>
      Array.from({ length: l === 0 ? 0 : inputs }, (_, i) => ({
        key: `node ${l} ${i}`,
        score: nodes[l]![i]!,
        places: symbolic.some(({ edge }) => Math.floor(edge / outputs) === i)
          ? []
          : splines.filter(place => place.l === l && place.i === i),
      })),
    )
    .filter(({ key, places }) => places.length > 0 && !seen.has(key))
    .toSorted((p, q) => p.score - q.score)
  const [faintest] = hidden
  if (faintest === undefined) return undefined
  seen.add(faintest.key)
  return faintest.places
}

/** The spline that passes least on to the outputs, of those not seen yet. */
function faintestEdge(model: Model, seen: Set<string>): readonly Place[] | undefined {
  const { edges } = attribute(model)
  const share = ({ l, i, j }: Place): number => edges[l]![i * model.layout.layers[l]!.outputs + j]!
  const [faintest] = splineEdges(model)
    .filter(place => !seen.has(keyOf(place)))
    .toSorted((p, q) => share(p) - share(q))
  if (faintest === undefined) return undefined
  seen.add(keyOf(faintest))
  return [faintest]
}

/** A copy without those splines, their means left in the biases, and without what then leads nowhere. */
function without(model: Model, places: readonly Place[]): Model {
  const copy = new Model(model)
  for (const { l, i, j } of places) {
    const layer = copy.layer(l)
    const edge = i * layer.outputs + j
    muteEdge(layer, edge, model.statistics!.layers[l]!.edgeMean[edge]!)
  }
  muteDeadEnds(copy)
  return copy
}
