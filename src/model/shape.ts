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
}

/** Which groups of parameters an optimizer may change. */
export interface Trainable {
  readonly coef: boolean
  readonly scaleBase: boolean
  readonly scaleSpline: boolean
  readonly nodeScale: boolean
  readonly nodeBias: boolean
}

/**
 * Where a layer's numbers lie. All parameters of a model are one flat array, all knots another, all masks a third, so
 * that copies, files, optimizers and GPU buffers need one offset each. Within a layer, the output index is innermost
 * (neighbouring GPU threads own neighbouring outputs and then read neighbouring words):
 *
 *     coef [inputs][bases][outputs], scaleBase [inputs][outputs], scaleSpline [inputs][outputs],
 *     nodeScale [outputs], nodeBias [outputs];   knots [inputs][knotsPerInput];   mask [inputs][outputs]
 */
export interface LayerLayout extends LayerShape {
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

/** The parameter groups in the order in which they lie, with their sizes. */
export function parameterGroups(
  layer: LayerLayout,
): { name: keyof Trainable; start: number; size: number }[] {
  const edges = layer.inputs * layer.outputs
  return [
    { name: 'coef', start: layer.coef, size: edges * layer.bases },
    { name: 'scaleBase', start: layer.scaleBase, size: edges },
    { name: 'scaleSpline', start: layer.scaleSpline, size: edges },
    { name: 'nodeScale', start: layer.nodeScale, size: layer.outputs },
    { name: 'nodeBias', start: layer.nodeBias, size: layer.outputs },
  ]
}

/** Numbers an optimizer changes in such a network. */
export function countTrainable(layout: Layout, trainable: Trainable): number {
  return layout.layers
    .flatMap(parameterGroups)
    .reduce((sum, { name, size }) => sum + (trainable[name] ? size : 0), 0)
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
    const layer = {
      ...shape,
      bases,
      knotsPerInput,
      coef,
      scaleBase,
      scaleSpline,
      nodeScale,
      nodeBias,
      knots,
      edges,
    }
    parameters = nodeBias + outputs
    knots += inputs * knotsPerInput
    edges += inputs * outputs
    return layer
  })
  return { layers, parameters, knots, edges, inputs: first.inputs, outputs: last.outputs }
}
