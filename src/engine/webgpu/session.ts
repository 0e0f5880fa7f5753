import { ConfigError, DataError, DeviceLostError, ShapeError } from '../../errors.ts'
import { createLayout } from '../../model/shape.ts'
import type { Layout } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import type { Gradients, Plan, Progress, Rows, Session, TrainingState, Upload } from '../engine.ts'
import { evaluatesAfter } from '../schedule.ts'
import { BEST_WORDS, createBuffers, evaluationChunks, RING, targetWords } from './buffers.ts'
import type { SessionBuffers, SetBuffers, TrainingBuffers } from './buffers.ts'
import { BufferSet } from './memory.ts'
import type { DeviceMemory } from './memory.ts'
import { makePieces, piecesLayout } from './pieces.ts'
import type { Pipelines } from './pipelines.ts'
import { CHUNK_SLOT, createProgram, OUTSIDE_SLOT } from './program.ts'
import type { Program } from './program.ts'
import { readStretches, takeMapped } from './readback.ts'
import { StatisticsMerger } from './statistics.ts'
import { StepWords } from './uniforms.ts'

/** What a session needs of its engine. */
export interface SessionHost {
  readonly device: GPUDevice
  readonly memory: DeviceMemory
  readonly pipelines: Pipelines
  /** Milliseconds of GPU work a submission may hold. */
  readonly budget: number
  /** Throws DeviceLostError once the device is gone. */
  check(): void
  closed(session: GpuSession): void
}

/** Allocates in one go; the driver's own refusal is an OutOfMemoryError too. Scopes never interleave: nothing waits inside. */
async function allocate<T>(host: SessionHost, create: () => T): Promise<T> {
  host.device.pushErrorScope('out-of-memory')
  let result: T
  let exhausted: Promise<GPUError | null>
  try {
    result = create()
  } finally {
    exhausted = host.device.popErrorScope()
  }
  const error = await exhausted
  if (error) host.memory.refuse(error.message)
  return result
}

/** A plan in execution on the GPU: buffers, recordings, and the replay of steps. */
export class GpuSession implements Session {
  readonly plan: Plan
  readonly #host: SessionHost
  readonly #layout: Layout
  readonly #set: BufferSet
  readonly #buffers: SessionBuffers
  readonly #program: Program
  readonly #shared: GPUBindGroup
  readonly #stepWords: StepWords
  /** Knots as the device has them, for histograms: [M][knots]. */
  readonly #knots: Float64Array
  #step = 0
  #millisecondsPerStep = Infinity
  #open = true

