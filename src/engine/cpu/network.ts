import type { LayerLayout, Layout, Trainable } from '../../model/shape.ts'
import { createLayerBlock, transposePieces } from './bases.ts'
import type { LayerBlock } from './bases.ts'
import { effectiveCount, foldLayer, unfoldGradient } from './effective.ts'
import { plainKernels } from './layer.ts'
import type { LayerKernels } from './layer.ts'
import type { Allocator } from './memory.ts'
import { addEdgeGradients } from './penalty/gradient.ts'
import { createPenalty } from './penalty/norms.ts'
import type { Penalty } from './penalty/norms.ts'
import type { PenaltyPlan } from '../engine.ts'
import { fillPieces, pieceCount } from '../pieces.ts'

/**
 * Rows of a block, and the most bytes one array of basis values may take. 256 rows of 64 nodes are 128 KiB, which an L2
 * cache holds; runs of rows in one interval are then long enough for the tiles of layer.ts.
 */
const BLOCK_ROWS = 256
const BLOCK_BYTES = 2 ** 24
/** Numbers that the kernels of simd/ want beside their tiles. */
const KERNEL_CONSTANTS = 62

/** The models of a session and the scratch to push a block of rows through one of them, forth and back. */
export interface Network {
  readonly layout: Layout
  /** Rows a block may have, and the distance of two nodes in node-major arrays. */
  readonly blockRows: number
  readonly rowStride: number
  /** [M][parameters], [M][knots], [M][edges]. */
  readonly parameters: Float64Array
  readonly knots: Float64Array
  readonly mask: Float64Array
  /** Of the layers, each [M][...]: see pieces.ts. */
  readonly pieces: readonly Float64Array[]
  /** Of the layers, for the model that was folded last: see effective.ts. */
  readonly effective: readonly Float64Array[]
  readonly effectiveGradient: readonly Float64Array[]
  readonly blocks: readonly LayerBlock[]
  /** Of the layers: what computes them. */
  readonly kernels: readonly LayerKernels[]
  /**
   * Layer 0 with its slopes written over its values: only `gradients` needs them, when the values have been used (with a penalty,
   * beside them).
   */
  readonly inputBlock: LayerBlock
  /** [L + 1], node-major [nodes][rowStride]: inputs, ..., outputs of the block, and the loss's gradients by them. */
  readonly nodes: readonly Float64Array[]
  readonly adjoints: readonly Float64Array[]
  /** [blockRows]: the row of the caller's samples at each place of the block. */
  readonly rowsOf: Int32Array
  /** What the loss is added to, if the plan has a penalty. */
  readonly penalty: Penalty | undefined
}

/** Allocates a network of M models; without `trains` there is no room for gradients, and no penalty. */
export function createNetwork(
  layout: Layout,
  models: number,
  trains: boolean,
  allocator: Allocator,
  penaltyPlan?: PenaltyPlan,
): Network {
  const { layers } = layout
  const widest = Math.max(...layers.map(layer => layer.inputs * (layer.degree + 2)))
  const blockRows = Math.max(8, Math.min(BLOCK_ROWS, Math.floor(BLOCK_BYTES / 8 / widest)))
  // A stride of a power of two would put the rows of all nodes into the same few cache sets.
  const rowStride = blockRows + 8
  const widths = [layout.inputs, ...layers.map(layer => layer.outputs)]
  const penalised = trains && penaltyPlan !== undefined
  const blocks = layers.map((layer, l) =>
    createLayerBlock(layer, rowStride, trains && (l > 0 || penalised), allocator),
  )
  const tiles = allocator.float64('tiles', 8 * rowStride + KERNEL_CONSTANTS)
  const levels = (name: string, length: number): Float64Array[] =>
    widths.slice(0, length).map(nodes => allocator.float64(name, nodes * rowStride))
  const perLayer = (name: string, size: (layer: LayerLayout) => number): Float64Array[] =>
    layers.map(layer => allocator.float64(name, size(layer)))
  return {
    layout,
    blockRows,
    rowStride,
    parameters: allocator.float64('parameters', models * layout.parameters),
    knots: allocator.float64('knots', models * layout.knots),
    mask: allocator.float64('masks', models * layout.edges).fill(1),
    pieces: perLayer('local polynomials', layer => models * pieceCount(layer)),
    effective: perLayer('effective coefficients', effectiveCount),
    effectiveGradient: perLayer('effective gradients', trains ? effectiveCount : () => 0),
    blocks,
    kernels: blocks.map(block => allocator.kernels?.(block.terms, tiles) ?? plainKernels),
    inputBlock: penalised ? blocks[0]! : { ...blocks[0]!, slopes: blocks[0]!.values },
    nodes: levels('node values', widths.length),
    adjoints: trains ? levels('node gradients', widths.length) : [],
    rowsOf: allocator.int32('rows of a block', blockRows),
    penalty: penalised ? createPenalty(penaltyPlan, layout, models, rowStride, allocator) : undefined,
  }
}

