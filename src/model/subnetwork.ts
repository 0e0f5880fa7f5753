import type { TableEncoder } from '../data/encoder.ts'
import type { Config } from './config.ts'
import { Model } from './model.ts'
import type { LayerView } from './model.ts'
import { foldMean } from './mute.ts'
import { nodeOfOutput } from './products.ts'
import type { ColumnScaling } from './scaling.ts'
import { createLayout } from './shape.ts'
import type { LayerLayout, LayerShape, SymbolicEdge } from './shape.ts'
import { checkedStatistics } from './statistics.ts'
import type { LayerStatistics } from './statistics.ts'

/** What stays of a network. */
export interface Kept {
  /** [layers + 1] of [nodes]; all outputs stay. A product stays with all of its factors. */
  readonly nodes: readonly (readonly boolean[])[]
  /** [layers] of [inputs][outputs]; an edge at a removed node goes with it. */
  readonly edges: readonly (readonly boolean[])[]
}

/**
 * A smaller network, of the nodes and edges that are kept. An edge that is removed from a node that stays leaves its mean over the
 * calibration's rows in the node's bias (a factor's, where it leads to one),
 *
 *     nodeBias_j += nodeScale_j * mean(phi_ij)
 *
 * so that the mean of every sum and factor stays (KAN paper, section 2.5.1, removes it with the edge); a factor that has lost
 * all of its edges is a constant. Knots, coefficients, scales and the scaling of what stays are as they were; statistics go, as
 * the network is another. Without some of its inputs it takes rows without those columns: of a table, by the columns' names.
 *
 * @throws ConfigError where the model has no statistics, NonFiniteError where they are not finite
 */
export function subnetwork(model: Model, kept: Kept): Model {
  const { config } = model
  const statistics = checkedStatistics(model.statistics)
  const inputPlaces = kept.nodes.map(placesOf)
  const outputPlaces = model.layout.layers.map((layer, l) => outputPlacesOf(layer, kept.nodes[l + 1]!))
  const places = (l: number): Places => ({ inputs: inputPlaces[l]!, outputs: outputPlaces[l]! })
  const layers = model.layout.layers.map((layer, l) => smallerShape(layer, config, kept, l, places(l)))
  const layout = createLayout(layers)
  const smaller = new Model({
    config: { ...config, layers, scaling: smallerChoice(config, inputPlaces[0]!) },
    parameters: new Float64Array(layout.parameters),
    knots: new Float64Array(layout.knots),
    mask: new Float64Array(layout.edges),
    scaling: model.scaling && {
      ...model.scaling,
      input: smallerScaling(model.scaling.input, inputPlaces[0]!),
    },
    encoder: model.encoder && smallerEncoder(model.encoder, inputPlaces[0]!),
    loss: model.loss,
  })
  layers.forEach((_, l) => {
    copyLayer(model, smaller, l, kept.edges[l]!, places(l))
    foldMeans(statistics.layers[l]!, model.layout.layers[l]!, smaller.layer(l), kept.edges[l]!, places(l))
  })
  return smaller
}

