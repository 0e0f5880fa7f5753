import type { LayerLayout, Layout } from '../../model/shape.ts'
import type { PenaltyPlan } from '../engine.ts'
import type { BufferAllocator } from './memory.ts'

/** METRIC of the shaders. */
export const METRICS: Record<PenaltyPlan['metric'], number> = { paper: 0, edge_forward_spline_n: 1 }

/** What a plan with a penalty has beside what every plan has, one buffer a layer. Layouts: shaders/penalty.wgsl. */
export interface PenaltyBuffers<B = GPUBuffer> {
  readonly norms: readonly B[]
  readonly edges: readonly B[]
  readonly nodes: readonly B[]
}

/** Moments that edge_norms.wgsl writes of a layer: of its edges, and for pykan's metric of its inputs and of the weights. */
export function itemCount({ metric }: PenaltyPlan, { inputs, outputs }: LayerLayout): number {
  return inputs * outputs + METRICS[metric] * (inputs + 1)
}

/** Allocates for a penalty whose norms come in up to `chunks` passes. */
export function createPenaltyBuffers<B>(
  set: BufferAllocator<B>,
  penalty: PenaltyPlan,
  { layers }: Layout,
  models: number,
  chunks: number,
): PenaltyBuffers<B> {
  return {
    norms: layers.map(layer =>
      set.storage('the edge moments of a layer', 4 * chunks * models * itemCount(penalty, layer)),
    ),
    edges: layers.map(({ inputs, outputs }) =>
      set.storage('the edge norms of a layer', 4 * models * (inputs * outputs + inputs)),
    ),
    nodes: layers.map(({ inputs, outputs }) =>
      set.storage('the node norms of a layer', 2 * models * (inputs + outputs)),
    ),
  }
}
