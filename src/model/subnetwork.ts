import { ConfigError } from '../errors.ts'
import { Model } from './model.ts'
import { nodeOfOutput } from './products.ts'
import { createLayout } from './shape.ts'
import type { LayerShape, SymbolicEdge } from './shape.ts'

/** What stays of a network. */
export interface Kept {
  /** [layers + 1] of [nodes]; all inputs and all outputs stay. A product stays with all its factors. */
  readonly nodes: readonly (readonly boolean[])[]
  /** [layers] of [inputs][outputs]; an edge at a removed node goes with it. */
  readonly edges: readonly (readonly boolean[])[]
}

/**
 * A smaller network, of the nodes and edges that are kept. An edge that is removed from a node that stays leaves its mean over the
 * calibration's rows in the node's bias,
 *
 *     nodeBias_j += nodeScale_j * mean(phi_ij)
 *
 * so that the mean of every sum's and factor's value stays (KAN paper, section 2.5.1, removes it with the edge); a factor that has
 * lost all of its edges is a constant. Knots, coefficients, scales
 * and the scaling of what stays are as they were; statistics go, as the network is another.
 *
 * @throws ConfigError where the model has no statistics
 */
export function subnetwork(model: Model, { nodes, edges }: Kept): Model {
  const { statistics, config } = model
  if (statistics === undefined)
    throw new ConfigError(
      'The model has no statistics; fit it, or call calibrate(x) with the rows that matter.',
    )
  const places = (kept: readonly boolean[]): number[] => kept.flatMap((isKept, i) => (isKept ? [i] : []))
  const inputPlaces = nodes.map(places)
  const outputPlaces = config.layers.map((layer, l) =>
    places(Array.from(nodeOfOutput(layer), node => nodes[l + 1]![node]!)),
  )
  const layers = config.layers.map(({ products: all = [], symbolic = [], ...layer }, l) => {
    const products = all.filter((_, p) => nodes[l + 1]!.at(p - all.length)!)
    return {
      ...layer,
      inputs: inputPlaces[l]!.length,
      outputs: outputPlaces[l]!.length,
      ...(products.length > 0 ? { products } : {}),
      ...keptSymbolic(symbolic, layer.outputs, inputPlaces[l]!, outputPlaces[l]!, edges[l]!),
    }
  })
  const layout = createLayout(layers)
  const smaller = new Model({
    config: { ...config, layers },
    parameters: new Float64Array(layout.parameters),
    knots: new Float64Array(layout.knots),
    mask: new Float64Array(layout.edges),
    scaling: model.scaling,
    encoder: model.encoder,
    loss: model.loss,
  })
  layers.forEach(({ inputs, outputs }, l) => {
    const from = model.layer(l)
    const to = smaller.layer(l).values
    const { knotsPerInput, bases, symbolic = [] } = from
    for (let j = 0; j < outputs; j++) {
      const old = outputPlaces[l]![j]!
      to.nodeScale[j] = from.values.nodeScale[old]!
      let removed = 0
      for (let i = 0; i < from.inputs; i++) {
        const edge = i * from.outputs + old
        if (!edges[l]![edge]!) removed += statistics.layers[l]!.edgeMean[edge]!
      }
      to.nodeBias[j] = from.values.nodeBias[old]! + to.nodeScale[j]! * removed
    }
    for (let i = 0; i < inputs; i++) {
      const old = inputPlaces[l]![i]!
      const first = old * knotsPerInput
      to.knots.set(from.values.knots.subarray(first, first + knotsPerInput), i * knotsPerInput)
      for (let j = 0; j < outputs; j++) {
        const edge = old * from.outputs + outputPlaces[l]![j]!
        const own = i * outputs + j
        to.mask[own] = edges[l]![edge]! ? from.values.mask[edge]! : 0
        to.scaleBase[own] = from.values.scaleBase[edge]!
        to.scaleSpline[own] = from.values.scaleSpline[edge]!
        for (let n = 0; n < bases; n++)
          to.coef[(i * bases + n) * outputs + j] =
            from.values.coef[(old * bases + n) * from.outputs + outputPlaces[l]![j]!]!
      }
    }
    const formulas = layers[l]!.symbolic ?? []
    formulas.forEach(({ edge }, e) => {
      const own =
        inputPlaces[l]![Math.floor(edge / outputs)]! * from.outputs + outputPlaces[l]![edge % outputs]!
      const at = 4 * symbolic.findIndex(other => other.edge === own)
      to.affine.set(from.values.affine.subarray(at, at + 4), 4 * e)
    })
  })
  return smaller
}

/** The symbolic edges that stay, by their new numbers; the old ones' order is kept, as that of nodes is. */
function keptSymbolic(
  symbolic: readonly SymbolicEdge[],
  outputs: number,
  inputPlaces: readonly number[],
  outputPlaces: readonly number[],
  isKept: readonly boolean[],
): Pick<LayerShape, 'symbolic'> {
  const kept = symbolic.flatMap(({ edge, name, formula }) => {
    const i = inputPlaces.indexOf(Math.floor(edge / outputs))
    const j = outputPlaces.indexOf(edge % outputs)
    return isKept[edge]! && i >= 0 && j >= 0 ? [{ edge: i * outputPlaces.length + j, name, formula }] : []
  })
  return kept.length > 0 ? { symbolic: kept } : {}
}
