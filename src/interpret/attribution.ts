import { ConfigError } from '../errors.ts'
import type { Model } from '../model/model.ts'
import { nodeOfOutput } from '../model/products.ts'

/** How much of a network's outputs passes through each edge and node: 1 is one output's whole variation. */
export interface Attribution {
  /** [layers] of [inputs][outputs]. */
  readonly edges: readonly Float64Array[]
  /** [layers + 1] of [nodes]: the inputs' scores first, the outputs' (1 each) last. */
  readonly nodes: readonly Float64Array[]
}

/**
 * Backward scores (pykan's `attribute`; KAN 2.0, arXiv 2408.10205, section 4.1): from 1 at every output back,
 *
 *     edge[l, i, j] = node[l + 1, n(j)] * |nodeScale_j| std(phi_ij) / std(y[l, j])       node[l, i] = sum_j edge[l, i, j]
 *
 * with the standard deviations over the rows of the model's calibration; an output that does not vary passes nothing on. n(j) is the
 * node that output j is, or is a factor of: each factor of a product gets the product's whole score, as in pykan. A ratio of
 * deviations has no unit: no scale of a column changes a score. (pykan adds 1e-4 to the divisor, which has one.)
 *
 * @throws ConfigError where the model has no statistics
 */
export function attribute(model: Model): Attribution {
  const { statistics, layout } = model
  if (statistics === undefined)
    throw new ConfigError(
      'The model has no statistics, which scores are made of; fit it, or call calibrate(x) with the rows that matter.',
    )
  const edges: Float64Array[] = []
  let score = new Float64Array(layout.outputs).fill(1)
  const nodes = [score]
  for (let l = layout.layers.length - 1; l >= 0; l--) {
    const layer = model.layer(l)
    const { inputs, outputs, values } = layer
    const node = nodeOfOutput(layer)
    const { edgeDeviation, nodeDeviation } = statistics.layers[l]!
    const own = new Float64Array(inputs * outputs)
    const before = new Float64Array(inputs)
    for (let i = 0; i < inputs; i++)
      for (let j = 0; j < outputs; j++) {
        const whole = nodeDeviation[j]!
        if (whole === 0) continue
        const edge = i * outputs + j
        own[edge] = (score[node[j]!]! * Math.abs(values.nodeScale[j]!) * edgeDeviation[edge]!) / whole
        before[i] = before[i]! + own[edge]
      }
    edges.unshift(own)
    nodes.unshift(before)
    score = before
  }
  return { edges, nodes }
}
