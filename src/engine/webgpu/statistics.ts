import type { Layout } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import { findInterval } from '../../spline/basis.ts'

/** One chunk of rows, as it came from the device, for one model. */
export interface ChunkReadings {
  readonly rows: number
  /** The network's inputs and each layer's nodes, in the network's coordinates: [layers + 1] of [rows][nodes]. */
  readonly levels: readonly Float64Array[]
  /** Each layer's sums and factors: [layers] of [rows][outputs]. */
  readonly outputs: readonly Float64Array[]
  /** shaders/edge_statistics.wgsl: (phi_0, sum |phi|, sum (phi - phi_0), sum (phi - phi_0)^2) an edge, all layers. */
  readonly edges: Float32Array
}

/**
 * Statistics of one model from chunks of rows: means and squares are merged in float64 by Chan, Golub and LeVeque's pairwise update
 * ("Algorithms for computing the sample variance", The American Statistician 37, 1983, eq. 1.5).
 */
export class StatisticsMerger {
  readonly #layout: Layout
  /** [knots] of the model. */
  readonly #knots: Float64Array
  readonly #layers: Required<LayerStatistics>[]
  /** Sum of squared deviations an edge, of all layers. */
  readonly #squares: Float64Array
  /**
   * Means of each layer's inputs and outputs so far; their squared deviations are in inputDeviation and nodeDeviation until the
   * end.
   */
  readonly #inputMeans: readonly Float64Array[]
  readonly #outputMeans: readonly Float64Array[]
  #rows = 0

  constructor(layout: Layout, knots: Float64Array) {
    this.#layout = layout
    this.#knots = knots
    this.#squares = new Float64Array(layout.edges)
    this.#inputMeans = layout.layers.map(layer => new Float64Array(layer.inputs))
    this.#outputMeans = layout.layers.map(layer => new Float64Array(layer.outputs))
    this.#layers = layout.layers.map(layer => {
      const edges = layer.inputs * layer.outputs
      return {
        inputMin: new Float64Array(layer.inputs).fill(Infinity),
        inputMax: new Float64Array(layer.inputs).fill(-Infinity),
        inputDeviation: new Float64Array(layer.inputs),
        histogram: new Float64Array(layer.inputs * (layer.knotsPerInput + 1)),
        edgeL1: new Float64Array(edges),
        edgeMean: new Float64Array(edges),
        edgeDeviation: new Float64Array(edges),
        nodeDeviation: new Float64Array(layer.outputs),
      }
    })
  }

  add(chunk: ChunkReadings): void {
    const before = this.#rows
    const after = before + chunk.rows
    this.#layout.layers.forEach((layer, l) => {
      const statistics = this.#layers[l]!
      const bins = layer.knotsPerInput + 1
      const inputs = chunk.levels[l]!
      for (let p = 0; p < chunk.rows * layer.inputs; p++) {
        const i = p % layer.inputs
        const x = inputs[p]!
        statistics.inputMin[i] = Math.min(statistics.inputMin[i]!, x)
        statistics.inputMax[i] = Math.max(statistics.inputMax[i]!, x)
        const start = layer.knots + i * layer.knotsPerInput
        if (Number.isNaN(x)) continue
        const interval = findInterval(this.#knots, start, layer.knotsPerInput, x)
        const bin = interval >= 0 ? interval + 1 : x < this.#knots[start]! ? 0 : bins - 1
        statistics.histogram[i * bins + bin] = statistics.histogram[i * bins + bin]! + 1
      }
      for (let e = 0; e < statistics.edgeL1.length; e++) {
        const at = (layer.edges + e) * 4
        const shifted = chunk.edges[at + 2]! / chunk.rows
        const mean = chunk.edges[at]! + shifted
        const squares = Math.max(0, chunk.edges[at + 3]! - chunk.rows * shifted * shifted)
        const difference = mean - statistics.edgeMean[e]!
        statistics.edgeMean[e] = statistics.edgeMean[e]! + (difference * chunk.rows) / after
        this.#squares[layer.edges + e] =
          this.#squares[layer.edges + e]! + squares + (difference * difference * before * chunk.rows) / after
        statistics.edgeL1[e] = (statistics.edgeL1[e]! * before + chunk.edges[at + 1]!) / after
      }
    })
    this.#layout.layers.forEach((_, l) => {
      const { inputDeviation, nodeDeviation } = this.#layers[l]!
      addDeviations(chunk.levels[l]!, chunk.rows, before, this.#inputMeans[l]!, inputDeviation)
      addDeviations(chunk.outputs[l]!, chunk.rows, before, this.#outputMeans[l]!, nodeDeviation)
    })
    this.#rows = after
  }

  finish(): LayerStatistics[] {
    this.#layout.layers.forEach((layer, l) => {
      const { edgeDeviation, inputDeviation, nodeDeviation } = this.#layers[l]!
      for (const squares of [inputDeviation, nodeDeviation])
        for (let j = 0; j < squares.length; j++) squares[j] = Math.sqrt(squares[j]! / this.#rows)
      for (let e = 0; e < edgeDeviation.length; e++)
        edgeDeviation[e] = Math.sqrt(this.#squares[layer.edges + e]! / this.#rows)
    })
    return this.#layers
  }
}

/** Adds the squared deviations of a chunk's values [rows][columns] to those of the `before` rows, whose means are `means`. */
function addDeviations(
  values: Float64Array,
  rows: number,
  before: number,
  means: Float64Array,
  squares: Float64Array,
): void {
  const columns = means.length
  for (let j = 0; j < columns; j++) {
    let sum = 0
    for (let b = 0; b < rows; b++) sum += values[b * columns + j]!
    const mean = sum / rows
    let own = 0
    for (let b = 0; b < rows; b++) own += (values[b * columns + j]! - mean) ** 2
    const shift = mean - means[j]!
    means[j] = means[j]! + (shift * rows) / (before + rows)
    squares[j] = squares[j]! + own + (shift ** 2 * before * rows) / (before + rows)
  }
}
