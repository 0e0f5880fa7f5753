import { ConfigError, DataError, DeviceLostError, ShapeError } from '../../errors.ts'
import type { Layout } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import type { Gradients, Plan, Progress, Session, TrainingState, Upload } from '../engine.ts'
import { evaluatesAfter, stepPosition } from '../schedule.ts'
import { shuffledRow, shuffleKey } from '../shuffle.ts'
import type { ShuffleKey } from '../shuffle.ts'
import { checkAllKnots, checkLength, checkRows, countRows } from '../checks.ts'
import { evaluateLoss, evaluateOutputs, lossAndGradient } from './evaluate.ts'
import { refreshPieces } from './network.ts'
import { copyState, pairState, recordEvaluation } from './state.ts'
import type { SessionArrays } from './state.ts'
import { modelStatistics } from './statistics.ts'

/** Milliseconds of work between two returns to the event loop: a page on the same thread stays alive. */
const SLICE = 50

/** What must have been uploaded before a call. */
type Part = 'parameters' | 'knots' | 'training' | 'validation' | 'learningRate'

/** A plan in execution on the CPU, in float64. */
export class CpuSession implements Session {
  readonly plan: Plan
  readonly #layout: Layout
  readonly #uploaded = new Set<Part>()
  readonly #release: () => void
  #arrays: SessionArrays | undefined
  #step = 0
  /** Key of the epoch that was shuffled last. */
  #epoch: { readonly number: number; readonly key: ShuffleKey } | undefined

  /** @param release called once, when the arrays are let go. */
  constructor(plan: Plan, layout: Layout, arrays: SessionArrays, release: () => void) {
    this.plan = plan
    this.#layout = layout
    this.#arrays = arrays
    this.#release = release
  }

