import { ConfigError } from '../errors.ts'

/** b(x) of an edge: silu(x) = x / (1 + e^-x) (KAN paper eq. 2.10), x itself, or nothing. */
export type Base = 'silu' | 'identity' | 'zero'

/** The shape of one layer: an edge from each input to each output, all on grids of `intervals` and `degree`. */
export interface LayerShape {
  readonly inputs: number
  readonly outputs: number
  /** G, the number of grid intervals inside the grid range. */
  readonly intervals: number
  /** k, the degree of the splines, 1 to 5. */
  readonly degree: number
  readonly base: Base
  /**
   * The number of factors of each product node (KAN 2.0, arXiv 2408.10205, section 2.1). The layer's outputs are first its sums, then
   * the factors of its product nodes, one node after another; left out where there are none.
   */
  readonly products?: readonly number[]
  /** Edges whose curve is c f(a x + b) + d, by ascending edge; left out where there are none. */
  readonly symbolic?: readonly SymbolicEdge[]
}

/** An edge with a known function in place of its spline: phi(x) = c f(a x + b) + d. */
export interface SymbolicEdge {
  /** i * outputs + j for the edge from input i to output j. Its mask is 0, which keeps its spline for `unfix`. */
  readonly edge: number
  /** The function's name, such as 'sin'. */
  readonly name: string
  /** f as a formula of u (see formula/parse.ts), such as 'sin(u)'. */
  readonly formula: string
  /** a, b, c and d when the edge was fixed: while it still has them, `unfix` gives its spline back as it was. */
  readonly fixedAt?: readonly number[]
}

/** Which groups of parameters an optimizer may change. */
export interface Trainable {
  readonly coef: boolean
  readonly scaleBase: boolean
  readonly scaleSpline: boolean
  readonly nodeScale: boolean
  readonly nodeBias: boolean
  /** a, b, c and d of symbolic edges. */
  readonly affine: boolean
}

/**
 * Where a layer's numbers lie. All parameters of a model are one flat array, all knots another, all masks a third, so
 * that copies, files, optimizers and GPU buffers need one offset each. Within a layer, the output index is innermost
 * (neighbouring GPU threads own neighbouring outputs and then read neighbouring words):
 *
 *     coef [inputs][bases][outputs], scaleBase [inputs][outputs], scaleSpline [inputs][outputs],
 *     nodeScale [outputs], nodeBias [outputs], affine [symbolic edges][4] (a, b, c, d);
 *     knots [inputs][knotsPerInput];   mask [inputs][outputs]
 */
export interface LayerLayout extends LayerShape {
  /** Nodes after the layer, which are the inputs of the next: its sums and its products. */
  readonly nodes: number
  /** G + k, the number of basis functions of an edge. */
  readonly bases: number
  /** G + 2k + 1, the number of knots of an input. */
  readonly knotsPerInput: number
  /** Offsets of the groups in the flat parameters. */
  readonly coef: number
  readonly scaleBase: number
  readonly scaleSpline: number
  readonly nodeScale: number
  readonly nodeBias: number
  readonly affine: number
  /** Offset of the layer's knots in the flat knots. */
  readonly knots: number
  /** Offset of the layer's edges in the flat masks. */
  readonly edges: number
}

/** The layout of a whole model. */
export interface Layout {
  readonly layers: readonly LayerLayout[]
  /** Lengths of the three flat arrays. */
  readonly parameters: number
  readonly knots: number
  readonly edges: number
  /** Sizes of the network's input and output. */
  readonly inputs: number
  readonly outputs: number
}

/** Numbers of the symbolic edges of a layer. */
export function affineSize({ symbolic = [] }: LayerShape): number {
  return 4 * symbolic.length
}

/** Whether any edge of a network is symbolic. */
export function hasSymbolic(layers: readonly LayerShape[]): boolean {
  return layers.some(({ symbolic = [] }) => symbolic.length > 0)
}