/** Recomputes the local polynomials of all models; needed whenever the knots change. */
export function refreshPieces(network: Network, models: number): void {
  const { layout, knots, pieces } = network
  layout.layers.forEach((layer, l) => {
    for (let m = 0; m < models; m++)
      fillPieces(layer, knots, m * layout.knots + layer.knots, pieces[l]!, m * pieceCount(layer))
    transposePieces(layer.degree, pieces[l]!)
  })
}

/** Folds the parameters of model m; needed whenever they change, before the first block. */
export function foldModel(network: Network, m: number): void {
  const { layout, parameters, mask, effective } = network
  for (let l = 0; l < layout.layers.length; l++) {
    const layer = layout.layers[l]!
    const edges = m * layout.edges + layer.edges
    foldLayer(layer, parameters, m * layout.parameters, mask, edges, effective[l]!, 0)
  }
}

/** Copies `size` rows of x [rows][inputs], given by rowsOf, into the first node-major level. */
export function gatherBlock(network: Network, x: Float64Array, size: number): void {
  const { layout, rowStride, rowsOf } = network
  const level = network.nodes[0]!
  const inputs = layout.inputs
  for (let b = 0; b < size; b++) {
    const row = rowsOf[b]! * inputs
    for (let i = 0; i < inputs; i++) level[i * rowStride + b] = x[row + i]!
  }
}

/** Computes all levels of the block from the first one, for the model m that was folded last. */
export function forwardBlock(network: Network, m: number, size: number, withSlopes: boolean): void {
  const { layout, rowStride, nodes, effective, blocks, kernels, parameters } = network
  for (let l = 0; l < layout.layers.length; l++) {
    const layer = layout.layers[l]!
    const bias = m * layout.parameters + layer.nodeBias
    layerBases(network, m, l, blocks[l]!, size, withSlopes && l > 0)
    kernels[l]!.forward(layer, blocks[l]!, size, effective[l]!, nodes[l + 1]!, rowStride, parameters, bias)
  }
}

/**
 * The way back, from the last level of adjoints: adds the block's share to the effective gradients and to the gradient of
 * nodeBias (in `gradient`, [M][parameters]); with `toInputs` also fills the first level of adjoints. A penalty adds its own share,
 * with the rows' `weights`.
 */
export function backwardBlock(
  network: Network,
  m: number,
  size: number,
  trainable: Trainable,
  gradient: Float64Array,
  toInputs: boolean,
  penalty?: Penalty,
  weights?: Float64Array,
): void {
  const { layout, rowStride, adjoints, effective, effectiveGradient, blocks, inputBlock, kernels } = network
  for (let l = layout.layers.length - 1; l >= 0; l--) {
    const layer = layout.layers[l]!
    const { outputs, nodeBias } = layer
    const dy = adjoints[l + 1]!
    if (trainable.nodeBias) addRows(dy, outputs, rowStride, size, gradient, m * layout.parameters + nodeBias)
    kernels[l]!.coefGradient(layer, blocks[l]!, size, dy, effectiveGradient[l]!, rowStride)
    const through = l > 0 || toInputs
    if (through) {
      const block = l > 0 ? blocks[l]! : inputBlock
      if (l === 0) layerBases(network, m, 0, inputBlock, size, true)
      const dx = adjoints[l]!
      dx.fill(0)
      kernels[l]!.inputGradient(layer, block, size, effective[l]!, dy, dx, rowStride)
    }
    if (penalty && weights) addEdgeGradients(network, penalty, l, size, weights, through)
  }
}

/** The chain rule from the effective gradients, summed over all blocks, to the parameters of model m. */
export function unfoldModel(network: Network, m: number, trainable: Trainable, gradient: Float64Array): void {
  const { layout, parameters, mask, effectiveGradient } = network
  for (let l = 0; l < layout.layers.length; l++) {
    const layer = layout.layers[l]!
    const edges = m * layout.edges + layer.edges
    const model = m * layout.parameters
    unfoldGradient(layer, trainable, parameters, model, mask, edges, effectiveGradient[l]!, 0, gradient)
  }
}

function layerBases(
  network: Network,
  m: number,
  l: number,
  block: LayerBlock,
  size: number,
  withSlopes: boolean,
): void {
  const { layout, knots, pieces, nodes, rowStride, kernels } = network
  const layer = layout.layers[l]!
  const knotsStart = m * layout.knots + layer.knots
  const piecesStart = m * pieceCount(layer)
  const x = nodes[l]!
  kernels[l]!.bases(layer, block, knots, knotsStart, pieces[l]!, piecesStart, x, rowStride, size, withSlopes)
}

function addRows(
  dy: Float64Array,
  outputs: number,
  rowStride: number,
  size: number,
  out: Float64Array,
  at: number,
): void {
  for (let j = 0; j < outputs; j++) {
    let sum = 0
    for (let b = 0; b < size; b++) sum += dy[j * rowStride + b]!
    out[at + j] = out[at + j]! + sum
  }
}
