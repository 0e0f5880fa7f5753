import { LBFGS_HISTORY } from '../memory.ts'
import { LBFGS_MEMORY, LBFGS_STATE_WORDS } from './buffers.ts'

/** Places of the words of the struct Lbfgs that the host knows of. */
const WORD = {
  phase: 0,
  iterations: 1,
  evaluations: 2,
  count: 4,
  newest: 5,
  loss: 6,
  scale: 7,
  level: 12,
  products: 22,
} as const

/** Phases: FRESH and READY of shaders/lbfgs_state.wgsl. */
const FRESH = 0
const READY = 1

/** The states as they came from the device, for every model. */
export interface LbfgsStates {
  readonly iterations: Float64Array
  readonly evaluations: Float64Array
  readonly loss: Float64Array
}

export function parseStates(readings: Float32Array): LbfgsStates {
  const words = new Uint32Array(readings.buffer, readings.byteOffset, readings.length)
  const field = (values: Float32Array | Uint32Array, word: number): Float64Array =>
    Float64Array.from(
      { length: readings.length / LBFGS_STATE_WORDS },
      (_, m) => values[m * LBFGS_STATE_WORDS + word]!,
    )
  return {
    iterations: field(words, WORD.iterations),
    evaluations: field(words, WORD.evaluations),
    loss: field(readings, WORD.loss),
  }
}

/** States of models that have done `iterations` and know nothing of where they stand. */
export function freshStates(
  models: number,
  iterations: number,
  evaluations: Float64Array,
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(models * LBFGS_STATE_WORDS)
  for (let m = 0; m < models; m++) {
    words[m * LBFGS_STATE_WORDS + WORD.phase] = FRESH
    words[m * LBFGS_STATE_WORDS + WORD.iterations] = iterations
    words[m * LBFGS_STATE_WORDS + WORD.evaluations] = evaluations[m]!
  }
  return words
}

/** The memory of L-BFGS (engine/memory.ts) of all models, from the device's. */
export function unpackLbfgs(
  memory: Float32Array,
  states: Float32Array,
  models: number,
  parameters: number,
): Record<string, Float64Array> {
  const words = new Uint32Array(states.buffer, states.byteOffset, states.length)
  const vectors = (first: number, count: number): Float64Array => {
    const values = new Float64Array(models * count * parameters)
    for (let m = 0; m < models; m++) {
      const start = (m * LBFGS_MEMORY + first) * parameters
      values.set(memory.subarray(start, start + count * parameters), m * count * parameters)
    }
    return values
  }
  const fields = (values: Float32Array | Uint32Array, word: number, count = 1): Float64Array =>
    Float64Array.from(
      { length: models * count },
      (_, p) => values[Math.floor(p / count) * LBFGS_STATE_WORDS + word + (p % count)]!,
    )
  const fresh = fields(words, WORD.phase).map(phase => (phase === FRESH ? -1 : 0))
  return {
    steps: vectors(0, LBFGS_HISTORY),
    changes: vectors(LBFGS_HISTORY, LBFGS_HISTORY),
    gradient: vectors(2 * LBFGS_HISTORY + 1, 1),
    products: fields(states, WORD.products, LBFGS_HISTORY),
    scale: fields(states, WORD.scale),
    count: fields(words, WORD.count).map((count, m) => (fresh[m]! < 0 ? -1 : count)),
    newest: fields(words, WORD.newest),
    loss: fields(states, WORD.loss),
    level: fields(words, WORD.level),
  }
}

/** Memory and states on the device, from a run's state; the base points are its parameters. */
export function packLbfgs(
  from: Readonly<Record<string, Float64Array>>,
  base: Float64Array,
  models: number,
  iterations: number,
  evaluations: Float64Array,
): { memory: Float32Array<ArrayBuffer>; states: Uint32Array<ArrayBuffer> } {
  const parameters = base.length / models
  const memory = new Float32Array(models * LBFGS_MEMORY * parameters)
  const states = freshStates(models, iterations, evaluations)
  const floats = new Float32Array(states.buffer)
  for (let m = 0; m < models; m++) {
    const part = (name: string, count: number): Float64Array =>
      from[name]!.subarray(m * count, (m + 1) * count)
    const start = m * LBFGS_MEMORY * parameters
    const rings = LBFGS_HISTORY * parameters
    memory.set(part('steps', rings), start)
    memory.set(part('changes', rings), start + rings)
    memory.set(base.subarray(m * parameters, (m + 1) * parameters), start + 2 * rings)
    memory.set(part('gradient', parameters), start + 2 * rings + parameters)
    const count = from['count']![m]!
    if (count < 0) continue
    const at = m * LBFGS_STATE_WORDS
    states[at + WORD.phase] = READY
    states[at + WORD.count] = count
    states[at + WORD.newest] = from['newest']![m]!
    states[at + WORD.level] = from['level']![m]!
    floats[at + WORD.loss] = from['loss']![m]!
    floats[at + WORD.scale] = from['scale']![m]!
    floats.set(part('products', LBFGS_HISTORY), at + WORD.products)
  }
  return { memory, states }
}
