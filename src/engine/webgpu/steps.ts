import { DeviceLostError } from '../../errors.ts'
import type { Plan, Progress } from '../engine.ts'
import { evaluatesAfter } from '../schedule.ts'
import { parseBest } from './best.ts'
import { BEST_WORDS, evaluationRows, passCapacity, RING } from './buffers.ts'
import type { SessionBuffers, TrainingBuffers } from './buffers.ts'
import { firstSteps, fusedRows } from './fused.ts'
import type { FusedProgram } from './fusedprogram.ts'
import type { Program } from './program.ts'
import { takeMapped } from './readback.ts'
import { BACK_AND_FORTH, Submissions } from './submissions.ts'
import { StepWords } from './uniforms.ts'

/** What the step loop needs of its session. */
export interface StepsHost {
  readonly device: GPUDevice
  readonly plan: Plan
  readonly buffers: SessionBuffers
  readonly program: Program
  readonly shared: GPUBindGroup
  /** Milliseconds of GPU work a submission may hold. */
  readonly budget: number
  /** Throws DeviceLostError once the device is gone. */
  check(): void
}

/** The training steps of a session, whatever its optimizer. */
export interface StepLoop {
  /** Steps done. */
  done: number
  run(steps: number): Promise<Progress>
}

/** The parts of a run as one. */
export function joinProgress(parts: readonly Progress[]): Progress {
  const join = (pick: (part: Progress) => Float64Array): Float64Array =>
    Float64Array.from(parts.flatMap(part => Array.from(pick(part))))
  return {
    ...parts.at(-1)!,
    losses: join(part => part.losses),
    evaluationSteps: join(part => part.evaluationSteps),
    evaluationLosses: join(part => part.evaluationLosses),
  }
}

/** Steps of a ring that one dispatch takes. */
interface Span {
  readonly first: number
  readonly count: number
}

/** Takes a session's training steps: fills their records, submits them, and brings their losses home. */
export class Steps implements StepLoop {
  /** Steps done. */
  done = 0
  readonly #host: StepsHost
  readonly #backward: TrainingBuffers
  readonly #words: StepWords
  #millisecondsPerRow = Infinity
  #stepsTaken = 0
  #readbacks = 0

  constructor(host: StepsHost, backward: TrainingBuffers) {
    this.#host = host
    this.#backward = backward
    this.#words = new StepWords(RING, host.buffers.stepStride)
  }

