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
  check(label: string, bytes: number, usage: GPUBufferUsageFlags): void {
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

/** The buffers of one session, freed together. */
export class BufferSet {
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

  /** A storage buffer of `words` 32-bit words that the host can write and read. */
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