/** Where what stays of a layer was: [inputs] and [outputs] of the smaller one. */
interface Places {
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/** Where flags are set, ascending. */
export function placesOf(flags: readonly boolean[]): number[] {
  return flags.flatMap((isKept, i) => (isKept ? [i] : []))
}

/** The sums and factors of the nodes that stay. */
export function outputPlacesOf(layer: LayerLayout, nodes: readonly boolean[]): number[] {
  return Array.from(nodeOfOutput(layer)).flatMap((node, j) => (nodes[node] === true ? [j] : []))
}

function smallerShape(
  layer: LayerLayout,
  { layers }: Config,
  { nodes, edges }: Kept,
  l: number,
  { inputs, outputs }: Places,
): LayerShape {
  const { products: _products, symbolic: _symbolic, ...shape } = layers[l]!
  const sums = layer.nodes - (layer.products?.length ?? 0)
  const products = (layer.products ?? []).filter((_, p) => nodes[l + 1]![sums + p])
  const symbolic = symbolicPlaces(layer, edges[l]!, { inputs, outputs }).map(({ edge, place }) => ({
    ...layer.symbolic![place]!,
    edge,
  }))
  return {
    ...shape,
    inputs: inputs.length,
    outputs: outputs.length,
    ...(products.length > 0 ? { products } : {}),
    ...(symbolic.length > 0 ? { symbolic } : {}),
  }
}

/** For each symbolic edge that stays its number in the smaller layer, ascending, and its place in the old list. */
function symbolicPlaces(
  { outputs: columns, symbolic = [] }: LayerLayout,
  edges: readonly boolean[],
  { inputs, outputs }: Places,
): { edge: SymbolicEdge['edge']; place: number }[] {
  return symbolic.flatMap(({ edge }, place) => {
    const i = inputs.indexOf((edge - (edge % columns)) / columns)
    const j = outputs.indexOf(edge % columns)
    return edges[edge] === true && i >= 0 && j >= 0 ? [{ edge: i * outputs.length + j, place }] : []
  })
}

function smallerChoice({ scaling }: Config, inputs: readonly number[]): Config['scaling'] {
  const { log, ...rest } = scaling
  if (log === undefined) return scaling
  const own = {
    ...log,
    inputs: inputs.flatMap((place, i) => (log.inputs.includes(place) ? [i] : [])),
  }
  return own.inputs.length + own.outputs.length > 0 ? { ...rest, log: own } : rest
}

function smallerScaling({ shift, scale, log }: ColumnScaling, inputs: readonly number[]): ColumnScaling {
  const flags = log && inputs.map(place => log[place]!)
  return {
    shift: Float64Array.from(inputs, place => shift[place]!),
    scale: Float64Array.from(inputs, place => scale[place]!),
    ...(flags?.includes(true) === true ? { log: flags } : {}),
  }
}

function smallerEncoder(encoder: TableEncoder, inputs: readonly number[]): TableEncoder {
  return { ...encoder, inputs: inputs.map(place => encoder.inputs[place]!) }
}

/** Copies the numbers of what stays of layer l. */
function copyLayer(
  model: Model,
  smaller: Model,
  l: number,
  edges: readonly boolean[],
  { inputs, outputs }: Places,
): void {
  const { values: from, knotsPerInput, bases, outputs: columns, symbolic } = model.layer(l)
  const { values: to } = smaller.layer(l)
  outputs.forEach((old, j) => {
    to.nodeScale[j] = from.nodeScale[old]!
    to.nodeBias[j] = from.nodeBias[old]!
  })
  inputs.forEach((oldInput, i) => {
    const first = oldInput * knotsPerInput
    to.knots.set(from.knots.subarray(first, first + knotsPerInput), i * knotsPerInput)
    outputs.forEach((oldOutput, j) => {
      const edge = oldInput * columns + oldOutput
      const own = i * outputs.length + j
      to.mask[own] = edges[edge]! ? from.mask[edge]! : 0
      to.scaleBase[own] = from.scaleBase[edge]!
      to.scaleSpline[own] = from.scaleSpline[edge]!
      for (let n = 0; n < bases; n++)
        to.coef[(i * bases + n) * outputs.length + j] =
          from.coef[(oldInput * bases + n) * columns + oldOutput]!
    })
  })
  if (symbolic === undefined) return
  symbolicPlaces(model.layout.layers[l]!, edges, { inputs, outputs }).forEach(({ place }, s) =>
    to.affine.set(from.affine.subarray(4 * place, 4 * place + 4), 4 * s),
  )
}

/** Leaves the means of removed edges of a layer in the biases of the smaller one. */
function foldMeans(
  { edgeMean }: LayerStatistics,
  { inputs, outputs: columns }: LayerLayout,
  { values }: LayerView,
  edges: readonly boolean[],
  { outputs }: Places,
): void {
  outputs.forEach((old, j) => {
    let removed = 0
    for (let i = 0; i < inputs; i++) {
      const edge = i * columns + old
      if (!edges[edge]!) removed += edgeMean[edge]!
    }
    foldMean(values, j, removed)
  })
}
