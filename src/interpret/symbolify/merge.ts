import { column, forwardNodes } from '../../model/forward.ts'
import { Model } from '../../model/model.ts'
import { muteDeadEnds, muteEdge } from '../../model/mute.ts'
import { toNetworkInputs } from '../../train/evaluate.ts'
import { attribute } from '../scores/attribution.ts'
import type { WeightedRows } from '../errors/rowerrors.ts'

/** Nodes are taken for one where their correlation's square is at least this. */
const ALIKE = 0.99

/**
 * The network with one of every group of nodes that say the same but for scale and shift, as redundant networks have them after
 * training without a penalty: three nodes that are all affine in sin(x1) + x2^2 have three curves each, of which no one is a
 * known function, and one node with their sum has one. The node that passes most on stays, with its own curves: refit them.
 * What is removed leaves its mean in the biases.
 *
 * @returns undefined where no two nodes are alike
 */
export function withoutTwins(model: Model, { x }: WeightedRows): Model | undefined {
  const nodes = forwardNodes(model, toNetworkInputs(model, x))
  const { nodes: scores } = attribute(model)
  const merged = new Model(model)
  let found = false
  for (let l = 1; l < model.layout.layers.length; l++) {
    const { inputs } = model.layout.layers[l]!
    const values = Array.from({ length: inputs }, (_, i) => standardised(column(nodes[l]!, inputs, i)))
    const order = Array.from({ length: inputs }, (_, i) => i)
      .filter(i => scores[l]![i]! > 0)
      .sort((p, q) => scores[l]![q]! - scores[l]![p]!)
    const kept: number[] = []
    for (const i of order) {
      const isTwin = kept.some(other => correlation(values[i]!, values[other]!) ** 2 >= ALIKE)
      if (isTwin && removeOutgoing(merged, model, l, i)) found = true
      else kept.push(i)
    }
  }
  muteDeadEnds(merged)
  return found ? merged : undefined
}

/**
 * Removes the splines from node i of layer l, their means left in the biases. False where a known function is among its
 * edges.
 */
function removeOutgoing(merged: Model, { statistics }: Model, l: number, i: number): boolean {
  const layer = merged.layer(l)
  const { outputs, symbolic = [], values } = layer
  if (symbolic.some(({ edge }) => Math.floor(edge / outputs) === i)) return false
  for (let edge = i * outputs; edge < (i + 1) * outputs; edge++)
    if (values.mask[edge] !== 0) muteEdge(layer, edge, statistics!.layers[l]!.edgeMean[edge]!)
  return true
}

/** Values of mean 0 and sum of squares 1; zeros where all are the same. */
function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const size = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0))
  return values.map(value => (size > 0 ? (value - mean) / size : 0))
}

function correlation(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, r) => sum + value * b[r]!, 0)
}
