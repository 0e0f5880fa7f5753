import { DeviceLostError } from '../../errors.ts'
import { createLayout } from '../../model/shape.ts'
import type { Layout } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import { checkPlan, checkSteps, checkTrains } from '../checks.ts'
import type { Gradients, KernelChoice, Plan, Progress, Session, TrainingState, Upload } from '../engine.ts'
import { Exclusive } from '../exclusive.ts'
import { noBest, packBest, parseBest } from './best.ts'
import { BEST_WORDS, checkDispatch, createBuffers } from './buffers.ts'
import type { SessionBuffers, TrainingBuffers } from './buffers.ts'
import { createFusedBuffers } from './fusedbuffers.ts'
import { predictRows, statisticsOfRows } from './inference.ts'
import type { InferenceHost } from './inference.ts'
import { BufferSet, dryAllocator } from './memory.ts'
import { gpuOptimizer } from './optimizer.ts'
import type { BufferAllocator, DeviceMemory } from './memory.ts'
import { memoryStretches, unpackMemory } from './optimizermemory.ts'
import type { Pipelines } from './pipelines.ts'
import { createProgram } from './program.ts'
import type { Program } from './program.ts'
import { readStretches } from './readback.ts'
import type { Recording } from './recording.ts'
import { Steps } from './steps.ts'
import type { StepLoop } from './steps.ts'
import { Ticks } from './ticks.ts'
import { outsideOffset } from './stepslots.ts'
import { refuseTraining } from './symbolic.ts'
import { StepWords } from './uniforms.ts'
import { Uploads } from './uploads.ts'
import { chooseVariants } from './variants.ts'
import type { DeviceTraits } from './variants.ts'

/** What a session needs of its engine. */
export interface SessionHost {
  readonly device: GPUDevice
  readonly memory: DeviceMemory
  readonly pipelines: Pipelines
  readonly traits: DeviceTraits
  /** Milliseconds of GPU work a submission may hold. */
  readonly budget: number
  /** The kernels that run a plan fastest here. */
  tune(plan: Plan): Promise<KernelChoice>
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
  readonly kernels: KernelChoice
  readonly #host: SessionHost
  readonly #layout: Layout
  readonly #set: BufferSet
  readonly #buffers: SessionBuffers
  readonly #program: Program
  readonly #shared: GPUBindGroup
  readonly #uploads: Uploads
  readonly #outsideWords: StepWords
  readonly #inference: InferenceHost
  readonly #steps: StepLoop | undefined
  readonly #ticks: Ticks | undefined
  readonly #exclusive = new Exclusive()
  #open = true

  private constructor(
    host: SessionHost,
    plan: Plan,
    layout: Layout,
    kernels: KernelChoice,
    set: BufferSet,
    buffers: SessionBuffers,
    program: Program,
  ) {
    const { queue } = host.device
    this.plan = plan
    this.kernels = kernels
    this.#host = host
    this.#layout = layout
    this.#set = set
    this.#buffers = buffers
    this.#program = program
    this.#uploads = new Uploads(queue, plan, layout, buffers)
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
    if (buffers.backward) {
      queue.writeBuffer(buffers.backward.best, 0, packBest(noBest(plan.models)))
      const { device, budget } = host
      const check = (): void => host.check()
      const stepsHost = { device, plan, buffers, program, shared: this.#shared, budget, check }
      const { lbfgs } = buffers.backward
      if (lbfgs) this.#ticks = new Ticks(stepsHost, buffers.backward, lbfgs)
      this.#steps = this.#ticks ?? new Steps(stepsHost, buffers.backward)
    }
  }

  /** Allocates and records everything. On any failure nothing stays allocated. */
  static async open(host: SessionHost, asked: Plan): Promise<GpuSession> {
    checkPlan(asked)
    refuseTraining(asked)
    gpuOptimizer(asked)
    checkDispatch(asked)
    const sized = asked.batch > 0 ? asked : { ...asked, batch: PREDICT_ROWS }
    const plan = sized.kernels === 'tune' ? { ...sized, kernels: await host.tune(sized) } : sized
    const { device, memory, pipelines } = host
    const layout = createLayout(plan.layers)
    const alignment = device.limits.minUniformBufferOffsetAlignment
    const variants = chooseVariants(plan, layout, host.traits)
    const create = <B>(allocator: BufferAllocator<B>) => ({
      buffers: createBuffers(allocator, plan, layout, variants, alignment),
      fused: variants.fused && createFusedBuffers(allocator, plan, layout, variants.fused),
    })
    create(dryAllocator(memory))
    const set = new BufferSet(memory)
    try {
      const { buffers, fused } = await allocate(host, () => create(set))
      const program = await createProgram(device, pipelines, plan, layout, buffers, variants, fused)
      host.check()
      return new GpuSession(host, plan, layout, variants.choice, set, buffers, program)
    } catch (error) {
      set.destroy()
      host.check()
      throw error
    }
  }

  upload(contents: Upload): Promise<void> {
    return this.#work(() => {
      this.#uploads.write(contents)
      this.#program.fused?.refresh()
      if (contents.state && this.#steps) this.#steps.done = contents.state.step
      if (contents.state) this.#ticks?.restore(contents.state)
      else this.#ticks?.forget()
    })
  }

