import { RING } from './buffers.ts'
import type { SessionBuffers } from './buffers.ts'

/** Step slots beyond the ring: one for work outside training, then one a chunk of an evaluation. */
const OUTSIDE_SLOT = RING
const CHUNK_SLOT = RING + 1

/** Offset in bytes of the slot for work outside training. */
export function outsideOffset({ stepStride }: SessionBuffers): number {
  return OUTSIDE_SLOT * stepStride
}

/** Offset in bytes of the slot of an evaluation's chunk. */
export function chunkOffset({ stepStride }: SessionBuffers, chunk: number): number {
  return (CHUNK_SLOT + chunk) * stepStride
}
