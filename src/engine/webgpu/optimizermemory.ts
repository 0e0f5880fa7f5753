import { LBFGS_MEMORY, LBFGS_STATE_WORDS } from './buffers.ts'
import type { TrainingBuffers } from './buffers.ts'
import { unpackLbfgs } from './lbfgsstate.ts'
import type { Stretch } from './readback.ts'

/** What must be read home to know an optimizer's memory. */
export function memoryStretches(
  { moments, lbfgs }: TrainingBuffers,
  models: number,
  parameters: number,
): Stretch[] {
  const size = models * parameters
  if (lbfgs)
    return [
      { buffer: lbfgs.memory, bytes: 4 * LBFGS_MEMORY * size },
      { buffer: lbfgs.states, bytes: 4 * models * LBFGS_STATE_WORDS },
    ]
  return moments ? [{ buffer: moments, bytes: 8 * size }] : []
}

/** The memory (engine/memory.ts) in what memoryStretches asked for. */
export function unpackMemory(
  [first, second]: readonly Float32Array[],
  models: number,
  parameters: number,
): Record<string, Float64Array> {
  if (first && second) return unpackLbfgs(first, second, models, parameters)
  const size = models * parameters
  return {
    first: Float64Array.from({ length: size }, (_, p) => first![2 * p]!),
    second: Float64Array.from({ length: size }, (_, p) => first![2 * p + 1]!),
  }
}

/** Adam's memory as the device has it: (first, second) a parameter. */
export function packMoments({
  first,
  second,
}: Readonly<Record<string, Float64Array>>): Float32Array<ArrayBuffer> {
  const moments = new Float32Array(2 * first!.length)
  for (let p = 0; p < first!.length; p++) {
    moments[2 * p] = first![p]!
    moments[2 * p + 1] = second![p]!
  }
  return moments
}
