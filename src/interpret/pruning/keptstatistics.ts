import type { LayerView, Model } from '../../model/model.ts'
import type { LayerStatistics, Statistics } from '../../model/statistics.ts'
import { outputPlacesOf, placesOf, subnetwork } from '../../model/subnetwork.ts'
import type { Kept } from '../../model/subnetwork.ts'

/** The share of a hidden node's deviation that may go with edges, as below prune's threshold for one. */
const MOST_LOST = 3e-2

/** The smaller network (see subnetwork, which throws as this does), with the statistics that stay true of it. */
export function keptNetwork(model: Model, kept: Kept): Model {
  const smaller = subnetwork(model, kept)
  smaller.statistics = keptStatistics(model, kept)
  return smaller
}

/**
 * The statistics of a network's calibration that stay true for what is kept of it (see subnetwork): those of its inputs and edges where
 * later layers see what they saw before. An edge that goes leaves its mean, so that they do where a hidden node loses nothing, or edges
 * whose deviations are together less than prune's threshold (0.03) of its own.
 *
 * The deviation of a node that loses edges is that of its edge where one is left, |nodeScale| std(phi); of several
 * |nodeScale| sqrt(sum var(phi)), as if they were independent.
 *
 * @returns undefined where a hidden node loses more, and for a model without statistics: only rows say what later layers see then
 */
export function keptStatistics(model: Model, { nodes, edges }: Kept): Statistics | undefined {
  const { statistics } = model
  if (statistics === undefined) return undefined
  const last = model.layout.layers.length - 1
  const layers: LayerStatistics[] = []
  for (const [l, own] of statistics.layers.entries()) {
    const layer = model.layer(l)
    const inputs = placesOf(nodes[l]!)
    const outputs = outputPlacesOf(layer, nodes[l + 1]!)
    const parts = outputs.map(j => partsOf(layer, own, edges[l]!, j))
    const loses = parts.some(
      ({ removed }, place) => removed > MOST_LOST * own.nodeDeviation[outputs[place]!]!,
    )
    if (loses && l < last) return undefined
    const bins = own.histogram.length / layer.inputs
    const ofInputs = (all: Float64Array): Float64Array => Float64Array.from(inputs, i => all[i]!)
    const ofEdges = (all: Float64Array): Float64Array =>
      Float64Array.from(
        inputs.flatMap(i => outputs.map(j => i * layer.outputs + j)),
        edge => (edges[l]![edge]! ? all[edge]! : 0),
      )
    layers.push({
      inputMin: ofInputs(own.inputMin),
      inputMax: ofInputs(own.inputMax),
      ...(own.inputDeviation ? { inputDeviation: ofInputs(own.inputDeviation) } : {}),
      histogram: Float64Array.from(
        inputs.flatMap(i => [...own.histogram.subarray(i * bins, (i + 1) * bins)]),
      ),
      edgeL1: ofEdges(own.edgeL1),
      edgeMean: ofEdges(own.edgeMean),
      edgeDeviation: ofEdges(own.edgeDeviation),
      nodeDeviation: Float64Array.from(parts, ({ deviation }) => deviation),
    })
  }
  return { rows: statistics.rows, layers }
}

/** How much of a sum or factor goes, and the deviation of what is left of it: of its output, with nodeScale. */
function partsOf(
  { inputs, outputs, values }: LayerView,
  { edgeDeviation, nodeDeviation }: LayerStatistics,
  edges: readonly boolean[],
  j: number,
): { readonly removed: number; readonly deviation: number } {
  const scale = Math.abs(values.nodeScale[j]!)
  let [removed, left] = [0, 0]
  for (let i = 0; i < inputs; i++) {
    const edge = i * outputs + j
    const deviation = scale * edgeDeviation[edge]!
    if (edges[edge]!) left = Math.hypot(left, deviation)
    else removed += deviation
  }
  return { removed, deviation: removed > 0 ? left : nodeDeviation[j]! }
}
