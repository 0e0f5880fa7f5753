import type { LayerLayout, Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { MOST_WORKGROUPS } from './recording.ts'
import type { Slices } from './uniforms.ts'
import type { LayerVariants } from './variants.ts'

/** Threads that keep a GPU busy; a layer with fewer edges cuts its batch until it has as many. */
const ENOUGH_THREADS = 16384
/** The same where a CPU emulates them: 16 workgroups. */
const ENOUGH_SERIAL_THREADS = 1024
/** Below this many rows a slice, or a segment, costs more to add than it gains. */
const FEWEST_SLICE_ROWS = 32
/** Workgroup memory of a device with default limits, in words. */
export const WORKGROUP_WORDS = 4096

/** Most rows that shaders/sort_rows.wgsl sorts together: two halves of them and its counters fit the workgroup's memory. */
export const SORT_ROWS = 1024

/** Sums a thread of backward_coef keeps, and threads a workgroup: TILE * WIDTH words fit the workgroup's memory. */
export function coefTile(layer: LayerLayout): { tile: number; width: number } {
  const rounded = Math.ceil(layer.bases / 4) * 4
  return rounded <= WORKGROUP_WORDS / 64
    ? { tile: rounded, width: 64 }
    : { tile: WORKGROUP_WORDS / 32, width: 32 }
}

/**
 * Outputs that a thread takes at once (shaders/value1.wgsl, value4.wgsl, value8.wgsl): `most`, or four, where everything that it
 * reads of the layer begins at a multiple of so many words, in every model; else one.
 */
export function valueWidth<W extends 4 | 8>(
  plan: Plan,
  layout: Layout,
  layer: LayerLayout,
  most: W,
): 1 | 4 | W {
  const { outputs, coef, scaleBase, scaleSpline, nodeScale, edges } = layer
  const strides = plan.models > 1 ? [layout.parameters, layout.edges] : []
  const all = [outputs, coef, scaleBase, scaleSpline, nodeScale, edges, ...strides]
  const divisible = (by: number): boolean => all.every(words => words % by === 0)
  return divisible(most) ? most : divisible(4) ? 4 : 1
}

/** How a layer's coefficient gradient is cut, and what that takes. */
export interface CoefCut {
  readonly sorted: boolean
  /** What the layer's record says: slices of the batch, or segments of a block of sorted rows. */
  readonly slices: Slices
  /** Blocks of rows that are sorted together; 1 where none are. */
  readonly blocks: number
  /** Words of partial gradients a model. */
  readonly partials: number
}

/** Slices of the batch: enough threads, and no more workgroups in y than there may be. */
function columnsCut(plan: Plan, layer: LayerLayout): CoefCut {
  const edges = layer.inputs * layer.outputs
  const wanted = Math.ceil(ENOUGH_THREADS / (edges * plan.models))
  const useful = Math.ceil(plan.batch / FEWEST_SLICE_ROWS)
  const possible = Math.floor(MOST_WORKGROUPS / Math.ceil(layer.bases / coefTile(layer).tile))
  const rows = Math.ceil(plan.batch / Math.max(1, Math.min(wanted, useful, possible)))
  const count = Math.ceil(plan.batch / rows)
  return { sorted: false, slices: { count, rows }, blocks: 1, partials: count * (layer.bases + 1) * edges }
}

/** Segments of each block of sorted rows (shaders/sorted_walk.wgsl): what is written grows by k + 2 sums an edge with each. */
function sortedCut(plan: Plan, layout: Layout, layer: LayerLayout, serial: boolean): CoefCut {
  const edges = layer.inputs * layer.outputs
  const blocks = Math.ceil(plan.batch / SORT_ROWS)
  const blockRows = Math.min(plan.batch, SORT_ROWS)
  const threads = (edges / valueWidth(plan, layout, layer, serial ? 8 : 4)) * plan.models * blocks
  const wanted = Math.ceil((serial ? ENOUGH_SERIAL_THREADS : ENOUGH_THREADS) / threads)
  const useful = Math.ceil(blockRows / FEWEST_SLICE_ROWS)
  const rows = Math.ceil(blockRows / Math.max(1, Math.min(wanted, useful)))
  const count = Math.ceil(blockRows / rows)
  const slots = layer.bases + (count - 1) * (layer.degree + 1) + count
  return { sorted: true, slices: { count, rows }, blocks, partials: blocks * slots * edges }
}

/** How the coefficient gradient of a layer is cut in a variant. */
export function coefCut(
  plan: Plan,
  layout: Layout,
  layer: LayerLayout,
  variant: LayerVariants['backward_coef'],
): CoefCut {
  return variant === 'columns'
    ? columnsCut(plan, layer)
    : sortedCut(plan, layout, layer, variant === 'serial')
}
