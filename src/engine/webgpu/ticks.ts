import { DeviceLostError } from '../../errors.ts'
import type { Progress, TrainingState } from '../engine.ts'
import { parseBest } from './best.ts'
import type { BestRecords } from './best.ts'
import { BEST_WORDS, evaluationRows, LBFGS_STATE_WORDS, passCapacity, RING } from './buffers.ts'
import type { LbfgsBuffers, TrainingBuffers } from './buffers.ts'
import { freshStates, packLbfgs, parseStates } from './lbfgsstate.ts'
import type { LbfgsStates } from './lbfgsstate.ts'
import { takeMapped } from './readback.ts'
import { joinProgress } from './steps.ts'
import type { StepLoop, StepsHost } from './steps.ts'
import { BACK_AND_FORTH, Submissions } from './submissions.ts'
import { StepWords } from './uniforms.ts'

/** Evaluations an iteration until it is known: hardly more than one. */
const FIRST_RATIO = 1.1
/** Ticks between two read-backs at most. */
const MOST_TICKS = 4096

interface Readings {
  readonly losses: Float64Array
  readonly evaluations: Float64Array
  readonly best: BestRecords
  readonly states: LbfgsStates
  /** [M]: losses of the evaluation's rows where the models stand now; nothing where evaluations look at the training rows. */
  readonly evaluated: Float64Array
}

/**
 * Takes a session's iterations of L-BFGS. How many evaluations an iteration needs is known on the device only: ticks are recorded
 * ahead, as many as iterations usually need, and a tick after the last iteration changes nothing. What a run computes does
 * not depend on how many there were. For the same reason validation rows go through the network in every tick, due or not: the
 * device decides which result counts.
 */
export class Ticks implements StepLoop {
  /** Iterations done. */
  done = 0
  readonly #host: StepsHost
  readonly #backward: TrainingBuffers
  readonly #lbfgs: LbfgsBuffers
  readonly #words: StepWords
  /** [M]. */
  #evaluations: Float64Array
  #ticks = 0
  #iterations = 0
  #millisecondsPerRow = Infinity
  #readbacks = 0

  constructor(host: StepsHost, backward: TrainingBuffers, lbfgs: LbfgsBuffers) {
    this.#host = host
    this.#backward = backward
    this.#lbfgs = lbfgs
    this.#words = new StepWords(1, host.buffers.stepStride)
    this.#evaluations = new Float64Array(host.plan.models)
    this.forget()
  }

