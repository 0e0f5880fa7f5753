import { ConfigError, DeviceLostError } from '../../errors.ts'
import type { Layout } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import type { Gradients, KernelChoice, Plan, Progress, Session, TrainingState, Upload } from '../engine.ts'
import { Exclusive } from '../exclusive.ts'
import type { Parts } from '../parts.ts'
import { batchSize, batchStart, epochOf, evaluatesAfter } from '../schedule.ts'
import { shuffledRow, shuffleKey } from '../shuffle.ts'
import type { ShuffleKey } from '../shuffle.ts'
import { checkSteps, checkTrains, checkUpload, countRows, countStatisticsRows } from '../checks.ts'
import type { Crew } from './crew/crew.ts'
import { evaluateLoss, evaluateOutputs, lossAndGradient } from './evaluate.ts'
import { refreshPieces } from './network.ts'
import { stepOrRest, stepOrRestParts } from './optimizer.ts'
import { sharesModels } from './slices.ts'
import { copyRows, copyState, keepFirst, pairState, recordEvaluation } from './state.ts'
import type { SessionArrays } from './state.ts'
import { modelStatistics } from './statistics.ts'

/** Milliseconds of work between two returns to the event loop: a page on the same thread stays alive. */
const SLICE = 50

/** What must have been uploaded before a call. */
type Part = 'parameters' | 'knots' | 'training' | 'validation' | 'learningRate'

/** A plan in execution on the CPU, in float64. */
export class CpuSession implements Session {
  readonly plan: Plan
  readonly kernels: KernelChoice
  readonly #layout: Layout
  readonly #uploaded = new Set<Part>()
  readonly #exclusive = new Exclusive()
  readonly #release: () => void
  readonly #crew: Crew | undefined
  #arrays: SessionArrays | undefined
  #step = 0
  /** Key of the epoch that was shuffled last. */
  #epoch: { readonly number: number; readonly key: ShuffleKey } | undefined

  /**
   * @param release called once, when the arrays are let go
   * @param crew threads that work on the arrays; they end with the session
   */
  constructor(
    plan: Plan,
    layout: Layout,
    arrays: SessionArrays,
    release: () => void,
    kernels: KernelChoice,
    crew?: Crew,
  ) {
    this.plan = plan
    this.#layout = layout
    this.#arrays = arrays
    this.#release = release
    this.kernels = kernels
    this.#crew = crew
  }

  upload(contents: Upload): Promise<void> {
    return this.#exclusive.run(() => this.#upload(contents))
  }

  run(steps: number, isOver?: () => boolean): Promise<Progress> {
    return this.#exclusive.run(() => this.#run(steps, isOver))
  }

