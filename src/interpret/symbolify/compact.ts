import type { Model } from '../../model/model.ts'
import { nodeOfOutput } from '../../model/products.ts'
import type { LayerStatistics, Statistics } from '../../model/statistics.ts'
import { subnetwork } from '../../model/subnetwork.ts'
import type { Kept } from '../../model/subnetwork.ts'
import { dropDeadEnds, everything } from '../pruning/deadends.ts'

/**
 * The network without the hidden nodes that lead nowhere or come from nowhere, as naming its edges leaves them: 2-5-1 with one path
 * becomes 2-1-1. What it computes, and the statistics of what stays, are as they were. The same network where nothing falls, or all.
 */
export function compact(model: Model): Model {
  const { statistics } = model
  const kept = everything(model)
  if (statistics === undefined || !dropDeadEnds(model.layout, kept)) return model
  if (kept.nodes.every(level => level.every(Boolean))) return model
  const smaller = subnetwork(model, kept)
  smaller.statistics = smallerStatistics(model, statistics, kept)
  return smaller
}

function smallerStatistics({ layout }: Model, { rows, layers }: Statistics, kept: Kept): Statistics {
  return {
    rows,
    layers: layers.map((own, l): LayerStatistics => {
      const layer = layout.layers[l]!
      const inputs = kept.nodes[l]!.flatMap((isKept, i) => (isKept ? [i] : []))
      const nodeOf = Array.from(nodeOfOutput(layer))
      const outputs = nodeOf.flatMap((node, j) => (kept.nodes[l + 1]![node] === true ? [j] : []))
      const ofInputs = (values: Float64Array, stride = 1): Float64Array =>
        Float64Array.from(inputs.flatMap(i => [...values.subarray(i * stride, (i + 1) * stride)]))
      const ofEdges = (values: Float64Array): Float64Array =>
        Float64Array.from(
          inputs.flatMap(i =>
            outputs.map(j => (kept.edges[l]![i * layer.outputs + j]! ? values[i * layer.outputs + j]! : 0)),
          ),
        )
      const { inputDeviation } = own
      return {
        inputMin: ofInputs(own.inputMin),
        inputMax: ofInputs(own.inputMax),
        ...(inputDeviation ? { inputDeviation: ofInputs(inputDeviation) } : {}),
        histogram: ofInputs(own.histogram, layer.knotsPerInput + 1),
        edgeL1: ofEdges(own.edgeL1),
        edgeMean: ofEdges(own.edgeMean),
        edgeDeviation: ofEdges(own.edgeDeviation),
        nodeDeviation: Float64Array.from(outputs, j => own.nodeDeviation[j]!),
      }
    }),
  }
}
