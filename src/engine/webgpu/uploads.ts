import { ConfigError, ShapeError } from '../../errors.ts'
import type { Layout } from '../../model/shape.ts'
import { checkAllKnots, checkLength, checkRows } from '../checks.ts'
import type { Plan, Rows, TrainingState, Upload } from '../engine.ts'
import { packBest } from './best.ts'
import { evaluationChunks } from './buffers.ts'
import type { SessionBuffers, SetBuffers } from './buffers.ts'
import { makePieces, piecesLayout } from './pieces.ts'
import { CHUNK_SLOT } from './program.ts'
import { StepWords } from './uniforms.ts'

/** Puts what the host says into a session's buffers, in float32, after checking it. */
export class Uploads {
  readonly #queue: GPUQueue
  readonly #plan: Plan
  readonly #layout: Layout
  readonly #buffers: SessionBuffers
  /** Knots as the device has them, for histograms: [M][knots]. */
  readonly knots: Float64Array
  /** What was uploaded so far. */
  readonly #there = new Set<keyof Upload>()

  constructor(queue: GPUQueue, plan: Plan, layout: Layout, buffers: SessionBuffers) {
    this.#queue = queue
    this.#plan = plan
    this.#layout = layout
    this.#buffers = buffers
    this.knots = new Float64Array(plan.models * layout.knots)
    this.#writeChunkSlots()
  }

  /** Throws ConfigError unless all of these were uploaded. */
  need(...parts: readonly (keyof Upload)[]): void {
    const missing = parts.filter(part => !this.#there.has(part))
    if (missing.length > 0)
      throw new ConfigError(`Nothing was uploaded for ${missing.join(', ')}; call upload with it first.`)
  }

  write(contents: Upload): void {
    const { models } = this.#plan
    const layout = this.#layout
    const buffers = this.#buffers
    const { parameters, mask, knots, training, validation, learningRate, state } = contents
    if (parameters) {
      this.#writeModels('parameters', buffers.parameters, parameters, layout.parameters)
      // Until an evaluation finds better ones, these are the best.
      if (buffers.backward) this.#writeFloats(buffers.backward.bestParameters, parameters)
    }
    if (mask) this.#writeModels('mask', buffers.mask, mask, layout.edges)
    if (knots) this.#writeKnots(knots)
    if (training) this.#writeRows('training', buffers.training, training, this.#plan.rows)
    if (validation) {
      const own = this.#plan.validationRows > 0 ? buffers.validation : undefined
      this.#writeRows('validation', own, validation, this.#plan.validationRows)
    }
    if (learningRate) {
      checkLength('learningRate', learningRate, models, 'one a model')
      const records = new Float32Array(models * 4)
      learningRate.forEach((rate, m) => (records[m * 4] = rate))
      this.#queue.writeBuffer(buffers.models, 0, records)
    }
    if (state) this.#writeState(state)
    for (const part of ['parameters', 'knots', 'mask', 'training', 'validation', 'learningRate'] as const)
      if (contents[part]) this.#there.add(part)
    if (state) this.#there.add('parameters')
  }

  #writeFloats(buffer: GPUBuffer, values: Float64Array): void {
    this.#queue.writeBuffer(buffer, 0, Float32Array.from(values))
  }

  #writeModels(name: string, buffer: GPUBuffer, values: Float64Array, perModel: number): void {
    const { models } = this.#plan
    checkLength(name, values, models * perModel, `${perModel} a model for ${models} models`)
    this.#writeFloats(buffer, values)
  }

  #writeKnots(knots: Float64Array): void {
    const layout = this.#layout
    const { models } = this.#plan
    checkLength('knots', knots, models * layout.knots, `${layout.knots} a model for ${models} models`)
    const rounded = Float64Array.from(Float32Array.from(knots))
    // Knots that are apart in float64 can meet in float32; the shader would divide by their distance.
    checkAllKnots(layout, models, rounded)
    this.knots.set(rounded)
    this.#writeFloats(this.#buffers.knots, rounded)
    const pieces = piecesLayout(layout)
    for (let m = 0; m < models; m++) {
      const own = rounded.subarray(m * layout.knots, (m + 1) * layout.knots)
      this.#queue.writeBuffer(this.#buffers.pieces, m * pieces.size * 4, makePieces(layout, pieces, own))
    }
  }

  #writeRows(name: string, buffers: SetBuffers | undefined, rows: Rows, count: number): void {
    if (!buffers)
      throw new ConfigError(`The plan has no ${name} rows; say how many when the session is opened.`)
    checkRows(name, rows, count, this.#layout, this.#plan.loss)
    this.#writeFloats(buffers.x, rows.x)
    this.#writeFloats(buffers.y, rows.y)
    this.#writeFloats(buffers.weights, rows.weights)
  }

  #writeState(state: TrainingState): void {
    const { backward } = this.#buffers
    if (!backward)
      throw new ConfigError('A session with 0 training rows has no training state. Give rows in the plan.')
    const size = this.#layout.parameters
    this.#writeModels('state.parameters', this.#buffers.parameters, state.parameters, size)
    this.#writeModels('state.best.parameters', backward.bestParameters, state.best.parameters, size)
    const { first, second } = state.optimizer
    if (!first || !second)
      throw new ShapeError('state.optimizer has no moments of Adam; it is of a run with another optimizer.')
    const moments = new Float64Array(2 * first.length)
    for (let p = 0; p < first.length; p++) {
      moments[2 * p] = first[p]!
      moments[2 * p + 1] = second[p]!
    }
    this.#writeModels('state moments', backward.moments, moments, 2 * size)
    this.#queue.writeBuffer(backward.best, 0, packBest({ ...state.best, stepsDone: state.step }))
  }

  /** The step slots of an evaluation's chunks never change. */
  #writeChunkSlots(): void {
    const { batch, rows, validationRows } = this.#plan
    const chunks = evaluationChunks(this.#plan)
    const sourceRows = validationRows || rows
    const words = new StepWords(chunks, this.#buffers.stepStride)
    for (let c = 0; c < chunks; c++)
      words.writeRange(c, c * batch, Math.min(batch, sourceRows - c * batch), sourceRows)
    this.#queue.writeBuffer(this.#buffers.stepUniforms, CHUNK_SLOT * this.#buffers.stepStride, words.bytes)
  }
}
