import type { BestState } from '../engine.ts'
import { BEST_WORDS } from './buffers.ts'

/** The struct Best of shaders/common.wgsl, for every model, as the host sees it. */
export interface BestRecords extends Omit<BestState, 'parameters'> {
  /** Steps the device says it did; written by every step. */
  readonly stepsDone: number
}

/** Before the first evaluation. */
export function noBest(models: number): BestRecords {
  const none = new Float64Array(models)
  return { loss: none.map(() => Infinity), step: none, stale: none, stopped: none, stepsDone: 0 }
}

export function packBest(best: BestRecords): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(best.loss.length * BEST_WORDS)
  const floats = new Float32Array(words.buffer)
  for (let m = 0; m < best.loss.length; m++) {
    const at = m * BEST_WORDS
    floats[at] = best.loss[m]!
    words[at + 1] = best.step[m]!
    words[at + 2] = best.stale[m]!
    words[at + 3] = best.stopped[m]!
    words[at + 5] = best.stepsDone
  }
  return words
}

/** Reads the records as they came from the device; the integers lie among floats. */
export function parseBest(readings: Float32Array): BestRecords {
  const words = new Uint32Array(readings.buffer, readings.byteOffset, readings.length)
  const field = (values: Float32Array | Uint32Array, word: number): Float64Array =>
    Float64Array.from({ length: readings.length / BEST_WORDS }, (_, m) => values[m * BEST_WORDS + word]!)
  return {
    loss: field(readings, 0),
    step: field(words, 1),
    stale: field(words, 2),
    stopped: field(words, 3),
    stepsDone: words[5]!,
  }
}
