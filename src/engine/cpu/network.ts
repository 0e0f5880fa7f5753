import { affineSize, parameterGroups } from '../../model/shape.ts'
import type { LayerLayout, Layout } from '../../model/shape.ts'
import { createLayerBlock, transposePieces } from './bases.ts'
import type { LayerBlock } from './bases.ts'
import { effectiveCount } from './effective.ts'
import { plainKernels } from './layer.ts'
import type { LayerKernels } from './layer.ts'
import type { Allocator } from './memory.ts'
import { fillMask } from '../mask.ts'
import { createPenalty } from './penalty/norms.ts'
import type { Penalty } from './penalty/norms.ts'
import type { PenaltyPlan } from '../engine.ts'
import { fillPieces, pieceCount } from '../pieces.ts'
import { outputLevels } from './products.ts'
import { createSymbolic, FOLDED } from './symbolic/curves.ts'
import type { SymbolicLayer } from './symbolic/curves.ts'

/**
 * Rows of a block, and the most bytes one array of basis values may take. 256 rows of 64 nodes are 128 KiB, which an L2
 * cache holds; fine grids get more, so that a run of rows in one interval is long enough for its coefficients to be worth
 * loading (width [64, 64, 64], 1024 rows, G 200: 52 ms a step with 256 rows, 35 with 1024).
 */
const BLOCK_ROWS = 256
const MOST_BLOCK_ROWS = 1024
const RUN_ROWS = 8
const BLOCK_BYTES = 2 ** 24
/** Numbers that the kernels of simd/ want beside their tiles. */
const KERNEL_CONSTANTS = 62

/** What the rows of a slice of a batch add up to, for the model that was folded last. */
export interface Sums {
  /** Of the layers: gradients of the effective coefficients, and of nodeBias, and sums for those of `affine` (symbolic/curves.ts). */
  readonly effective: readonly Float64Array[]
  readonly bias: readonly Float64Array[]
  readonly affine: readonly Float64Array[]
  /** [1]: sum of weight times loss. */
  readonly loss: Float64Array
}

/** The models of a session and the scratch to push a block of rows through one of them, forth and back. */
export interface Network {
  readonly layout: Layout
  /** Of the layers. */
  readonly groups: readonly ReturnType<typeof parameterGroups>[]
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
  /** [L]: 1 for a layer whose parameters the kernels read, 0 for one that was folded: see coefficients.ts. */
  readonly unscaled: Int32Array
  /** Of the layers, [symbolic edges][FOLDED], for the model that was folded last: see symbolic/curves.ts. */
  readonly affine: readonly Float64Array[]
  /** Of the slices of a batch: see slices.ts. */
  readonly sums: readonly Sums[]
  readonly blocks: readonly LayerBlock[]
  /** Of the layers: what computes them. */
  readonly kernels: readonly LayerKernels[]
  /** Of the layers: their symbolic edges. */
  readonly symbolic: readonly SymbolicLayer[]
  /**
   * Layer 0 with its slopes written over its values: only `gradients` needs them, when the values have been used (with a penalty,
   * beside them).
   */
  readonly inputBlock: LayerBlock
  /** [L + 1], node-major [nodes][rowStride]: inputs, ..., outputs of the block, and the loss's gradients by them. */
  readonly nodes: readonly Float64Array[]
  readonly adjoints: readonly Float64Array[]
  /** [L], node-major [outputs][rowStride]: what each layer's nodes are made of (products.ts); where all are sums, the nodes. */
  readonly outputs: readonly Float64Array[]
  readonly outputAdjoints: readonly Float64Array[]
  /** [blockRows]: the row of the caller's samples at each place of the block. */
  readonly rowsOf: Int32Array
  /** What the loss is added to, if the plan has a penalty. */
  readonly penalty: Penalty | undefined
  /** Numbers for the kernels: see simd/. */
  readonly tiles: Float64Array
  /** Where several threads work on the network, what has them add all slices of a batch: see crew/. */
  readonly crew: { addSlices?: (m: number, rows: number, share: number) => void }
}