  forget(): void {
    const { device, plan } = this.#host
    device.queue.writeBuffer(this.#lbfgs.states, 0, freshStates(plan.models, this.done, this.#evaluations))
  }

  restore(state: TrainingState): void {
    const { device, plan } = this.#host
    this.done = state.step
    const packed = packLbfgs(state.optimizer, state.parameters, plan.models, this.done, this.#evaluations)
    device.queue.writeBuffer(this.#lbfgs.memory, 0, packed.memory)
    device.queue.writeBuffer(this.#lbfgs.states, 0, packed.states)
  }

  async run(steps: number): Promise<Progress> {
    const parts: Progress[] = []
    for (let left = steps; left > 0; left -= RING) {
      const part = await this.#runRing(Math.min(left, RING))
      parts.push(part)
      if (part.stopped.every(reason => reason !== 0)) break
    }
    return joinProgress(parts)
  }

  /** At most RING iterations: ticks until every model has done them or has stopped. */
  async #runRing(steps: number): Promise<Progress> {
    const { plan, device, buffers } = this.#host
    const before = this.done
    const target = before + steps
    this.#words.writeTicks(plan, before, target)
    device.queue.writeBuffer(buffers.stepUniforms, 0, this.#words.bytes)
    let left = steps
    for (;;) {
      const ratio = this.#iterations === 0 ? FIRST_RATIO : 1.05 * (this.#ticks / this.#iterations)
      const ticks = Math.min(MOST_TICKS, Math.ceil(left * ratio) + 2)
      const began = performance.now()
      const rows = this.#submit(ticks)
      const readings = await this.#read(steps)
      this.#millisecondsPerRow = (performance.now() - began) / rows
      const { states, best } = readings
      const missing = states.iterations.map((done, m) => (best.stopped[m] === 0 ? target - done : 0))
      if (missing.some((count, m) => count > 0 && states.evaluations[m] === this.#evaluations[m]))
        throw new DeviceLostError(
          `The GPU did ${target - Math.max(...missing)} of ${target} steps and then stopped answering. Request a new engine and start again from the last checkpoint.`,
        )
      this.#evaluations = states.evaluations
      left = Math.max(...missing)
      if (left > 0) continue
      this.done = Math.max(...states.iterations)
      this.#iterations += this.done - before
      this.#ticks = Math.max(...states.evaluations)
      return this.#progress(before, readings)
    }
  }

  /** Submits so many ticks; returns how many rows went forward through the network, all in all. */
  #submit(ticks: number): number {
    const { plan, device, shared, program, budget } = this.#host
    const submissions = new Submissions(device, shared, budget / this.#millisecondsPerRow)
    const evaluated = plan.validationRows > 0 ? Math.min(evaluationRows(plan), passCapacity(plan)) : 0
    let rows = 0
    for (let tick = 0; tick < ticks; tick++) {
      submissions.add(program.step!, BACK_AND_FORTH * plan.batch, 0)
      rows += BACK_AND_FORTH * plan.batch
      for (const chunk of program.evaluate) submissions.add(chunk, evaluated, 0)
      rows += program.evaluate.length * evaluated
    }
    submissions.submit()
    return rows
  }

  /** The read-back: both rings, the best records, the states and the last evaluation. */
  async #read(steps: number): Promise<Readings> {
    const { plan, device } = this.#host
    const { models } = plan
    const { staging, losses, evaluations, best } = this.#backward
    const ring = steps * models
    const bestStart = 2 * ring
    const stateStart = bestStart + models * BEST_WORDS
    const evaluatedStart = stateStart + models * LBFGS_STATE_WORDS
    const words = evaluatedStart + models
    const encoder = device.createCommandEncoder()
    encoder.copyBufferToBuffer(losses, 0, staging, 0, ring * 4)
    encoder.copyBufferToBuffer(evaluations, 0, staging, ring * 4, ring * 4)
    encoder.copyBufferToBuffer(best, 0, staging, bestStart * 4, models * BEST_WORDS * 4)
    encoder.copyBufferToBuffer(this.#lbfgs.states, 0, staging, stateStart * 4, models * LBFGS_STATE_WORDS * 4)
    encoder.copyBufferToBuffer(this.#lbfgs.evaluated, 0, staging, evaluatedStart * 4, models * 4)
    device.queue.submit([encoder.finish()])
    this.#readbacks++
    const readings = new Float32Array(await takeMapped(staging, words * 4))
    this.#host.check()
    return {
      losses: Float64Array.from(readings.subarray(0, ring)),
      evaluations: Float64Array.from(readings.subarray(ring, bestStart)),
      best: parseBest(readings.subarray(bestStart, stateStart)),
      states: parseStates(readings.subarray(stateStart, evaluatedStart)),
      evaluated: Float64Array.from(readings.subarray(evaluatedStart)),
    }
  }

  /** A model that stopped before the others has the loss where it stands, in the steps and evaluations that it missed. */
  #progress(before: number, { losses, evaluations, best, states, evaluated: last }: Readings): Progress {
    const { models, evaluateEvery, validationRows } = this.#host.plan
    const steps = this.done - before
    const firstEvaluation = Math.floor(before / evaluateEvery)
    const evaluated = Math.floor(this.done / evaluateEvery) - firstEvaluation
    for (let m = 0; m < models; m++) {
      const loss = states.loss[m]!
      const evaluation = validationRows > 0 ? last[m]! : loss
      // One that stopped in an earlier run misses all of them.
      const iterations = Math.max(before, states.iterations[m]!)
      for (let s = iterations - before; s < steps; s++) losses[s * models + m] = loss
      for (let e = Math.floor(iterations / evaluateEvery) - firstEvaluation; e < evaluated; e++)
        evaluations[e * models + m] = evaluation
    }
    return {
      step: this.done,
      losses: losses.slice(0, steps * models),
      evaluationSteps: Float64Array.from(
        { length: evaluated },
        (_, e) => (firstEvaluation + e + 1) * evaluateEvery,
      ),
      evaluationLosses: evaluations.slice(0, evaluated * models),
      bestLoss: best.loss,
      bestStep: best.step,
      stopped: best.stopped,
      functionEvaluations: this.#evaluations.slice(),
      readbacks: this.#readbacks,
    }
  }
}
