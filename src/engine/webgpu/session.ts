import { ConfigError, DeviceLostError } from '../../errors.ts'
import { createLayout } from '../../model/shape.ts'
import type { Layout } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import { checkPlan } from '../checks.ts'
import type { Gradients, Plan, Progress, Session, TrainingState, Upload } from '../engine.ts'
import { evaluatesAfter } from '../schedule.ts'
import { noBest, packBest, parseBest } from './best.ts'
import { BEST_WORDS, createBuffers, RING } from './buffers.ts'
import type { SessionBuffers, TrainingBuffers } from './buffers.ts'
import { predictRows, statisticsOfRows } from './inference.ts'
import type { InferenceHost } from './inference.ts'
import { BufferSet } from './memory.ts'
import { gpuOptimizer } from './optimizer.ts'
import type { DeviceMemory } from './memory.ts'
import type { Pipelines } from './pipelines.ts'
import { createProgram, OUTSIDE_SLOT } from './program.ts'
import type { Program } from './program.ts'
import { readStretches, takeMapped } from './readback.ts'
import type { Recording } from './recording.ts'
import { StepWords } from './uniforms.ts'
import { Uploads } from './uploads.ts'

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

/** Rows at a time of a session that only predicts and leaves the choice to the engine. */
const PREDICT_ROWS = 1024

