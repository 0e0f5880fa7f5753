import { OutOfMemoryError } from '../../errors.ts'
import type { MemoryUse } from '../engine.ts'

/** What to lower when a buffer does not fit. */
const REMEDY = 'Use a smaller batch, fewer nodes, a coarser grid or fewer models, or the CPU engine.'

/** Counts every buffer of a device, and refuses one that exceeds its limits before it is allocated. */
export class DeviceMemory {
  readonly #device: GPUDevice
  #bytes = 0
  #peak = 0
  #buffers = 0

  constructor(device: GPUDevice) {
    this.#device = device
  }

  use(): MemoryUse {
    return { bytes: this.#bytes, peak: this.#peak, buffers: this.#buffers }
  }

  /**
   * Throws OutOfMemoryError when `bytes` cannot be one buffer here. Every storage buffer is bound whole, so the binding limit
   * holds beside the buffer limit.
   */
  check(label: string, bytes: number, usage: GPUBufferUsageFlags): undefined {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits
    const bound = (usage & GPUBufferUsage.STORAGE) !== 0
    const limit = bound ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize
    if (bytes > limit)
      throw new OutOfMemoryError(
        `${label} needs ${bytes} bytes in one buffer; this device's limit is ${limit}. ${REMEDY}`,
      )
  }

  /** The driver itself found no room for what was just created. */
  refuse(details: string): never {
    throw new OutOfMemoryError(
      `The GPU has no room for the ${this.#bytes} bytes that its ${this.#buffers} buffers need (${details}). ${REMEDY}`,
    )
  }

  create(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 4) * 4)
    this.check(label, size, usage)
    const buffer = this.#device.createBuffer({ label, size, usage })
    this.#bytes += size
    this.#buffers++
    this.#peak = Math.max(this.#peak, this.#bytes)
    return buffer
  }

  destroy(buffer: GPUBuffer): void {
    this.#bytes -= buffer.size
    this.#buffers--
    buffer.destroy()
  }
}

/** Hands out buffers of kind B: real ones, or none, to see whether they would fit. */
export interface BufferAllocator<B> {
  create(label: string, bytes: number, usage: GPUBufferUsageFlags): B
  /** A storage buffer of `words` 32-bit words that the host can write and read. */
  storage(label: string, words: number): B
}

/** Only checks sizes against the limits: a session that does not fit is refused before its first buffer is allocated. */
export function dryAllocator(memory: DeviceMemory): BufferAllocator<undefined> {
  return {
    create: (label, bytes, usage) => memory.check(label, bytes, usage),
    storage: (label, words) => memory.check(label, words * 4, GPUBufferUsage.STORAGE),
  }
}

/** The buffers of one session, freed together. */
export class BufferSet implements BufferAllocator<GPUBuffer> {
  readonly #memory: DeviceMemory
  readonly #buffers: GPUBuffer[] = []

  constructor(memory: DeviceMemory) {
    this.#memory = memory
  }

  create(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.#memory.create(label, bytes, usage)
    this.#buffers.push(buffer)
    return buffer
  }

  storage(label: string, words: number): GPUBuffer {
    return this.create(
      label,
      words * 4,
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    )
  }

  destroy(): void {
    for (const buffer of this.#buffers.splice(0)) this.#memory.destroy(buffer)
  }
}