  run(steps: number): Promise<Progress> {
    return this.#work(async () => {
      checkSteps(steps)
      const taken = this.#trainingSteps()
      this.#uploads.need('parameters', 'knots', 'training', 'learningRate')
      if (this.plan.validationRows > 0) this.#uploads.need('validation')
      const progress = await taken.run(steps)
      this.#uploads.noteBest(progress.bestLoss)
      return progress
    })
  }

  gradients(): Promise<Gradients> {
    return this.#work(() => this.#gradients())
  }

  predict(x: Float64Array): Promise<Float64Array> {
    return this.#work(() => {
      this.#uploads.need('parameters', 'knots')
      return predictRows(this.#inference, x)
    })
  }

  statistics(x: Float64Array): Promise<LayerStatistics[][]> {
    return this.#work(() => {
      this.#uploads.need('parameters', 'knots')
      return statisticsOfRows(this.#inference, x)
    })
  }

  read(): Promise<TrainingState> {
    return this.#work(() => this.#read())
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#set.destroy()
    this.#host.closed(this)
  }

  #work<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#exclusive.run(() => {
      this.#host.check()
      if (!this.#open) throw new DeviceLostError('This session was closed. Open a new one.')
      return work()
    })
  }

  /** The step loop. Throws ConfigError in a session that only predicts. */
  #trainingSteps(): StepLoop {
    checkTrains(this.plan)
    return this.#steps!
  }

  /** The buffers of training. Throws ConfigError in a session that only predicts. */
  #training(): TrainingBuffers {
    checkTrains(this.plan)
    return this.#buffers.backward!
  }

  async #gradients(): Promise<Gradients> {
    const backward = this.#training()
    this.#uploads.need('parameters', 'knots', 'training')
    const { models, batch, rows } = this.plan
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

  async #read(): Promise<TrainingState> {
    const backward = this.#training()
    const { models } = this.plan
    const size = models * this.#layout.parameters
    const [parameters, bestParameters, records, ...memory] = await this.#inference.read([
      { buffer: this.#buffers.parameters, bytes: size * 4 },
      { buffer: backward.bestParameters, bytes: size * 4 },
      { buffer: backward.best, bytes: models * BEST_WORDS * 4 },
      ...memoryStretches(backward, models, this.#layout.parameters),
    ])
    const { loss, step, stale, stopped } = parseBest(records!)
    return {
      step: this.#trainingSteps().done,
      kind: this.plan.optimizer.kind,
      parameters: Float64Array.from(parameters!),
      optimizer: unpackMemory(memory, models, this.#layout.parameters),
      best: { parameters: Float64Array.from(bestParameters!), loss, step, stale, stopped },
    }
  }

  #writeOutside(size: number, sourceRows: number): void {
    this.#outsideWords.writeRange(0, 0, size, sourceRows)
    const { stepUniforms } = this.#buffers
    const offset = outsideOffset(this.#buffers)
    this.#host.device.queue.writeBuffer(stepUniforms, offset, this.#outsideWords.bytes)
  }

  #replayOutside(recordings: readonly Recording[]): void {
    const encoder = this.#host.device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (const recording of recordings) recording.replay(pass, this.#shared, outsideOffset(this.#buffers))
    pass.end()
    this.#host.device.queue.submit([encoder.finish()])
  }
}