  async run(steps: number): Promise<Progress> {
    const parts: Progress[] = []
    for (let left = steps; left > 0; left -= RING) parts.push(await this.#runRing(Math.min(left, RING)))
    return joinProgress(parts)
  }

  /** At most RING steps, in submissions that fit the time budget, with one read-back. */
  async #runRing(steps: number): Promise<Progress> {
    const { fused } = this.#host.program
    const spans = fused ? this.#cutSteps(steps) : []
    const evaluationSteps = this.#writeSteps(steps, spans)
    const began = performance.now()
    const rows = fused ? this.#submitSpans(fused, spans) : this.#submitSteps(steps)
    const readings = await this.#readRings(steps, evaluationSteps.length)
    this.#millisecondsPerRow = (performance.now() - began) / rows
    this.done += steps
    this.#stepsTaken += steps
    const { best } = readings
    if (best.stepsDone !== this.done)
      throw new DeviceLostError(
        `The GPU did ${best.stepsDone} of ${this.done} steps and then stopped answering. Request a new engine and start again from the last checkpoint.`,
      )
    return {
      step: this.done,
      losses: readings.losses,
      evaluationSteps: Float64Array.from(evaluationSteps),
      evaluationLosses: readings.evaluations,
      bestLoss: best.loss,
      bestStep: best.step,
      stopped: best.stopped,
      functionEvaluations: best.stopped.map(() => this.#stepsTaken),
      readbacks: this.#readbacks,
    }
  }

  /** Fills the step slots of the coming steps; returns the numbers of those that an evaluation follows. */
  #writeSteps(steps: number, spans: readonly Span[]): number[] {
    const evaluationSteps: number[] = []
    for (let s = 0; s < steps; s++) {
      const step = this.done + s
      this.#words.writeStep(s, this.#host.plan, step, s, evaluationSteps.length)
      if (evaluatesAfter(this.#host.plan, step)) evaluationSteps.push(step + 1)
    }
    const { stepUniforms, stepStride } = this.#host.buffers
    for (const { first, count } of spans) this.#words.writeCount(first, count)
    this.#host.device.queue.writeBuffer(stepUniforms, 0, this.#words.bytes, 0, steps * stepStride)
    return evaluationSteps
  }

  /** Submits the steps and the evaluations after them; returns how many rows went forward through the network, all in all. */
  #submitSteps(steps: number): number {
    const { plan } = this.#host
    const { step, evaluate } = this.#host.program
    const { stepStride } = this.#host.buffers
    const limit = this.#host.budget / this.#millisecondsPerRow
    const submissions = new Submissions(this.#host.device, this.#host.shared, limit)
    const evaluated = Math.min(evaluationRows(plan), passCapacity(plan))
    let rows = 0
    for (let s = 0; s < steps; s++) {
      submissions.add(step!, BACK_AND_FORTH * plan.batch, s * stepStride)
      rows += BACK_AND_FORTH * plan.batch
      if (!evaluatesAfter(plan, this.done + s)) continue
      for (const chunk of evaluate) submissions.add(chunk, evaluated, s * stepStride)
      rows += evaluate.length * evaluated
    }
    submissions.submit()
    return rows
  }

  /** Cuts steps that are fused into dispatches that fit the time budget. */
  #cutSteps(steps: number): Span[] {
    const { plan, budget } = this.#host
    const limit = Number.isFinite(this.#millisecondsPerRow)
      ? budget / (this.#millisecondsPerRow * fusedRows(plan))
      : firstSteps(plan)
    const most = Math.max(1, Math.floor(limit))
    return Array.from({ length: Math.ceil(steps / most) }, (_, n) => ({
      first: n * most,
      count: Math.min(most, steps - n * most),
    }))
  }

  /** As submitSteps, a span a dispatch. */
  #submitSpans(fused: FusedProgram, spans: readonly Span[]): number {
    const { device, shared, plan, buffers } = this.#host
    const submissions = new Submissions(device, shared, 0)
    let rows = 0
    for (const { first, count } of spans) {
      const passed = count * fusedRows(plan)
      submissions.add(fused.steps, passed, first * buffers.stepStride)
      rows += passed
    }
    submissions.submit()
    return rows
  }

  /** The one read-back of a run: both rings and the best records. */
  async #readRings(steps: number, evaluations: number) {
    const { models } = this.#host.plan
    const backward = this.#backward
    const { staging } = backward
    const lossWords = steps * models
    const evaluationWords = evaluations * models
    const bestStart = lossWords + evaluationWords
    const encoder = this.#host.device.createCommandEncoder()
    const { fused } = this.#host.program
    const [lossRing, evaluationRing, after] = fused
      ? [fused.rings, fused.rings, RING * models * 4]
      : [backward.losses, backward.evaluations, 0]
    encoder.copyBufferToBuffer(lossRing, 0, staging, 0, lossWords * 4)
    encoder.copyBufferToBuffer(evaluationRing, after, staging, lossWords * 4, evaluationWords * 4)
    encoder.copyBufferToBuffer(backward.best, 0, staging, bestStart * 4, models * BEST_WORDS * 4)
    this.#host.device.queue.submit([encoder.finish()])
    const bytes = (bestStart + models * BEST_WORDS) * 4
    this.#readbacks++
    const readings = new Float32Array(await takeMapped(staging, bytes))
    this.#host.check()
    return {
      losses: Float64Array.from(readings.subarray(0, lossWords)),
      evaluations: Float64Array.from(readings.subarray(lossWords, bestStart)),
      best: parseBest(readings.subarray(bestStart)),
    }
  }
}