  upload(contents: Upload): Promise<void> {
    return settle(() => this.#upload(contents))
  }

  async run(steps: number): Promise<Progress> {
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
    while (done < steps && !this.#allStopped()) {
      this.#trainStep(losses, done * models)
      if (evaluatesAfter(plan, this.#step)) {
        this.#evaluate(evaluationLosses, evaluated * models)
        evaluationSteps[evaluated++] = this.#step + 1
      }
      this.#step++
      done++
      if (performance.now() - slice < SLICE) continue
      await new Promise(resolve => setTimeout(resolve, 0))
      slice = performance.now()
    }
    const { bestLoss, bestStep, stopped } = this.#use()
    return {
      step: this.#step,
      losses: losses.slice(0, done * models),
      evaluationSteps: evaluationSteps.slice(0, evaluated),
      evaluationLosses: evaluationLosses.slice(0, evaluated * models),
      bestLoss: bestLoss.slice(),
      bestStep: bestStep.slice(),
      stopped: stopped.slice(),
    }
  }

  gradients(): Promise<Gradients> {
    return settle(() => {
      this.#need('parameters', 'knots', 'training')
      const { plan } = this
      const { network, training, order, gradient } = this.#use()
      for (let p = 0; p < plan.batch; p++) order[p] = p
      const loss = new Float64Array(plan.models)
      const inputs = new Float64Array(plan.models * plan.batch * this.#layout.inputs)
      for (let m = 0; m < plan.models; m++)
        loss[m] = lossAndGradient(network, m, plan, training, order, plan.batch, gradient, inputs)
      return { loss, parameters: gradient.slice(), inputs }
    })
  }

  predict(x: Float64Array): Promise<Float64Array> {
    return settle(() => {
      this.#need('parameters', 'knots')
      return evaluateOutputs(this.#use().network, this.plan.models, x, countRows(x, this.#layout.inputs))
    })
  }

  statistics(x: Float64Array): Promise<LayerStatistics[][]> {
    return settle(() => {
      this.#need('parameters', 'knots')
      const { network } = this.#use()
      const rows = countRows(x, this.#layout.inputs)
      if (rows === 0) throw new DataError('x has no rows; statistics need at least one.')
      return Array.from({ length: this.plan.models }, (_, m) => modelStatistics(network, m, x, rows))
    })
  }

  read(): Promise<TrainingState> {
    return settle(() => copyState(this.#use(), this.#step))
  }

  close(): Promise<void> {
    return settle(() => this.destroy())
  }

  /** Lets go of all arrays; safe to call twice. */
  destroy(): void {
    this.#arrays = undefined
    this.#release()
  }

  #use(): SessionArrays {
    if (this.#arrays === undefined)
      throw new DeviceLostError('The session was closed or its engine destroyed; open a new session.')
    return this.#arrays
  }

  #need(...parts: Part[]): void {
    this.#use()
    if (this.plan.rows === 0 && parts.includes('training'))
      throw new ConfigError(
        'The plan has 0 training rows, so the session only predicts; open one with rows to train.',
      )
    const missing = parts.filter(part => !this.#uploaded.has(part))
    if (missing.length > 0)
      throw new ConfigError(`Nothing was uploaded yet for ${missing.join(', ')}; call upload first.`)
  }

  /** Checks everything before it changes anything. */
  #upload({ parameters, knots, mask, training, validation, learningRate, state }: Upload): void {
    const arrays = this.#use()
    const { plan } = this
    const layout = this.#layout
    const { network } = arrays
    const { models } = plan
    const copies: [from: Float64Array, to: Float64Array][] = []
    const stage = (name: string, from: Float64Array, to: Float64Array, meaning: string): void => {
      checkLength(name, from, to.length, meaning)
      copies.push([from, to])
    }
    const of = (size: number, noun: string): string => `${models} models of ${size} ${noun}`
    if (parameters) stage('parameters', parameters, network.parameters, of(layout.parameters, 'parameters'))
    if (knots) {
      stage('knots', knots, network.knots, of(layout.knots, 'knots'))
      checkAllKnots(layout, models, knots)
    }
    if (mask) stage('mask', mask, network.mask, of(layout.edges, 'edges'))
    if (learningRate) stage('learningRate', learningRate, arrays.learningRate, 'one for each model')
    for (const name of ['training', 'validation'] as const) {
      const set = name === 'training' ? training : validation
      if (!set) continue
      checkRows(name, set, name === 'training' ? plan.rows : plan.validationRows, layout, plan.loss)
      copies.push([set.x, arrays[name].x], [set.y, arrays[name].y], [set.weights, arrays[name].weights])
    }
    if (state) {
      if (!Number.isSafeInteger(state.step) || state.step < 0)
        throw new ShapeError(`state.step is ${state.step}; it must be the number of steps done, 0 or more.`)
      for (const [name, to, from] of pairState(arrays, state))
        stage(name, from, to, 'as this plan has models and parameters')
    }
    for (const [from, to] of copies) to.set(from)
    if (knots) refreshPieces(network, models)
    for (const [part, value] of Object.entries({ knots, training, validation, learningRate }))
      if (value) this.#uploaded.add(part as Part)
    if (parameters || state) this.#uploaded.add('parameters')
    if (state) this.#step = state.step
    // Until the first evaluation the uploaded parameters are the best there are.
    else if (parameters)
      for (let m = 0; m < models; m++)
        if (arrays.bestLoss[m] === Infinity) {
          const start = m * layout.parameters
          arrays.bestParameters.set(parameters.subarray(start, start + layout.parameters), start)
        }
  }

  /** One step of every model that has not stopped on the same batch. */
  #trainStep(losses: Float64Array, at: number): void {
    const arrays = this.#use()
    const size = this.#chooseBatch(arrays.order)
    for (let m = 0; m < this.plan.models; m++)
      losses[at + m] = arrays.optimizer!.step(arrays, m, this.#step, size)
  }

  /** Fills `order` with the rows of the current step's batch and returns how many there are. */
  #chooseBatch(order: Int32Array): number {
    const { plan } = this
    const { epoch, start, size } = stepPosition(plan, this.#step)
    if (plan.batch === plan.rows) {
      for (let p = 0; p < size; p++) order[p] = p
      return size
    }
    if (this.#epoch?.number !== epoch)
      this.#epoch = { number: epoch, key: shuffleKey(plan.seed, epoch, plan.rows) }
    const { key } = this.#epoch
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
    for (let m = 0; m < plan.models; m++) {
      const loss = evaluateLoss(arrays.network, m, plan.loss, set, rows)
      losses[at + m] = loss
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