  gradients(): Promise<Gradients> {
    return this.#exclusive.run(() => {
      this.#need('parameters', 'knots', 'training')
      const { plan } = this
      const { network, training, order, gradient } = this.#use()
      for (let p = 0; p < plan.batch; p++) order[p] = p
      const loss = new Float64Array(plan.models)
      const inputs = new Float64Array(plan.models * plan.batch * this.#layout.inputs)
      for (let m = 0; m < plan.models; m++)
        loss[m] = lossAndGradient(network, m, plan, training[m]!, order, plan.batch, gradient, inputs)
      return { loss, parameters: gradient.slice(), inputs }
    })
  }

  predict(x: Float64Array): Promise<Float64Array> {
    return this.#exclusive.run(() => {
      this.#need('parameters', 'knots')
      return evaluateOutputs(this.#use().network, this.plan.models, x, countRows(x, this.#layout.inputs))
    })
  }

  statistics(x: Float64Array): Promise<LayerStatistics[][]> {
    return this.#exclusive.run(() => {
      this.#need('parameters', 'knots')
      const { network } = this.#use()
      const rows = countStatisticsRows(x, this.#layout.inputs)
      return Array.from({ length: this.plan.models }, (_, m) => modelStatistics(network, m, x, rows))
    })
  }

  read(): Promise<TrainingState> {
    return this.#exclusive.run(() => {
      const arrays = this.#use()
      checkTrains(this.plan)
      return copyState(arrays, this.#step)
    })
  }

  close(): Promise<void> {
    return settle(() => this.destroy())
  }

  /** Lets go of all arrays; safe to call twice. */
  destroy(): void {
    this.#arrays = undefined
    this.#crew?.end()
    this.#release()
  }

  #use(): SessionArrays {
    if (this.#arrays === undefined)
      throw new DeviceLostError('The session was closed or its engine destroyed; open a new session.')
    return this.#arrays
  }

  #need(...parts: Part[]): void {
    this.#use()
    if (parts.includes('training')) checkTrains(this.plan)
    const missing = parts.filter(part => !this.#uploaded.has(part))
    if (missing.length > 0)
      throw new ConfigError(`Nothing was uploaded yet for ${missing.join(', ')}; call upload first.`)
  }

  /** Checks everything before it changes anything. */
  #upload(contents: Upload): void {
    const arrays = this.#use()
    const { models } = this.plan
    const layout = this.#layout
    const { network } = arrays
    checkUpload(contents, this.plan, layout)
    const { parameters, knots, mask, training, validation, learningRate, lambda, state } = contents
    arrays.evaluationAtRest.fill(NaN)
    arrays.lossAtRest.fill(NaN)
    if (parameters) network.parameters.set(parameters)
    if (mask) network.mask.set(mask)
    if (learningRate) arrays.learningRate.set(learningRate)
    if (lambda) network.penalty?.lambda.set(lambda)
    if (training) copyRows(training, arrays.training)
    if (validation) copyRows(validation, arrays.validation)
    if (knots) {
      network.knots.set(knots)
      refreshPieces(network, models)
    }
    if (state) {
      for (const [to, from] of pairState(arrays, state)) to.set(from)
      this.#step = state.step
    } else {
      if (parameters) keepFirst(arrays, models)
      arrays.optimizer?.forget?.()
    }
    for (const [part, value] of Object.entries({
      parameters: parameters ?? state,
      knots,
      training,
      validation,
      learningRate,
    }))
      if (value) this.#uploaded.add(part as Part)
  }

  async #run(steps: number, isOver: () => boolean = () => false): Promise<Progress> {
    this.#use()
    checkSteps(steps)
    this.#need('parameters', 'knots', 'training', 'learningRate')
    const { plan } = this
    const { models } = plan
    if (plan.validationRows > 0) this.#need('validation')
    const evaluations =
      Math.floor((this.#step + steps) / plan.evaluateEvery) - Math.floor(this.#step / plan.evaluateEvery)
    const losses = new Float64Array(steps * models)
    const evaluationSteps = new Float64Array(evaluations)
    const evaluationLosses = new Float64Array(evaluations * models)
    let done = 0
    let evaluated = 0
    let slice = performance.now()
    training: while (done < steps && !this.#allStopped()) {
      for (const _ of this.#trainStep(losses, done * models)) {
        if (performance.now() - slice < SLICE) continue
        await new Promise(resolve => setTimeout(resolve, 0))
        slice = performance.now()
        if (isOver()) break training
      }
      if (evaluatesAfter(plan, this.#step)) {
        this.#evaluate(evaluationLosses, evaluated * models)
        evaluationSteps[evaluated++] = this.#step + 1
      }
      this.#step++
      done++
      if (performance.now() - slice < SLICE) continue
      await new Promise(resolve => setTimeout(resolve, 0))
      slice = performance.now()
      if (isOver()) break
    }
    const { bestLoss, bestStep, stopped, functionEvaluations } = this.#use()
    return {
      step: this.#step,
      losses: losses.slice(0, done * models),
      evaluationSteps: evaluationSteps.slice(0, evaluated),
      evaluationLosses: evaluationLosses.slice(0, evaluated * models),
      bestLoss: bestLoss.slice(),
      bestStep: bestStep.slice(),
      stopped: stopped.slice(),
      functionEvaluations: functionEvaluations.slice(),
      readbacks: 0,
    }
  }

  /** One step of every model that has not stopped on the same batch. */
  *#trainStep(losses: Float64Array, at: number): Parts<void> {
    const arrays = this.#use()
    const size = this.#chooseBatch(arrays.order)
    if (this.#crew && sharesModels(this.plan)) {
      this.#crew.stepModels(this.#step, size)
      losses.set(arrays.losses, at)
      return
    }
    if (this.plan.models === 1) losses[at] = yield* stepOrRestParts(arrays, 0, this.#step, size)
    else for (let m = 0; m < this.plan.models; m++) losses[at + m] = stepOrRest(arrays, m, this.#step, size)
  }

  /** Fills `order` with the rows of the current step's batch and returns how many there are. */
  #chooseBatch(order: Int32Array): number {
    const { plan } = this
    const size = batchSize(plan, this.#step)
    if (plan.batch === plan.rows) {
      for (let p = 0; p < size; p++) order[p] = p
      return size
    }
    const epoch = epochOf(plan, this.#step)
    if (this.#epoch?.number !== epoch)
      this.#epoch = { number: epoch, key: shuffleKey(plan.seed, epoch, plan.rows) }
    const { key } = this.#epoch
    const start = batchStart(plan, this.#step)
    for (let p = 0; p < size; p++) order[p] = shuffledRow(key, start + p)
    return size
  }

  /** The evaluation that follows the current step: validation rows, or training rows where there are none. */
  #evaluate(losses: Float64Array, at: number): void {
    const { plan } = this
    const arrays = this.#use()
    const validates = plan.validationRows > 0
    const set = validates ? arrays.validation : arrays.training
    const rows = validates ? plan.validationRows : plan.rows
    const { evaluationAtRest, stopped } = arrays
    for (let m = 0; m < plan.models; m++) {
      const known = validates ? undefined : arrays.optimizer!.lossAt?.(m)
      const loss = Number.isNaN(evaluationAtRest[m])
        ? (known ?? evaluateLoss(arrays.network, m, plan, set[m]!, rows))
        : evaluationAtRest[m]!
      losses[at + m] = loss
      if (stopped[m] !== 0) evaluationAtRest[m] = loss
      recordEvaluation(arrays, plan, m, this.#step + 1, loss)
    }
  }

  #allStopped(): boolean {
    const { stopped } = this.#use()
    for (const flag of stopped) if (flag === 0) return false
    return true
  }
}

/** The outcome of `work` as a promise: what it throws becomes a rejection. */
export function settle<T>(work: () => T): Promise<T> {
  return new Promise(resolve => {
    resolve(work())
  })
}
