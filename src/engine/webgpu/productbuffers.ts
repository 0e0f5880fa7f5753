import { sumCount } from '../../model/shape.ts'
import type { LayerLayout, Layout } from '../../model/shape.ts'
import type { BufferAllocator } from './memory.ts'

/** What a layer with products has beside its sums: see shaders/factors.wgsl and products.wgsl. */
export interface ProductBuffers<B = GPUBuffer> {
  /** [nodes + 1]: the first output of each node. */
  readonly first: B
  /** [M][B][nodes]. */
  readonly nodes: B
}

/** Of the layers; undefined for one that only sums. */
export function createProductBuffers<B>(
  set: BufferAllocator<B>,
  { layers }: Layout,
  rows: number,
): (ProductBuffers<B> | undefined)[] {
  return layers.map(({ products, nodes }) =>
    products === undefined
      ? undefined
      : {
          first: set.storage('the factors of a layer', nodes + 1),
          nodes: set.storage('the nodes of a layer', rows * nodes),
        },
  )
}

/** Outputs of the widest layer with products; 0 where there is none. */
export function widestProducts({ layers }: Layout): number {
  return layers.reduce((most, { products, outputs }) => (products ? Math.max(most, outputs) : most), 0)
}

/** The first output of each node, and the end of the last: what `first` holds. */
export function firstOutputs(layer: LayerLayout): Uint32Array<ArrayBuffer> {
  const sums = sumCount(layer)
  const starts = Array.from({ length: sums + 1 }, (_, j) => j)
  for (const factors of layer.products ?? []) starts.push(starts.at(-1)! + factors)
  return Uint32Array.from(starts)
}