/** Outputs of a layer that are nodes by themselves; the others are factors. */
export function sumCount({ outputs, products = [] }: Pick<LayerShape, 'outputs' | 'products'>): number {
  return products.reduce((sums, factors) => sums - factors, outputs)
}

/** Nodes after a layer: its outputs, with the factors of every product counted as one. */
export function nodeCount({ outputs, products = [] }: Pick<LayerShape, 'outputs' | 'products'>): number {
  return products.reduce((nodes, factors) => nodes - factors + 1, outputs)
}

/** The parameter groups in the order in which they lie, with their sizes; a layer without symbolic edges has no `affine`. */
export function parameterGroups(
  layer: LayerLayout,
): { name: keyof Trainable; start: number; size: number }[] {
  const edges = layer.inputs * layer.outputs
  const affine = { name: 'affine', start: layer.affine, size: affineSize(layer) } as const
  return [
    { name: 'coef', start: layer.coef, size: edges * layer.bases },
    { name: 'scaleBase', start: layer.scaleBase, size: edges },
    { name: 'scaleSpline', start: layer.scaleSpline, size: edges },
    { name: 'nodeScale', start: layer.nodeScale, size: layer.outputs },
    { name: 'nodeBias', start: layer.nodeBias, size: layer.outputs },
    ...(affine.size > 0 ? [affine] : []),
  ]
}

/** Places of the parameters of splines behind symbolic edges, on which nothing depends: of coef, scaleBase and scaleSpline. */
export function idleParameters(layer: LayerLayout): number[] {
  const { symbolic = [], outputs, bases, coef, scaleBase, scaleSpline } = layer
  return symbolic.flatMap(({ edge }) => {
    const first = coef + Math.floor(edge / outputs) * bases * outputs + (edge % outputs)
    const own = Array.from({ length: bases }, (_, n) => first + n * outputs)
    return [...own, scaleBase + edge, scaleSpline + edge]
  })
}

/** Numbers an optimizer changes in such a network: those of the trainable groups, without the splines behind symbolic edges. */
export function countTrainable({ layers }: Layout, trainable: Trainable): number {
  return layers.reduce((sum, layer) => {
    const { coef, scaleBase, scaleSpline } = trainable
    const groups = parameterGroups(layer).reduce(
      (own, { name, size }) => own + (trainable[name] ? size : 0),
      0,
    )
    const spline = Number(coef) * layer.bases + Number(scaleBase) + Number(scaleSpline)
    return sum + groups - spline * (layer.symbolic?.length ?? 0)
  }, 0)
}

/** Lays the layers of a network out in flat arrays (see LayerLayout). */
export function createLayout(shapes: readonly LayerShape[]): Layout {
  const first = shapes[0]
  const last = shapes.at(-1)
  if (first === undefined || last === undefined)
    throw new ConfigError('A network needs at least one layer; got none.')
  let parameters = 0
  let knots = 0
  let edges = 0
  const layers = shapes.map(shape => {
    const { inputs, outputs, intervals, degree } = shape
    const bases = intervals + degree
    const knotsPerInput = intervals + 2 * degree + 1
    const coef = parameters
    const scaleBase = coef + inputs * bases * outputs
    const scaleSpline = scaleBase + inputs * outputs
    const nodeScale = scaleSpline + inputs * outputs
    const nodeBias = nodeScale + outputs
    const affine = nodeBias + outputs
    const layer = {
      ...shape,
      nodes: nodeCount(shape),
      bases,
      knotsPerInput,
      coef,
      scaleBase,
      scaleSpline,
      nodeScale,
      nodeBias,
      affine,
      knots,
      edges,
    }
    parameters = affine + affineSize(shape)
    knots += inputs * knotsPerInput
    edges += inputs * outputs
    return layer
  })
  return { layers, parameters, knots, edges, inputs: first.inputs, outputs: nodeCount(last) }
}
