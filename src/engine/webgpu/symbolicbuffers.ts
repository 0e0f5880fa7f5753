import type { Layout } from '../../model/shape.ts'
import type { BufferAllocator } from './memory.ts'

/** What a layer with symbolic edges has beside its parameters: see shaders/symbolic_edges.wgsl and symbolic.wgsl. */
export interface SymbolicBuffers<B = GPUBuffer> {
  /** [symbolic edges][4]. */
  readonly edges: B
  /** [outputs + 1]. */
  readonly starts: B
}

/** Of the layers; undefined for one without symbolic edges. */
export function createSymbolicBuffers<B>(
  set: BufferAllocator<B>,
  { layers }: Layout,
): (SymbolicBuffers<B> | undefined)[] {
  return layers.map(({ symbolic = [], outputs }) =>
    symbolic.length === 0
      ? undefined
      : {
          edges: set.storage('the symbolic edges of a layer', 4 * symbolic.length),
          starts: set.storage('the symbolic edges of a layer', outputs + 1),
        },
  )
}
