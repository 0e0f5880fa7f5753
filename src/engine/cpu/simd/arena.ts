import type { Allocator, Footprint } from '../memory.ts'
import { plainAllocator } from '../memory.ts'
import { simdKernels } from './instance.ts'
import type { SimdModules } from './instance.ts'

const PAGE = 65536
/** What 32-bit addresses reach. */
const MOST = 2 ** 32
/** A line of the cache: eight outputs, which the kernels take together, are one. */
const ALIGNMENT = 64

/**
 * Arrays next to each other in one WebAssembly memory, which the kernels see; ordinary arrays (and no kernels) where the session is
 * larger than 4 GiB or the process has no addresses left for such a memory (V8 reserves 8 GiB of them). With `shared` other
 * threads may see them too.
 */
export function arenaAllocator(
  modules: SimdModules,
  { bytes, buffers }: Footprint,
  shared: boolean,
): Allocator & { readonly memory?: WebAssembly.Memory } {
  const memory = reserve(bytes + buffers * ALIGNMENT, shared)
  if (memory === undefined) return plainAllocator()
  const { buffer } = memory
  let next = 0
  const place = (size: number): number => {
    const at = next
    next += Math.ceil(size / ALIGNMENT) * ALIGNMENT
    return at
  }
  return {
    memory,
    float64: (_, length) => new Float64Array(buffer, place(8 * length), length),
    int32: (_, length) => new Int32Array(buffer, place(4 * length), length),
    kernels(terms, tiles) {
      const module = modules.get(terms)
      return module && simdKernels(module, memory, tiles)
    },
  }
}

function reserve(bytes: number, shared: boolean): WebAssembly.Memory | undefined {
  const pages = Math.ceil(bytes / PAGE)
  if (pages * PAGE > MOST) return undefined
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
