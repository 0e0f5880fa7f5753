import { ConfigError } from '../../errors.ts'
import type { LayerView, Model } from '../../model/model.ts'
import { checkOptionNames } from '../../model/optionnames.ts'
import { checkChoice } from '../../model/optionvalues.ts'
import { nodeOfOutput } from '../../model/products.ts'
import { checkedStatistics } from '../../model/statistics.ts'
import type { LayerStatistics, Statistics } from '../../model/statistics.ts'

/**
 * How an edge's share in a network is measured, over the rows of the model's calibration; j is the output that the edge from input i
 * leads to, and std the population standard deviation:
 *
 *     backward  node[l + 1, n] * |nodeScale_j| std(phi_ij) / std(y_j), n the node that y_j is or is a factor of: what of the outputs'
 *               variation passes through the edge, each output's being 1 (pykan's `attribute`; KAN 2.0, arXiv 2408.10205, section 4.1)
 *     forward   std(phi_ij) / std(x_i): by how much the edge amplifies its input (pykan's acts_scale)
 *     paper     mean |phi_ij|: the L1 norm of the KAN paper (arXiv 2404.19756, eq. 2.17)
 *     paper_n   |nodeScale_j| mean |phi_ij| / std(y_j): that norm, in deviations of what the edge leads to
 *
 * 'backward' and 'paper_n' are ratios without a unit, which no scale of a column changes; 'forward' and 'paper' are in the units of the
 * network's coordinates. Where what a score divides by does not vary, nothing passes and the score is 0.
 *
 * pykan's own figures, over N rows: its std is s = sqrt(N / (N - 1)) of ours; acts_scale is s std(phi) / (s std(x) + 0.1); its backward
 * edge score has s std(y_j) / (s std(y_j) + 1e-4 |nodeScale_j|) as a further factor, and is a mean over the outputs, not a sum.
 */
export type AttributionMetric = 'backward' | 'forward' | 'paper' | 'paper_n'

const METRICS = ['backward', 'forward', 'paper', 'paper_n'] as const satisfies readonly AttributionMetric[]

export interface AttributionOptions {
  /** Default 'backward'. */
  readonly metric?: AttributionMetric
}

/** Scores of a network's parts, by one metric. */
export interface Attribution {
  readonly metric: AttributionMetric
  /** [layers] of [inputs][outputs]. */
  readonly edges: readonly Float64Array[]
  /**
   * [layers + 1] of [nodes], the inputs first, the outputs last. 'backward': the sum of the edges that leave the node, 1 for an output.
   * Others: the smaller one of `incoming` and `outgoing`, whichever the node has: a node matters where both do (KAN paper, eq.
   * 2.21-2.22).
   */
  readonly nodes: readonly Float64Array[]
  /** The largest edge into each node behind a layer (of a product: into any of its factors): [layers] of [nodes]. */
  readonly incoming: readonly Float64Array[]
  /** The largest edge out of each input of a layer: [layers] of [inputs]. */
  readonly outgoing: readonly Float64Array[]
}

/**
 * Scores of all edges and nodes: see AttributionMetric.
 *
 * @throws ConfigError for another metric, and where the model has no statistics; NonFiniteError where they are not finite
 */
export function attribute(model: Model, options: AttributionOptions = {}): Attribution {
  checkOptionNames('attribute', options, ['metric'], "attribute({ metric: 'backward' })")
  const metric = checkChoice('metric', options.metric ?? 'backward', METRICS)
  const statistics = checkedStatistics(model.statistics)
  const layers = statistics.layers.map((_, l) => model.layer(l))
  const { edges, nodes } =
    metric === 'backward'
      ? backward(layers, statistics)
      : { edges: each(layers, statistics, metric), nodes: [] }
  const incoming = edges.map((scores, l) => incomingOf(layers[l]!, scores))
  const outgoing = edges.map((scores, l) => outgoingOf(layers[l]!, scores))
  const both = [...outgoing, incoming.at(-1)!].map((scores, l) =>
    l === 0 || l === layers.length
      ? scores.slice()
      : scores.map((score, i) => Math.min(score, incoming[l - 1]![i]!)),
  )
  return { metric, edges, nodes: metric === 'backward' ? nodes : both, incoming, outgoing }
}

