import { ConfigError } from '../../errors.ts'
import { parameterGroups } from '../../model/shape.ts'
import type { Layout, Trainable } from '../../model/shape.ts'
import { checkAllKnots, checkUpload } from '../checks.ts'
import type { Plan, Rows, TrainingState, Upload } from '../engine.ts'
import { fillMask } from '../mask.ts'
import { packBest } from './best.ts'
import { evaluationChunks, evaluationRows, passCapacity } from './buffers.ts'
import type { SessionBuffers, SetBuffers } from './buffers.ts'
import { makePieces, piecesLayout } from './pieces.ts'
import { packMoments } from './optimizermemory.ts'
import { chunkOffset } from './stepslots.ts'
import { StepWords } from './uniforms.ts'

/** For each parameter of a model 1 where an optimizer may change it, else 0. */
function trainedFlags(layout: Layout, trainable: Trainable): Float64Array {
  const flags = new Float64Array(layout.parameters)
  for (const { name, start, size } of layout.layers.flatMap(parameterGroups))
    if (trainable[name]) flags.fill(1, start, start + size)
  return flags
}

/** Puts what the host says into a session's buffers, in float32, after checking it. */
export class Uploads {
  readonly #queue: GPUQueue
  readonly #plan: Plan
  readonly #layout: Layout
  readonly #buffers: SessionBuffers
  /** Knots as the device has them, for histograms: [M][knots]. */
  readonly knots: Float64Array
  /** Best losses as far as the host knows them: [M]. */
  readonly #bestLoss: Float64Array
  /** The model records: [M][4], learning rate and lambda first (shaders/common.wgsl). */
  readonly #records: Float32Array<ArrayBuffer>
  /** What was uploaded so far. */
  readonly #there = new Set<keyof Upload>()

  constructor(queue: GPUQueue, plan: Plan, layout: Layout, buffers: SessionBuffers) {
    this.#queue = queue
    this.#plan = plan
    this.#layout = layout
    this.#buffers = buffers
    this.knots = new Float64Array(plan.models * layout.knots)
    this.#bestLoss = new Float64Array(plan.models).fill(Infinity)
    this.#records = new Float32Array(plan.models * 4)
    this.#writeFloats(buffers.mask, fillMask(layout, new Float64Array(plan.models * layout.edges)))
    const trained = buffers.backward?.trained
    if (trained) this.#writeFloats(trained, trainedFlags(layout, plan.trainable))
    this.#writeChunkSlots()
  }

  /** Throws ConfigError unless all of these were uploaded. */
  need(...parts: readonly (keyof Upload)[]): void {
    const missing = parts.filter(part => !this.#there.has(part))
    if (missing.length > 0)
      throw new ConfigError(`Nothing was uploaded for ${missing.join(', ')}; call upload with it first.`)
  }

  /** Checks everything before it changes anything. */
  write(contents: Upload): void {
    const { models } = this.#plan
    const layout = this.#layout
    const buffers = this.#buffers
    checkUpload(contents, this.#plan, layout)
    const { parameters, mask, knots, training, validation, learningRate, lambda, state } = contents
    const rounded = knots && Float64Array.from(Float32Array.from(knots))
    // Knots that are apart in float64 can meet in float32; the shader would divide by their distance.
    if (rounded) checkAllKnots(layout, models, rounded)

    if (parameters) this.#writeFloats(buffers.parameters, parameters)
    if (mask) this.#writeFloats(buffers.mask, mask)
    if (rounded) this.#writeKnots(rounded)
    if (training && buffers.training) this.#writeRows(buffers.training, training)
    if (validation && buffers.validation) this.#writeRows(buffers.validation, validation)
    learningRate?.forEach((rate, m) => (this.#records[m * 4] = rate))
    lambda?.forEach((value, m) => (this.#records[m * 4 + 1] = value))
    if (learningRate ?? lambda) this.#queue.writeBuffer(buffers.models, 0, this.#records)
    if (state) this.#writeState(state)
    else if (parameters) this.#keepFirst(parameters)
    for (const part of ['parameters', 'knots', 'training', 'validation', 'learningRate'] as const)
      if (contents[part]) this.#there.add(part)
    if (state) this.#there.add('parameters')
  }

  /** Takes note of the best losses that the device reported. */
  noteBest(loss: Float64Array): void {
    this.#bestLoss.set(loss)
  }

  /** Until a model's first evaluation, the parameters that were uploaded are its best. */
  #keepFirst(parameters: Float64Array): void {
    const { backward } = this.#buffers
    if (!backward) return
    const size = this.#layout.parameters
    for (let m = 0; m < this.#plan.models; m++)
      if (this.#bestLoss[m] === Infinity)
        this.#queue.writeBuffer(
          backward.bestParameters,
          m * size * 4,
          Float32Array.from(parameters.subarray(m * size, (m + 1) * size)),
        )
  }

  #writeFloats(buffer: GPUBuffer, values: Float64Array): void {
    this.#queue.writeBuffer(buffer, 0, Float32Array.from(values))
  }

  #writeKnots(rounded: Float64Array): void {
    const layout = this.#layout
    this.knots.set(rounded)
    this.#writeFloats(this.#buffers.knots, rounded)
    const pieces = piecesLayout(layout)
    for (let m = 0; m < this.#plan.models; m++) {
      const own = rounded.subarray(m * layout.knots, (m + 1) * layout.knots)
      this.#queue.writeBuffer(this.#buffers.pieces, m * pieces.size * 4, makePieces(layout, pieces, own))
    }
  }

  #writeRows(buffers: SetBuffers, rows: Rows): void {
    this.#writeFloats(buffers.x, rows.x)
    this.#writeFloats(buffers.y, rows.y)
    this.#writeFloats(buffers.weights, rows.weights)
  }

  #writeState(state: TrainingState): void {
    const { backward } = this.#buffers
    if (!backward) return
    this.#writeFloats(this.#buffers.parameters, state.parameters)
    this.#writeFloats(backward.bestParameters, state.best.parameters)
    if (backward.moments) this.#queue.writeBuffer(backward.moments, 0, packMoments(state.optimizer))
    this.#queue.writeBuffer(backward.best, 0, packBest({ ...state.best, stepsDone: state.step }))
    this.noteBest(state.best.loss)
  }

  /** The step slots of an evaluation's chunks never change. */
  #writeChunkSlots(): void {
    const capacity = passCapacity(this.#plan)
    const rows = evaluationRows(this.#plan)
    const chunks = evaluationChunks(this.#plan)
    const words = new StepWords(chunks, this.#buffers.stepStride)
    for (let c = 0; c < chunks; c++)
      words.writeRange(c, c * capacity, Math.min(capacity, rows - c * capacity), rows)
    this.#queue.writeBuffer(this.#buffers.stepUniforms, chunkOffset(this.#buffers, 0), words.bytes)
  }
}