/** Allocates a network of M models, for batches in so many slices; without `trains` there is no room for gradients, and no penalty. */
export function createNetwork(
  layout: Layout,
  models: number,
  trains: boolean,
  allocator: Allocator,
  penaltyPlan?: PenaltyPlan,
  slices: number = 1,
): Network {
  const { layers } = layout
  const widest = Math.max(...layers.map(layer => layer.inputs * (layer.degree + 2)))
  const finest = Math.max(...layers.map(layer => layer.intervals))
  const wanted = Math.min(MOST_BLOCK_ROWS, Math.max(BLOCK_ROWS, RUN_ROWS * finest))
  const blockRows = Math.max(8, Math.min(wanted, Math.floor(BLOCK_BYTES / 8 / widest)))
  // A stride of a power of two would put the rows of all nodes into the same few cache sets.
  const rowStride = blockRows + 8
  const penalised = trains && penaltyPlan !== undefined
  const perLayer = (name: string, size: (layer: LayerLayout) => number): Float64Array[] =>
    layers.map(layer => allocator.float64(name, size(layer)))
  return {
    layout,
    groups: layers.map(parameterGroups),
    blockRows,
    rowStride,
    parameters: allocator.float64('parameters', models * layout.parameters),
    knots: allocator.float64('knots', models * layout.knots),
    mask: fillMask(layout, allocator.float64('masks', models * layout.edges)),
    pieces: perLayer('local polynomials', layer => models * pieceCount(layer)),
    effective: perLayer('effective coefficients', effectiveCount),
    unscaled: allocator.int32('effective coefficients', layers.length),
    affine: perLayer('symbolic edges', foldedCount),
    sums: Array.from({ length: trains ? slices : 0 }, () => createSums(layout, allocator)),
    ...createScratch(layout, blockRows, rowStride, trains, penalised, allocator),
    penalty: penalised ? createPenalty(penaltyPlan, layout, models, rowStride, allocator) : undefined,
    crew: {},
  }
}

/** A network on which another thread works beside the first: the same models, scratch of its own. */
export function createLane(network: Network, ownModels: boolean, allocator: Allocator): Network {
  const { layout, blockRows, rowStride, penalty, sums } = network
  const scratch = createScratch(layout, blockRows, rowStride, true, penalty !== undefined, allocator)
  if (!ownModels) return { ...network, ...scratch, crew: {} }
  const own = penalty && createPenalty(penalty.plan, layout, penalty.lambda.length, rowStride, allocator)
  return {
    ...network,
    ...scratch,
    effective: layout.layers.map(layer => allocator.float64('effective coefficients', effectiveCount(layer))),
    unscaled: allocator.int32('effective coefficients', layout.layers.length),
    affine: layout.layers.map(layer => allocator.float64('symbolic edges', foldedCount(layer))),
    sums: sums.map(() => createSums(layout, allocator)),
    penalty: own && penalty && { ...own, lambda: penalty.lambda },
    crew: {},
  }
}

function createSums({ layers }: Layout, allocator: Allocator): Sums {
  return {
    effective: layers.map(layer => allocator.float64('effective gradients', effectiveCount(layer))),
    bias: layers.map(({ outputs }) => allocator.float64('effective gradients', outputs)),
    affine: layers.map(layer => allocator.float64('effective gradients', affineSize(layer))),
    loss: allocator.float64('effective gradients', 1),
  }
}

/** Numbers of a layer's symbolic edges in Network.affine. */
function foldedCount({ symbolic = [] }: LayerLayout): number {
  return FOLDED * symbolic.length
}

type Scratch = Pick<
  Network,
  | 'blocks'
  | 'kernels'
  | 'symbolic'
  | 'inputBlock'
  | 'nodes'
  | 'adjoints'
  | 'outputs'
  | 'outputAdjoints'
  | 'rowsOf'
  | 'tiles'
>

/** What a block of rows needs on its way. */
function createScratch(
  { layers, inputs }: Layout,
  blockRows: number,
  rowStride: number,
  trains: boolean,
  penalised: boolean,
  allocator: Allocator,
): Scratch {
  const widths = [inputs, ...layers.map(layer => layer.nodes)]
  const blocks = layers.map((layer, l) =>
    createLayerBlock(layer, rowStride, trains && (l > 0 || penalised), allocator),
  )
  const tiles = allocator.float64('tiles', 8 * rowStride + KERNEL_CONSTANTS)
  const levels = (name: string, length: number): Float64Array[] =>
    widths.slice(0, length).map(nodes => allocator.float64(name, nodes * rowStride))
  const nodes = levels('node values', widths.length)
  const adjoints = trains ? levels('node gradients', widths.length) : []
  return {
    blocks,
    tiles,
    kernels: blocks.map(block => allocator.kernels?.(block.terms, tiles) ?? plainKernels),
    symbolic: createSymbolic(layers, rowStride, allocator),
    inputBlock: penalised ? blocks[0]! : { ...blocks[0]!, slopes: blocks[0]!.values },
    nodes,
    adjoints,
    outputs: outputLevels('node values', layers, nodes, rowStride, allocator),
    outputAdjoints: trains ? outputLevels('node gradients', layers, adjoints, rowStride, allocator) : [],
    rowsOf: allocator.int32('rows of a block', blockRows),
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
