import { OutOfMemoryError } from '../../errors.ts'
import type { MemoryUse } from '../engine.ts'
import type { LayerKernels } from './layer.ts'

/** Hands out zeroed arrays; the name says what for when there is no memory left. */
export interface Allocator {
  float64(name: string, length: number): Float64Array
  int32(name: string, length: number): Int32Array
  /** The kernels for rows of so many terms on this allocator's arrays, where there are faster ones than layer.ts. */
  kernels?(terms: number, tiles: Float64Array): LayerKernels | undefined
}

/** Bytes, number of arrays and the largest array of an allocation plan. */
export interface Footprint {
  readonly bytes: number
  readonly buffers: number
  readonly largest: { readonly name: string; readonly bytes: number }
}

/** What `allocate` would ask for, found by running it on an allocator that only counts. */
function measure(allocate: (allocator: Allocator) => unknown): Footprint {
  let bytes = 0
  let buffers = 0
  let largest = { name: 'nothing', bytes: 0 }
  const count = (name: string, size: number): void => {
    bytes += size
    buffers++
    if (size > largest.bytes) largest = { name, bytes: size }
  }
  allocate({
    float64(name, length) {
      count(name, 8 * length)
      return new Float64Array(0)
    },
    int32(name, length) {
      count(name, 4 * length)
      return new Int32Array(0)
    },
  })
  return { bytes, buffers, largest }
}

/** Arrays that the garbage collector looks after one by one. */
export function plainAllocator(): Allocator {
  return {
    float64: (_, length) => new Float64Array(length),
    int32: (_, length) => new Int32Array(length),
  }
}

/** Counts the bytes of all sessions of an engine, and refuses what exceeds the limit. */
export class Ledger {
  readonly #limit: number
  #bytes = 0
  #peak = 0
  #buffers = 0

  /** @param limit the most bytes that may be held at a time; Infinity leaves it to the process. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get use(): MemoryUse {
    return { bytes: this.#bytes, peak: this.#peak, buffers: this.#buffers }
  }

  /**
   * Runs `allocate` and counts what it took, all or nothing. Throws OutOfMemoryError when the whole would exceed the
   * limit, before the first array, or when the process has no memory left (RangeError); nothing is then counted.
   */
  take<T>(
    allocate: (allocator: Allocator) => T,
    makeAllocator: (footprint: Footprint) => Allocator = plainAllocator,
  ): { arrays: T; release: () => void } {
    const footprint = measure(allocate)
    const { bytes, buffers, largest } = footprint
    const remedy =
      'Lower the rows, the batch, the width, the grid or the number of models, or close other sessions.'
    const wanted = `The session needs ${bytes} bytes (most of them, ${largest.bytes}, for ${largest.name})`
    if (bytes > this.#limit - this.#bytes)
      throw new OutOfMemoryError(
        `${wanted}; the limit is ${this.#limit} bytes, of which ${this.#bytes} are held. ${remedy}`,
      )
    let arrays: T
    try {
      arrays = allocate(makeAllocator(footprint))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new OutOfMemoryError(
        `${wanted}; the limit is what this process can get, and that was less. ${this.#bytes} bytes are held. ${remedy}`,
      )
    }
    this.#bytes += bytes
    this.#buffers += buffers
    this.#peak = Math.max(this.#peak, this.#bytes)
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      this.#bytes -= bytes
      this.#buffers -= buffers
    }
    return { arrays, release }
  }
}
