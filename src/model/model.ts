import type { TableEncoder } from '../data/encoder.ts'
import { resolveConfig } from './config.ts'
import type { Config, KANOptions } from './config.ts'
import { initialKnots, initialParameters } from './initialize.ts'
import { networkBytes, withinMemory } from './memory.ts'
import type { Scaling } from './scaling.ts'
import { affineSize, countTrainable, createLayout } from './shape.ts'
import type { LayerLayout, Layout } from './shape.ts'
import type { Statistics } from './statistics.ts'
import { arityOf, widthOf } from './width.ts'
import type { WidthEntry } from './width.ts'

/**
 * What is minimised. Regressions: 'mse', the mean squared error; 'mae', the mean absolute error; 'huber', squared near 0 and
 * absolute beyond (Huber, "Robust estimation of a location parameter", Ann. Math. Stat. 35, 1964). Classification:
 * 'cross-entropy', of the softmax of the outputs. The formulas: engine/cpu/loss.ts.
 */
export type Loss = 'mse' | 'mae' | 'huber' | 'cross-entropy'

/** The arrays and records of a model, for copies and files. */
export interface ModelParts {
  readonly config: Config
  readonly parameters: Float64Array
  readonly knots: Float64Array
  readonly mask: Float64Array
  readonly scaling?: Scaling | undefined
  readonly statistics?: Statistics | undefined
  readonly encoder?: TableEncoder | undefined
  readonly loss?: Loss | undefined
  readonly formulas?: readonly string[] | undefined
}

function isParts(source: unknown): source is ModelParts {
  return typeof source === 'object' && source !== null && 'config' in source && 'parameters' in source
}

type ModelArrays = Pick<ModelParts, 'parameters' | 'knots' | 'mask'>

/** What a model computes, without the record of what it was trained on. */
export type Network = Pick<ModelParts, 'config' | 'parameters' | 'knots' | 'mask'>

function copyArrays({ parameters, knots, mask }: ModelArrays): ModelArrays {
  return { parameters: parameters.slice(), knots: knots.slice(), mask: mask.slice() }
}

function initialArrays(config: Config, layout: Layout): ModelArrays {
  return {
    parameters: initialParameters(config, layout),
    knots: initialKnots(config, layout),
    mask: new Float64Array(layout.edges).fill(1),
  }
}

/** A layer as named views into the model's flat arrays; writing to a view changes the model. Layouts: see LayerLayout. */
export interface LayerView extends LayerLayout {
  readonly values: {
    readonly coef: Float64Array
    readonly scaleBase: Float64Array
    readonly scaleSpline: Float64Array
    readonly nodeScale: Float64Array
    readonly nodeBias: Float64Array
    readonly affine: Float64Array
    readonly knots: Float64Array
    readonly mask: Float64Array
  }
}

/**
 * A Kolmogorov-Arnold network as plain data on the CPU, in float64:
 *
 *     y[l, j]   = nodeScale[j] * sum_i phi[l, i, j](x[l, i]) + nodeBias[j]
 *     x[l+1, n] = y[l, n] for a sum, or the product of those y[l, j] that are the factors of product n
 *     phi(x)    = mask * (scaleBase * b(x) + scaleSpline * sum_m coef[m] B_m(x)),   or of a symbolic edge c * f(a x + b) + d
 *
 * (KAN paper, arXiv 2404.19756, eq. 2.10-2.12; products as in KAN 2.0, arXiv 2408.10205, section 2.1, but for the affine map
 * that pykan has behind the product, which those of its factors and the next layer's curves can take up.) It needs no disposal;
 * engines copy what they need.
 */
export class Model {
  readonly config: Config
  readonly layout: Layout
  readonly parameters: Float64Array
  readonly knots: Float64Array
  /** 1 for an edge that is there, 0 for one that was removed or is symbolic. */
  readonly mask: Float64Array
  /** Set by the first fit, from its training rows. */
  scaling: Scaling | undefined
  /** Set by calibrate. */
  statistics: Statistics | undefined
  /** How the columns of a table become inputs and outputs, when the model was trained on one. */
  encoder: TableEncoder | undefined
  /** What the weights were trained to minimise, set by fit; later calls of fit and evaluate take it for their default. */
  loss: Loss | undefined
  /**
   * The formulas that symbolify chose for this network, or discover read off it (`webkan discover --out`, where edges are splines
   * still), one an output, as texts of its inputs' names; predict goes by the network. Whatever changes the network
   * drops them (fit, fix, unfix, prune, remove, refine, updateGrid); whoever writes to its arrays sets them to undefined.
   */
  formulas: readonly string[] | undefined

  /**
   * A new network, or a copy of a model's parts. Throws ConfigError for options: see resolveConfig in model/config.ts;
   * OutOfMemoryError where the process has no room for it.
   */
  constructor(source: KANOptions | ModelParts) {
    this.config = isParts(source) ? source.config : resolveConfig(source)
    this.layout = createLayout(this.config.layers)
    const { config, layout } = this
    const { parameters, knots, mask } = withinMemory('Creating', networkBytes(layout), () =>
      isParts(source) ? copyArrays(source) : initialArrays(config, layout),
    )
    this.parameters = parameters
    this.knots = knots
    this.mask = mask
    if (isParts(source)) {
      this.scaling = structuredClone(source.scaling)
      this.statistics = structuredClone(source.statistics)
      this.encoder = structuredClone(source.encoder)
      this.loss = source.loss
      this.formulas = source.formulas?.slice()
    }
  }

  /** Nodes of each layer, inputs first: a number of sums, or [sums, products] where there are products. */
  get width(): WidthEntry[] {
    return widthOf(this.layout.layers)
  }

  /** The number of factors of every product, one list a layer. */
  get arity(): (readonly number[])[] {
    return arityOf(this.layout.layers)
  }

  /** Numbers an optimizer changes, by the trainable flags. */
  get trainableParameters(): number {
    return countTrainable(this.layout, this.config.trainable)
  }

  /** Layer l as named views into the flat arrays. */
  layer(l: number): LayerView {
    const layer = this.layout.layers.at(l)!
    const edges = layer.inputs * layer.outputs
    const view = (start: number, end: number): Float64Array => this.parameters.subarray(start, end)
    return {
      ...layer,
      values: {
        coef: view(layer.coef, layer.scaleBase),
        scaleBase: view(layer.scaleBase, layer.scaleSpline),
        scaleSpline: view(layer.scaleSpline, layer.nodeScale),
        nodeScale: view(layer.nodeScale, layer.nodeBias),
        nodeBias: view(layer.nodeBias, layer.affine),
        affine: view(layer.affine, layer.affine + affineSize(layer)),
        knots: this.knots.subarray(layer.knots, layer.knots + layer.inputs * layer.knotsPerInput),
        mask: this.mask.subarray(layer.edges, layer.edges + edges),
      },
    }
  }
}

/**
 * Gives a model a copy of another network, all at once: how a fit with other grids ends. Its fields are readonly for everyone
 * else, and plain fields all the same (a getter would hide them from copies, comparisons and consoles). Views of the old arrays
 * (Model.layer) stay views of the old arrays.
 */
export function replaceNetwork(model: Model, { config, parameters, knots, mask }: Network): void {
  const arrays = copyArrays({ parameters, knots, mask })
  Object.assign(model, { config, layout: createLayout(config.layers), ...arrays })
}
