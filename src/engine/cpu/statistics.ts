import type { LayerLayout } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import { findInterval } from '../../spline/basis.ts'
import { foldModel } from './coefficients.ts'
import { forwardBlock, gatherBlock } from './network.ts'
import type { Network } from './network.ts'

/** What every layer of model m does on `count` rows of x; see model/statistics.ts for what is counted. */
export function modelStatistics(
  network: Network,
  m: number,
  x: Float64Array,
  count: number,
): LayerStatistics[] {
  const { layout, rowsOf, blockRows } = network
  const statistics = layout.layers.map(emptyStatistics)
  const phi = new Float64Array(blockRows)
  const nodeMeans = layout.layers.map(({ outputs }) => new Float64Array(outputs))
  foldModel(network, m)
  for (let start = 0; start < count; start += blockRows) {
    const size = Math.min(blockRows, count - start)
    for (let b = 0; b < size; b++) rowsOf[b] = start + b
    gatherBlock(network, x, size)
    forwardBlock(network, m, size, false)
    statistics.forEach((layer, l) => {
      addInputs(network, m, l, size, layer)
      addEdges(network, m, l, size, start, phi, layer)
      addNodes(network, l, size, start, nodeMeans[l]!, layer)
    })
  }
  for (const { edgeL1, edgeDeviation, nodeDeviation } of statistics) {
    for (let e = 0; e < edgeL1.length; e++) {
      edgeL1[e] = edgeL1[e]! / count
      edgeDeviation[e] = Math.sqrt(edgeDeviation[e]! / count)
    }
    for (let j = 0; j < nodeDeviation.length; j++) nodeDeviation[j] = Math.sqrt(nodeDeviation[j]! / count)
  }
  return statistics
}

function emptyStatistics({ inputs, outputs, knotsPerInput }: LayerLayout): LayerStatistics {
  return {
    inputMin: new Float64Array(inputs).fill(Infinity),
    inputMax: new Float64Array(inputs).fill(-Infinity),
    histogram: new Float64Array(inputs * (knotsPerInput + 1)),
    edgeL1: new Float64Array(inputs * outputs),
    edgeMean: new Float64Array(inputs * outputs),
    edgeDeviation: new Float64Array(inputs * outputs),
    nodeDeviation: new Float64Array(outputs),
  }
}

/** Range and histogram of a block's inputs to layer l. NaN is in no interval and is not counted. */
function addInputs(network: Network, m: number, l: number, size: number, into: LayerStatistics): void {
  const { layout, knots, nodes, rowStride } = network
  const { inputs, knotsPerInput, knots: offset } = layout.layers[l]!
  const { inputMin, inputMax, histogram } = into
  for (let i = 0; i < inputs; i++) {
    const from = m * layout.knots + offset + i * knotsPerInput
    const bins = i * (knotsPerInput + 1)
    for (let b = 0; b < size; b++) {
      const value = nodes[l]![i * rowStride + b]!
      if (Number.isNaN(value)) continue
      inputMin[i] = Math.min(inputMin[i]!, value)
      inputMax[i] = Math.max(inputMax[i]!, value)
      const interval = findInterval(knots, from, knotsPerInput, value)
      const bin = interval >= 0 ? interval + 1 : value < knots[from]! ? 0 : knotsPerInput
      histogram[bins + bin] = histogram[bins + bin]! + 1
    }
  }
}

/**
 * Sum of |phi|, mean and sum of squared deviations of the layer's edges, `before` rows having been added already. Each
 * block is centred on its own mean and merged by Chan, Golub and LeVeque ("Updating formulae and a pairwise algorithm for
 * computing sample variances", 1979, eq. 2.1), which does not cancel as a mean of squares would.
 */
function addEdges(
  network: Network,
  m: number,
  l: number,
  size: number,
  before: number,
  phi: Float64Array,
  into: LayerStatistics,
): void {
  const { inputs, outputs } = network.layout.layers[l]!
  const { edgeL1, edgeMean, edgeDeviation } = into
  const rows = before + size
  for (let i = 0; i < inputs; i++)
    for (let j = 0; j < outputs; j++) {
      edgeValues(network, m, l, i, j, phi)
      let absolute = 0
      let sum = 0
      for (let p = 0; p < size; p++) {
        absolute += Math.abs(phi[p]!)
        sum += phi[p]!
      }
      const mean = sum / size
      let squares = 0
      for (let p = 0; p < size; p++) squares += (phi[p]! - mean) ** 2
      const e = i * outputs + j
      const shift = mean - edgeMean[e]!
      edgeL1[e] = edgeL1[e]! + absolute
      edgeMean[e] = edgeMean[e]! + (shift * size) / rows
      edgeDeviation[e] = edgeDeviation[e]! + squares + (shift * shift * before * size) / rows
    }
}

/** Sum of squared deviations of the layer's outputs, merged as in addEdges; `means` are those of the rows before. */
function addNodes(
  network: Network,
  l: number,
  size: number,
  before: number,
  means: Float64Array,
  { nodeDeviation }: LayerStatistics,
): void {
  const { outputs, rowStride } = network
  const level = outputs[l]!
  for (let j = 0; j < means.length; j++) {
    const start = j * rowStride
    let sum = 0
    for (let b = 0; b < size; b++) sum += level[start + b]!
    const mean = sum / size
    let squares = 0
    for (let b = 0; b < size; b++) squares += (level[start + b]! - mean) ** 2
    const shift = mean - means[j]!
    means[j] = means[j]! + (shift * size) / (before + size)
    nodeDeviation[j] = nodeDeviation[j]! + squares + (shift * shift * before * size) / (before + size)
  }
}

/** phi = mask (scaleBase b(x) + scaleSpline sum_t coef B(x)) of one edge on the block's rows, by sorted place. */
function edgeValues(network: Network, m: number, l: number, i: number, j: number, phi: Float64Array): void {
  const { layout, parameters, mask, blocks, rowStride } = network
  const layer = layout.layers[l]!
  const { outputs, bases, degree } = layer
  const { terms, runs, starts, values } = blocks[l]!
  const model = m * layout.parameters
  const edge = i * outputs + j
  const present = mask[m * layout.edges + layer.edges + edge]!
  const scaleBase = present * parameters[model + layer.scaleBase + edge]!
  const scaleSpline = present * parameters[model + layer.scaleSpline + edge]!
  const coef = model + layer.coef + i * bases * outputs + j
  for (let run = 0; run < runs; run++) {
    const end = starts[i * (runs + 1) + run + 1]!
    for (let p = starts[i * (runs + 1) + run]!; p < end; p++) {
      const v = (i * rowStride + p) * terms
      let spline = 0
      for (let t = 0; t <= degree; t++) spline += values[v + t]! * parameters[coef + (run + t) * outputs]!
      phi[p] = scaleBase * values[v + terms - 1]! + scaleSpline * spline
    }
  }
}