/** numerator / divisor, and 0 where there is nothing to divide by. */
function ratio(numerator: number, divisor: number): number {
  return divisor === 0 ? 0 : numerator / divisor
}

/** From 1 at every output back to the inputs. */
function backward(
  layers: readonly LayerView[],
  statistics: Statistics,
): { edges: Float64Array[]; nodes: Float64Array[] } {
  const edges: Float64Array[] = []
  let score = new Float64Array(layers.at(-1)!.nodes).fill(1)
  const nodes = [score]
  for (let l = layers.length - 1; l >= 0; l--) {
    const { inputs, outputs, values } = layers[l]!
    const { edgeDeviation } = statistics.layers[l]!
    const deviations = outputDeviations(layers[l]!, statistics.layers[l]!)
    const node = nodeOfOutput(layers[l]!)
    const own = edgeDeviation.map((deviation, edge) => {
      const j = edge % outputs
      return score[node[j]!]! * ratio(Math.abs(values.nodeScale[j]!) * deviation, deviations[j]!)
    })
    const before = new Float64Array(inputs)
    own.forEach((share, edge) => {
      const i = (edge - (edge % outputs)) / outputs
      before[i] = before[i]! + share
    })
    edges.unshift(own)
    nodes.unshift(before)
    score = before
  }
  return { edges, nodes }
}

/** The metrics that look at each edge alone. */
function each(
  layers: readonly LayerView[],
  statistics: Statistics,
  metric: Exclude<AttributionMetric, 'backward'>,
): Float64Array[] {
  return layers.map((layer, l) => {
    const { outputs, values } = layer
    const own = statistics.layers[l]!
    if (metric === 'paper') return own.edgeL1.slice()
    if (metric === 'paper_n') {
      const whole = outputDeviations(layer, own)
      return own.edgeL1.map((norm, edge) => {
        const j = edge % outputs
        return ratio(Math.abs(values.nodeScale[j]!) * norm, whole[j]!)
      })
    }
    const deviations = inputDeviations(own)
    return own.edgeDeviation.map((deviation, edge) =>
      ratio(deviation, deviations[(edge - (edge % outputs)) / outputs]!),
    )
  })
}

/** Deviations that are less than this share of the mean are what its summation rounds: 1000 roundings of 1.1e-16 or so. */
const ROUNDING = 1e-13

/** std(y_j) of a layer's sums and factors, and exactly 0 where y_j is constant. */
function outputDeviations(
  { outputs, values }: LayerView,
  { edgeMean, nodeDeviation }: LayerStatistics,
): Float64Array {
  const means = new Float64Array(outputs)
  edgeMean.forEach((mean, edge) => (means[edge % outputs] = means[edge % outputs]! + mean))
  return nodeDeviation.map((deviation, j) => {
    const mean = values.nodeScale[j]! * means[j]! + values.nodeBias[j]!
    return deviation > ROUNDING * Math.abs(mean) ? deviation : 0
  })
}

function inputDeviations({ inputDeviation, inputMin, inputMax }: LayerStatistics): Float64Array {
  if (inputDeviation !== undefined)
    return inputDeviation.map((deviation, i) => (inputMin[i] === inputMax[i] ? 0 : deviation))
  throw new ConfigError(
    "The model's statistics come from a file of version 0.4 or before, which has no deviations of inputs for metric 'forward'; call calibrate(x).",
  )
}

function incomingOf(layer: LayerView, scores: Float64Array): Float64Array {
  const largest = new Float64Array(layer.nodes)
  const node = nodeOfOutput(layer)
  scores.forEach((score, edge) => {
    const n = node[edge % layer.outputs]!
    largest[n] = Math.max(largest[n]!, score)
  })
  return largest
}

function outgoingOf({ inputs, outputs }: LayerView, scores: Float64Array): Float64Array {
  const largest = new Float64Array(inputs)
  scores.forEach((score, edge) => {
    const i = (edge - (edge % outputs)) / outputs
    largest[i] = Math.max(largest[i]!, score)
  })
  return largest
}
