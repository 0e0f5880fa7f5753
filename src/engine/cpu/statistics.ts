import type { LayerLayout } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import { findInterval } from '../../spline/basis.ts'
import { foldModel } from './coefficients.ts'
import { forwardBlock, gatherBlock } from './passes.ts'
import type { Network } from './network.ts'
import { FOLDED } from './symbolic/curves.ts'

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
  const inputMeans = layout.layers.map(({ inputs }) => new Float64Array(inputs))
  const outputMeans = layout.layers.map(({ outputs }) => new Float64Array(outputs))
  foldModel(network, m)
  for (let start = 0; start < count; start += blockRows) {
    const size = Math.min(blockRows, count - start)
    for (let b = 0; b < size; b++) rowsOf[b] = start + b
    gatherBlock(network, x, size)
    forwardBlock(network, m, size, false)
    statistics.forEach((layer, l) => {
      addInputs(network, m, l, size, layer)
      addEdges(network, m, l, size, start, phi, layer)
      const { nodes, outputs, rowStride } = network
      addDeviations(nodes[l]!, rowStride, size, start, inputMeans[l]!, layer.inputDeviation)
      addDeviations(outputs[l]!, rowStride, size, start, outputMeans[l]!, layer.nodeDeviation)
    })
  }
  for (const { edgeL1, edgeDeviation, inputDeviation, nodeDeviation } of statistics) {
    for (let e = 0; e < edgeL1.length; e++) edgeL1[e] = edgeL1[e]! / count
    for (const squares of [edgeDeviation, inputDeviation, nodeDeviation])
      for (let e = 0; e < squares.length; e++) squares[e] = Math.sqrt(squares[e]! / count)
  }
  return statistics
}

function emptyStatistics({ inputs, outputs, knotsPerInput }: LayerLayout): Required<LayerStatistics> {
  return {
    inputMin: new Float64Array(inputs).fill(Infinity),
    inputMax: new Float64Array(inputs).fill(-Infinity),
    inputDeviation: new Float64Array(inputs),
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
      if (!symbolicValues(network, l, i * outputs + j, size, phi)) edgeValues(network, m, l, i, j, phi)
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

/**
 * Adds the squared deviations of a block's values [columns][rowStride] to those of the `before` rows, merged as in addEdges; `means`
 * are those of the rows before.
 */
function addDeviations(
  values: Float64Array,
  rowStride: number,
  size: number,
  before: number,
  means: Float64Array,
  squares: Float64Array,
): void {
  for (let j = 0; j < means.length; j++) {
    const start = j * rowStride
    let sum = 0
    for (let b = 0; b < size; b++) sum += values[start + b]!
    const mean = sum / size
    let own = 0
    for (let b = 0; b < size; b++) own += (values[start + b]! - mean) ** 2
    const shift = mean - means[j]!
    means[j] = means[j]! + (shift * size) / (before + size)
    squares[j] = squares[j]! + own + (shift * shift * before * size) / (before + size)
  }
}

/** c f + d of a symbolic edge on the block's rows, in their order; false where the edge is none. */
function symbolicValues(
  { layout, symbolic, affine, rowStride }: Network,
  l: number,
  edge: number,
  size: number,
  phi: Float64Array,
): boolean {
  const e = (layout.layers[l]!.symbolic ?? []).findIndex(own => own.edge === edge)
  if (e < 0) return false
  const c = affine[l]![e * FOLDED + 2]!
  const d = affine[l]![e * FOLDED + 3]!
  for (let b = 0; b < size; b++) phi[b] = c * symbolic[l]!.values[e * rowStride + b]! + d
  return true
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