  private constructor(
    host: SessionHost,
    plan: Plan,
    layout: Layout,
    set: BufferSet,
    buffers: SessionBuffers,
    program: Program,
  ) {
    this.plan = plan
    this.#host = host
    this.#layout = layout
    this.#set = set
    this.#buffers = buffers
    this.#program = program
    this.#knots = new Float64Array(plan.models * layout.knots)
    this.#stepWords = new StepWords(RING, buffers.stepStride)
    const whole = (buffer: GPUBuffer, size: number): GPUBufferBinding => ({ buffer, offset: 0, size })
    this.#shared = host.device.createBindGroup({
      label: 'webkan shared',
      layout: host.pipelines.shared,
      entries: [
        { binding: 0, resource: whole(buffers.layerUniforms, buffers.layerStride) },
        { binding: 1, resource: whole(buffers.stepUniforms, buffers.stepStride) },
        { binding: 2, resource: { buffer: buffers.models } },
      ],
    })
    this.#writeChunkSlots()
    this.#resetBest()
  }

  /** Allocates and records everything. On any failure nothing stays allocated. */
  static async open(host: SessionHost, plan: Plan): Promise<GpuSession> {
    const { device, memory, pipelines } = host
    const layout = createLayout(plan.layers)
    const set = new BufferSet(memory)
    try {
      const buffers = await allocate(host, () =>
        createBuffers(set, plan, layout, device.limits.minUniformBufferOffsetAlignment),
      )
      const program = await createProgram(device, pipelines, plan, layout, buffers)
      host.check()
      return new GpuSession(host, plan, layout, set, buffers, program)
    } catch (error) {
      set.destroy()
      host.check()
      throw error
    }
  }

  // oxlint-disable-next-line require-await -- throws become rejections
  async upload(contents: Upload): Promise<void> {
    this.#check()
    const { plan } = this
    const { models } = plan
    const layout = this.#layout
    const buffers = this.#buffers
    if (contents.parameters)
      this.#write('parameters', buffers.parameters, contents.parameters, models * layout.parameters)
    if (contents.mask) this.#write('mask', buffers.mask, contents.mask, models * layout.edges)
    if (contents.knots) this.#writeKnots(contents.knots)
    if (contents.training) this.#writeRows('training', buffers.training, contents.training, plan.rows)
    if (contents.validation)
      this.#writeRows(
        'validation',
        plan.validationRows ? buffers.validation : undefined,
        contents.validation,
        plan.validationRows,
      )
    if (contents.learningRate) {
      if (contents.learningRate.length !== models)
        throw new ShapeError(`learningRate has ${contents.learningRate.length} values for ${models} models.`)
      const records = new Float32Array(models * 4)
      contents.learningRate.forEach((rate, m) => (records[m * 4] = rate))
      this.#queue.writeBuffer(buffers.models, 0, records)
    }
    if (contents.state) this.#writeState(contents.state)
  }

  async run(steps: number): Promise<Progress> {
    this.#check()
    const parts: Progress[] = []
    for (let left = steps; left > 0; left -= RING) parts.push(await this.#runRing(Math.min(left, RING)))
    const final = parts.at(-1)
    if (!final) throw new ConfigError(`steps is ${steps}; a run takes at least one step.`)
    if (parts.length === 1) return final
    const join = (pick: (part: Progress) => Float64Array): Float64Array =>
      Float64Array.from(parts.flatMap(part => Array.from(pick(part))))
    return {
      ...final,
      losses: join(part => part.losses),
      evaluationSteps: join(part => part.evaluationSteps),
      evaluationLosses: join(part => part.evaluationLosses),
    }
  }

  async gradients(): Promise<Gradients> {
    this.#check()
    const { plan } = this
    const { backward } = this.#needTraining()
    const { gradients } = this.#program
    const inputs = plan.models * plan.batch * this.#layout.inputs
    this.#writeOutside(plan.batch, plan.rows)
    this.#submit(pass => gradients?.replay(pass, this.#shared, this.#outsideOffset))
    const [losses, parameters, byInputs, normaliser] = await this.#read([
      { buffer: backward.losses, bytes: plan.models * 4 },
      { buffer: backward.gradient, bytes: plan.models * this.#layout.parameters * 4 },
      { buffer: backward.outward[0]!, bytes: inputs * 4 },
      { buffer: backward.normaliser, bytes: plan.models * 4 },
    ])
    const perModel = inputs / plan.models
    return {
      loss: Float64Array.from(losses!),
      parameters: Float64Array.from(parameters!),
      inputs: Float64Array.from(byInputs!, (value, p) => value * normaliser![Math.floor(p / perModel)]!),
    }
  }

  async predict(x: Float64Array): Promise<Float64Array> {
    this.#check()
    const { models, batch } = this.plan
    const { layers, inputs, outputs } = this.#layout
    const last = layers.at(-1)!
    const rows = x.length / inputs
    const result = new Float64Array(models * rows * outputs)
    await this.#eachChunk(x, async (start, size) => {
      this.#submit(pass => this.#program.predict.replay(pass, this.#shared, this.#outsideOffset))
      const [sums, ...affine] = await this.#read([
        { buffer: this.#buffers.sums.at(-1)!, bytes: models * batch * outputs * 4 },
        ...Array.from({ length: models }, (_, m) => ({
          buffer: this.#buffers.parameters,
          offset: (m * this.#layout.parameters + last.nodeScale) * 4,
          bytes: 2 * outputs * 4,
        })),
      ])
      for (let m = 0; m < models; m++)
        for (let p = 0; p < size * outputs; p++) {
          const j = p % outputs
          result[(m * rows + start) * outputs + p] =
            affine[m]![j]! * sums![m * batch * outputs + p]! + affine[m]![outputs + j]!
        }
    })
    return result
  }

  async statistics(x: Float64Array): Promise<LayerStatistics[][]> {
    this.#check()
    const { models, batch } = this.plan
    const layout = this.#layout
    const set = new BufferSet(this.#host.memory)
    try {
      const target = set.storage('edge statistics', models * layout.edges * 4)
      const edgeStatistics = await this.#program.edgeStatistics(target)
      const mergers = Array.from(
        { length: models },
        (_, m) =>
          new StatisticsMerger(layout, this.#knots.subarray(m * layout.knots, (m + 1) * layout.knots)),
      )
      const hidden = layout.layers.slice(0, -1)
      await this.#eachChunk(x, async (start, size) => {
        this.#submit(pass => {
          this.#program.predict.replay(pass, this.#shared, this.#outsideOffset)
          edgeStatistics.replay(pass, this.#shared, this.#outsideOffset)
        })
        const [edges, parameters, ...sums] = await this.#read([
          { buffer: target, bytes: models * layout.edges * 16 },
          { buffer: this.#buffers.parameters, bytes: models * layout.parameters * 4 },
          ...hidden.map((layer, l) => ({
            buffer: this.#buffers.sums[l]!,
            bytes: models * batch * layer.outputs * 4,
          })),
        ])
        mergers.forEach((merger, m) => {
          const own = m * layout.parameters
          const nodes = hidden.map((layer, l) => {
            const first = m * batch * layer.outputs
            return Float64Array.from(sums[l]!.subarray(first, first + size * layer.outputs), (sum, p) => {
              const j = p % layer.outputs
              return parameters![own + layer.nodeScale + j]! * sum + parameters![own + layer.nodeBias + j]!
            })
          })
          merger.add({
            rows: size,
            inputs: [x.subarray(start * layout.inputs, (start + size) * layout.inputs), ...nodes],
            edges: edges!.subarray(m * layout.edges * 4, (m + 1) * layout.edges * 4),
          })
        })
      })
      return mergers.map(merger => merger.finish())
    } finally {
      set.destroy()
    }
  }

  async read(): Promise<TrainingState> {
    this.#check()
    const { backward } = this.#needTraining()
    const size = this.plan.models * this.#layout.parameters
    const [parameters, moments, bestParameters, best] = await this.#read([
      { buffer: this.#buffers.parameters, bytes: size * 4 },
      { buffer: backward.moments, bytes: size * 8 },
      { buffer: backward.bestParameters, bytes: size * 4 },
      { buffer: backward.best, bytes: this.plan.models * BEST_WORDS * 4 },
    ])
    return {
      step: this.#step,
      parameters: Float64Array.from(parameters!),
      first: Float64Array.from({ length: size }, (_, p) => moments![2 * p]!),
      second: Float64Array.from({ length: size }, (_, p) => moments![2 * p + 1]!),
      best: { parameters: Float64Array.from(bestParameters!), ...this.#parseBest(best!) },
    }
  }

  // oxlint-disable-next-line require-await -- part of an asynchronous interface
  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#set.destroy()
    this.#host.closed(this)
  }

  get #queue(): GPUQueue {
    return this.#host.device.queue
  }

  get #outsideOffset(): number {
    return OUTSIDE_SLOT * this.#buffers.stepStride
  }

  #check(): void {
    this.#host.check()
    if (!this.#open) throw new DeviceLostError('This session was closed. Open a new one.')
  }

  #needTraining(): { backward: TrainingBuffers } {
    const { backward } = this.#buffers
    if (!backward)
      throw new ConfigError(
        'This session was opened with 0 training rows and can only predict. Give rows in the plan.',
      )
    return { backward }
  }

  #read(stretches: Parameters<typeof readStretches>[2]): Promise<Float32Array[]> {
    return readStretches(this.#host.device, this.#host.memory, stretches)
  }

  /** Encodes one compute pass and submits it. */
  #submit(encode: (pass: GPUComputePassEncoder) => void): void {
    const encoder = this.#host.device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    encode(pass)
    pass.end()
    this.#queue.submit([encoder.finish()])
  }

  /** At most RING steps, in submissions that fit the time budget, with one read-back. */
  async #runRing(steps: number): Promise<Progress> {
    const { plan } = this
    const { models } = plan
    const { backward } = this.#needTraining()
    const { step: stepRecording, evaluate } = this.#program
    const evaluationSteps: number[] = []
    for (let s = 0; s < steps; s++) {
      this.#stepWords.writeStep(s, plan, this.#step + s, s, evaluationSteps.length)
      if (evaluatesAfter(plan, this.#step + s)) evaluationSteps.push(this.#step + s + 1)
    }
    const { stepStride } = this.#buffers
    this.#queue.writeBuffer(this.#buffers.stepUniforms, 0, this.#stepWords.bytes, 0, steps * stepStride)
    const perSubmission = Math.max(
      1,
      Math.min(steps, Math.floor(this.#host.budget / this.#millisecondsPerStep)),
    )
    const began = performance.now()
    for (let first = 0; first < steps; first += perSubmission)
      this.#submit(pass => {
        for (let s = first; s < Math.min(steps, first + perSubmission); s++) {
          stepRecording?.replay(pass, this.#shared, s * stepStride)
          if (evaluatesAfter(plan, this.#step + s)) evaluate?.replay(pass, this.#shared, s * stepStride)
        }
      })

    const lossWords = steps * models
    const evaluationWords = evaluationSteps.length * models
    const words = lossWords + evaluationWords + models * BEST_WORDS
    const encoder = this.#host.device.createCommandEncoder()
    const { staging } = backward
    encoder.copyBufferToBuffer(backward.losses, 0, staging, 0, lossWords * 4)
    encoder.copyBufferToBuffer(backward.evaluations, 0, staging, lossWords * 4, evaluationWords * 4)
    encoder.copyBufferToBuffer(
      backward.best,
      0,
      staging,
      (lossWords + evaluationWords) * 4,
      models * BEST_WORDS * 4,
    )
    this.#queue.submit([encoder.finish()])
    const readings = new Float32Array(await takeMapped(staging, words * 4))
    this.#host.check()
    this.#millisecondsPerStep = (performance.now() - began) / steps
    this.#step += steps

    const best = this.#parseBest(readings.subarray(lossWords + evaluationWords))
    if (best.stepsDone !== this.#step)
      throw new DeviceLostError(
        `The GPU did ${best.stepsDone} of ${this.#step} steps and then stopped answering. Request a new engine and start again from the last checkpoint.`,
      )
    return {
      step: this.#step,
      losses: Float64Array.from(readings.subarray(0, lossWords)),
      evaluationSteps: Float64Array.from(evaluationSteps),
      evaluationLosses: Float64Array.from(readings.subarray(lossWords, lossWords + evaluationWords)),
      bestLoss: best.loss,
      bestStep: best.step,
      stopped: best.stopped,
    }
  }

  /** The struct Best of every model. */
  #parseBest(readings: Float32Array) {
    const words = new Uint32Array(readings.buffer, readings.byteOffset, readings.length)
    const field = (values: Float32Array | Uint32Array, word: number): Float64Array =>
      Float64Array.from({ length: this.plan.models }, (_, m) => values[m * BEST_WORDS + word]!)
    return {
      loss: field(readings, 0),
      step: field(words, 1),
      stale: field(words, 2),
      stopped: field(words, 3),
      stepsDone: words[5]!,
    }
  }

  #resetBest(): void {
    const { backward } = this.#buffers
    if (!backward) return
    const none = new Float64Array(this.plan.models)
    this.#writeBest({ loss: none.map(() => Infinity), step: none, stale: none, stopped: none })
  }

  #writeBest(best: Omit<TrainingState['best'], 'parameters'>): void {
    const { models } = this.plan
    const words = new Uint32Array(models * BEST_WORDS)
    const floats = new Float32Array(words.buffer)
    for (let m = 0; m < models; m++) {
      floats[m * BEST_WORDS] = best.loss[m]!
      words[m * BEST_WORDS + 1] = best.step[m]!
      words[m * BEST_WORDS + 2] = best.stale[m]!
      words[m * BEST_WORDS + 3] = best.stopped[m]!
      words[m * BEST_WORDS + 5] = this.#step
    }
    this.#queue.writeBuffer(this.#needTraining().backward.best, 0, words)
  }

  #writeState(state: TrainingState): void {
    const { backward } = this.#needTraining()
    const size = this.plan.models * this.#layout.parameters
    this.#write('state.parameters', this.#buffers.parameters, state.parameters, size)
    this.#write('state.best.parameters', backward.bestParameters, state.best.parameters, size)
    const moments = new Float64Array(2 * size)
    for (let p = 0; p < size; p++) {
      moments[2 * p] = state.first[p]!
      moments[2 * p + 1] = state.second[p]!
    }
    this.#write('state moments', backward.moments, moments, 2 * size)
    this.#step = state.step
    this.#writeBest(state.best)
  }

  #write(name: string, buffer: GPUBuffer, values: Float64Array, size: number): void {
    if (values.length !== size)
      throw new ShapeError(`${name} has ${values.length} values; this session needs ${size}.`)
    this.#queue.writeBuffer(buffer, 0, Float32Array.from(values))
  }

  #writeKnots(knots: Float64Array): void {
    const layout = this.#layout
    this.#write('knots', this.#buffers.knots, knots, this.plan.models * layout.knots)
    const pieces = piecesLayout(layout)
    this.#knots.set(Float32Array.from(knots))
    for (let m = 0; m < this.plan.models; m++)
      this.#queue.writeBuffer(
        this.#buffers.pieces,
        m * pieces.size * 4,
        makePieces(layout, pieces, this.#knots.subarray(m * layout.knots, (m + 1) * layout.knots)),
      )
  }

  #writeRows(name: string, buffers: SetBuffers | undefined, rows: Rows, count: number): void {
    if (!buffers)
      throw new ConfigError(`The plan has no ${name} rows; give their number before they are uploaded.`)
    const total = rows.weights.reduce((sum, weight) => sum + weight, 0)
    if (!(total > 0))
      throw new DataError(
        `The weights of the ${name} rows add up to ${total}; at least one must be positive.`,
      )
    if (this.plan.loss === 'cross-entropy') {
      const wrong = rows.y.findIndex(
        label => !(Number.isInteger(label) && label >= 0 && label < this.#layout.outputs),
      )
      if (wrong >= 0)
        throw new DataError(
          `The class of ${name} row ${wrong} is ${rows.y[wrong]}; classes are 0 to ${this.#layout.outputs - 1}.`,
        )
    }
    this.#write(`${name} x`, buffers.x, rows.x, count * this.#layout.inputs)
    this.#write(`${name} y`, buffers.y, rows.y, count * targetWords(this.plan, this.#layout))
    this.#write(`${name} weights`, buffers.weights, rows.weights, count)
  }

  /** The step slot for work outside training: `size` rows in order. */
  #writeOutside(size: number, sourceRows: number): void {
    const words = new StepWords(1, this.#buffers.stepStride)
    words.writeRange(0, 0, size, sourceRows)
    this.#queue.writeBuffer(this.#buffers.stepUniforms, this.#outsideOffset, words.bytes)
  }

  /** The step slots of an evaluation's chunks never change. */
  #writeChunkSlots(): void {
    const { plan } = this
    const chunks = evaluationChunks(plan)
    const rows = plan.validationRows || plan.rows
    const words = new StepWords(chunks, this.#buffers.stepStride)
    for (let c = 0; c < chunks; c++)
      words.writeRange(c, c * plan.batch, Math.min(plan.batch, rows - c * plan.batch), rows)
    this.#queue.writeBuffer(this.#buffers.stepUniforms, CHUNK_SLOT * this.#buffers.stepStride, words.bytes)
  }

  /** Puts rows into the inbox, a batch at a time; missing rows of the last one are left as they were and do not count. */
  async #eachChunk(x: Float64Array, work: (start: number, size: number) => Promise<void>): Promise<void> {
    const { inputs } = this.#layout
    const rows = x.length / inputs
    if (!Number.isInteger(rows) || rows === 0)
      throw new ShapeError(
        `x has ${x.length} values; it needs a multiple of the ${inputs} inputs, and at least one row.`,
      )
    for (let start = 0; start < rows; start += this.plan.batch) {
      const size = Math.min(this.plan.batch, rows - start)
      const chunk = Float32Array.from(x.subarray(start * inputs, (start + size) * inputs))
      this.#queue.writeBuffer(this.#buffers.inbox, 0, chunk)
      this.#writeOutside(size, size)
      await work(start, size)
    }
  }
}
