import { DeviceLostError } from '../../errors.ts'
import { BufferSet } from './memory.ts'
import type { DeviceMemory } from './memory.ts'

/** A stretch of a buffer, in bytes. */
export interface Stretch {
  readonly buffer: GPUBuffer
  readonly offset?: number
  readonly bytes: number
}

/** Waits for a mapped copy and takes its bytes home. A device lost or a session closed meanwhile is a DeviceLostError. */
export async function takeMapped(staging: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
  try {
    await staging.mapAsync(GPUMapMode.READ, 0, bytes)
  } catch (error) {
    throw new DeviceLostError(
      'Results could not be read back: the session was closed meanwhile, or the GPU was lost. Start again from the last checkpoint.',
      { cause: error },
    )
  }
  const copy = staging.getMappedRange(0, bytes).slice(0)
  staging.unmap()
  return copy
}

/** Bytes that are read home at once: a staging buffer for the whole state of a large run could exceed the device's limit. */
const MOST_STAGED = 2 ** 26

/** The stretches in groups of up to MOST_STAGED bytes; a longer one is a group of its own. */
function groupStretches(stretches: readonly Stretch[]): Stretch[][] {
  const groups: Stretch[][] = []
  let room = 0
  for (const stretch of stretches) {
    if (stretch.bytes > room) {
      groups.push([])
      room = MOST_STAGED
    }
    groups.at(-1)!.push(stretch)
    room -= stretch.bytes
  }
  return groups
}

/** Reads stretches of buffers home, one array of float32 each, through staging buffers that live for this call only. */
export async function readStretches(
  device: GPUDevice,
  memory: DeviceMemory,
  stretches: readonly Stretch[],
): Promise<Float32Array[]> {
  const readings: Float32Array[] = []
  for (const group of groupStretches(stretches)) readings.push(...(await readGroup(device, memory, group)))
  return readings
}

async function readGroup(
  device: GPUDevice,
  memory: DeviceMemory,
  stretches: readonly Stretch[],
): Promise<Float32Array[]> {
  const set = new BufferSet(memory)
  try {
    const total = stretches.reduce((sum, stretch) => sum + stretch.bytes, 0)
    const staging = set.create('a read-back', total, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST)
    const encoder = device.createCommandEncoder()
    let offset = 0
    for (const stretch of stretches) {
      encoder.copyBufferToBuffer(stretch.buffer, stretch.offset ?? 0, staging, offset, stretch.bytes)
      offset += stretch.bytes
    }
    device.queue.submit([encoder.finish()])
    const bytes = await takeMapped(staging, total)
    offset = 0
    return stretches.map(stretch => {
      const values = new Float32Array(bytes, offset, stretch.bytes / 4)
      offset += stretch.bytes
      return values
    })
  } finally {
    set.destroy()
  }
}