/** Allocates in one go; the driver's own refusal is an OutOfMemoryError too. Nothing waits inside, so scopes never interleave. */
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
  readonly #uploads: Uploads
  readonly #stepWords: StepWords
  readonly #outsideWords: StepWords
  readonly #inference: InferenceHost
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
    const { queue } = host.device
    this.plan = plan
    this.#host = host
    this.#layout = layout
    this.#set = set
    this.#buffers = buffers
    this.#program = program
    this.#uploads = new Uploads(queue, plan, layout, buffers)
    this.#stepWords = new StepWords(RING, buffers.stepStride)
    this.#outsideWords = new StepWords(1, buffers.stepStride)
    this.#shared = host.device.createBindGroup({
      label: 'webkan shared',
      layout: host.pipelines.shared,
      entries: [
        { binding: 0, resource: { buffer: buffers.layerUniforms, size: buffers.layerStride } },
        { binding: 1, resource: { buffer: buffers.stepUniforms, size: buffers.stepStride } },
        { binding: 2, resource: { buffer: buffers.models } },
      ],
    })
    this.#inference = {
      plan,
      layout,
      buffers,
      program,
      queue,
      memory: host.memory,
      knots: this.#uploads.knots,
      writeOutside: (size, sourceRows) => this.#writeOutside(size, sourceRows),
      replay: recordings => this.#replayOutside(recordings),
      read: stretches => readStretches(host.device, host.memory, stretches),
    }
    if (buffers.backward) queue.writeBuffer(buffers.backward.best, 0, packBest(noBest(plan.models)))
  }

  /** Allocates and records everything. On any failure nothing stays allocated. */
  static async open(host: SessionHost, asked: Plan): Promise<GpuSession> {
    checkPlan(asked)
    gpuOptimizer(asked)
    const plan = asked.batch > 0 ? asked : { ...asked, batch: PREDICT_ROWS }
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

  async upload(contents: Upload): Promise<void> {
    this.#check()
    this.#uploads.write(contents)
    if (contents.state) this.#step = contents.state.step
  }

  async run(steps: number): Promise<Progress> {
    this.#check()
    if (!Number.isInteger(steps) || steps < 1)
      throw new ConfigError(`steps is ${steps}; a run takes a whole number of steps, at least 1.`)
    this.#needTraining()
    this.#uploads.need('parameters', 'knots', 'mask', 'training', 'learningRate')
    if (this.plan.validationRows > 0) this.#uploads.need('validation')
    const parts: Progress[] = []
    for (let left = steps; left > 0; left -= RING) parts.push(await this.#runRing(Math.min(left, RING)))
    const join = (pick: (part: Progress) => Float64Array): Float64Array =>
      Float64Array.from(parts.flatMap(part => Array.from(pick(part))))
    return {
      ...parts.at(-1)!,
      losses: join(part => part.losses),
      evaluationSteps: join(part => part.evaluationSteps),
      evaluationLosses: join(part => part.evaluationLosses),
    }
  }

  async gradients(): Promise<Gradients> {
    this.#check()
    const { models, batch, rows } = this.plan
    const backward = this.#needTraining()
    this.#uploads.need('parameters', 'knots', 'mask', 'training')
    const inputs = batch * this.#layout.inputs
    this.#writeOutside(batch, rows)
    this.#replayOutside([this.#program.gradients!])
    const [losses, parameters, byInputs, normaliser] = await this.#inference.read([
      { buffer: backward.losses, bytes: models * 4 },
      { buffer: backward.gradient, bytes: models * this.#layout.parameters * 4 },
      { buffer: backward.outward[0], bytes: models * inputs * 4 },
      { buffer: backward.normaliser, bytes: models * 4 },
    ])
    return {
      loss: Float64Array.from(losses!),
      parameters: Float64Array.from(parameters!),
      inputs: Float64Array.from(byInputs!, (value, p) => value * normaliser![Math.floor(p / inputs)]!),
    }
  }

  async predict(x: Float64Array): Promise<Float64Array> {
    this.#check()
    this.#uploads.need('parameters', 'knots', 'mask')
    return predictRows(this.#inference, x)
  }

  async statistics(x: Float64Array): Promise<LayerStatistics[][]> {
    this.#check()
    this.#uploads.need('parameters', 'knots', 'mask')
    return statisticsOfRows(this.#inference, x)
  }

  async read(): Promise<TrainingState> {
    this.#check()
    const backward = this.#needTraining()
    const size = this.plan.models * this.#layout.parameters
    const [parameters, moments, bestParameters, records] = await this.#inference.read([
      { buffer: this.#buffers.parameters, bytes: size * 4 },
      { buffer: backward.moments, bytes: size * 8 },
      { buffer: backward.bestParameters, bytes: size * 4 },
      { buffer: backward.best, bytes: this.plan.models * BEST_WORDS * 4 },
    ])
    const { loss, step, stale, stopped } = parseBest(records!)
    return {
      step: this.#step,
      kind: this.plan.optimizer.kind,
      parameters: Float64Array.from(parameters!),
      optimizer: {
        first: Float64Array.from({ length: size }, (_, p) => moments![2 * p]!),
        second: Float64Array.from({ length: size }, (_, p) => moments![2 * p + 1]!),
      },
      best: { parameters: Float64Array.from(bestParameters!), loss, step, stale, stopped },
    }
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#set.destroy()
    this.#host.closed(this)
  }

  #check(): void {
    this.#host.check()
    if (!this.#open) throw new DeviceLostError('This session was closed. Open a new one.')
  }

  #needTraining(): TrainingBuffers {
    const { backward } = this.#buffers
    if (!backward)
      throw new ConfigError(
        'This session was opened with 0 training rows and only predicts. Give rows in the plan.',
      )
    return backward
  }

  /** At most RING steps, in submissions that fit the time budget, with one read-back. */
  async #runRing(steps: number): Promise<Progress> {
    const backward = this.#needTraining()
    const evaluationSteps = this.#writeSteps(steps)
    const began = performance.now()
    const perSubmission = Math.max(
      1,
      Math.min(steps, Math.floor(this.#host.budget / this.#millisecondsPerStep)),
    )
    for (let first = 0; first < steps; first += perSubmission)
      this.#submitSteps(first, Math.min(steps, first + perSubmission))
    const readings = await this.#readRings(backward, steps, evaluationSteps.length)
    this.#millisecondsPerStep = (performance.now() - began) / steps
    this.#step += steps
    if (readings.best.stepsDone !== this.#step)
      throw new DeviceLostError(
        `The GPU did ${readings.best.stepsDone} of ${this.#step} steps and then stopped answering. Request a new engine and start again from the last checkpoint.`,
      )
    return {
      step: this.#step,
      losses: readings.losses,
      evaluationSteps: Float64Array.from(evaluationSteps),
      evaluationLosses: readings.evaluations,
      bestLoss: readings.best.loss,
      bestStep: readings.best.step,
      stopped: readings.best.stopped,
    }
  }

  /** Fills the step slots of the coming steps; returns the numbers of those that an evaluation follows. */
  #writeSteps(steps: number): number[] {
    const evaluationSteps: number[] = []
    for (let s = 0; s < steps; s++) {
      const step = this.#step + s
      this.#stepWords.writeStep(s, this.plan, step, s, evaluationSteps.length)
      if (evaluatesAfter(this.plan, step)) evaluationSteps.push(step + 1)
    }
    const { stepUniforms, stepStride } = this.#buffers
    this.#host.device.queue.writeBuffer(stepUniforms, 0, this.#stepWords.bytes, 0, steps * stepStride)
    return evaluationSteps
  }

  #submitSteps(first: number, end: number): void {
    const { step, evaluate } = this.#program
    const { stepStride } = this.#buffers
    const encoder = this.#host.device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (let s = first; s < end; s++) {
      step!.replay(pass, this.#shared, s * stepStride)
      if (evaluatesAfter(this.plan, this.#step + s)) evaluate!.replay(pass, this.#shared, s * stepStride)
    }
    pass.end()
    this.#host.device.queue.submit([encoder.finish()])
  }

  /** The one read-back of a run: both rings and the best records. */
  async #readRings(backward: TrainingBuffers, steps: number, evaluations: number) {
    const { models } = this.plan
    const { staging } = backward
    const lossWords = steps * models
    const evaluationWords = evaluations * models
    const bestStart = lossWords + evaluationWords
    const encoder = this.#host.device.createCommandEncoder()
    encoder.copyBufferToBuffer(backward.losses, 0, staging, 0, lossWords * 4)
    encoder.copyBufferToBuffer(backward.evaluations, 0, staging, lossWords * 4, evaluationWords * 4)
    encoder.copyBufferToBuffer(backward.best, 0, staging, bestStart * 4, models * BEST_WORDS * 4)
    this.#host.device.queue.submit([encoder.finish()])
    const bytes = (bestStart + models * BEST_WORDS) * 4
    const readings = new Float32Array(await takeMapped(staging, bytes))
    this.#host.check()
    return {
      losses: Float64Array.from(readings.subarray(0, lossWords)),
      evaluations: Float64Array.from(readings.subarray(lossWords, bestStart)),
      best: parseBest(readings.subarray(bestStart)),
    }
  }

  #writeOutside(size: number, sourceRows: number): void {
    this.#outsideWords.writeRange(0, 0, size, sourceRows)
    const { stepUniforms, stepStride } = this.#buffers
    this.#host.device.queue.writeBuffer(stepUniforms, OUTSIDE_SLOT * stepStride, this.#outsideWords.bytes)
  }

  #replayOutside(recordings: readonly Recording[]): void {
    const encoder = this.#host.device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (const recording of recordings)
      recording.replay(pass, this.#shared, OUTSIDE_SLOT * this.#buffers.stepStride)
    pass.end()
    this.#host.device.queue.submit([encoder.finish()])
  }
}
