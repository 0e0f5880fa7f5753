import type { Course } from '../training.ts'
import type { PopulationProgress } from './options.ts'
import { spreadOf } from './spread.ts'

/** The newest progress of a population's fit, put together from its waves. */
export class Bulletin {
  /** Reports so far. */
  length = 0
  readonly #losses: Float64Array
  readonly #evaluations: Float64Array
  readonly #bests: Float64Array
  /** Evaluations of the wave under way that #bests has. */
  #seen = 0
  #newest: PopulationProgress | undefined
  #wave = 0
  #first = 0
  #models = 0
  #steps = 0
  /** Of the waves before the one under way. */
  #before = { steps: 0, failed: 0, functionEvaluations: 0 }
  #now = { steps: 0, failed: 0, functionEvaluations: 0 }

  constructor(members: number) {
    this.#losses = new Float64Array(members).fill(NaN)
    this.#evaluations = new Float64Array(members).fill(NaN)
    this.#bests = new Float64Array(members).fill(NaN)
  }

  /** The members from `first` on are trained next, for up to so many steps. */
  beginWave(first: number, models: number, steps: number): void {
    const [before, now] = [this.#before, this.#now]
    this.#before = {
      steps: before.steps + now.steps,
      failed: before.failed + now.failed,
      functionEvaluations: before.functionEvaluations + now.functionEvaluations,
    }
    this.#now = { steps: 0, failed: 0, functionEvaluations: 0 }
    this.#wave++
    this.#seen = 0
    this.#first = first
    this.#models = models
    this.#steps = steps
  }

  /** @param losses of the steps since the last report, [steps][models] */
  report(course: Course, losses: Float64Array, seconds: number, stepsPerSecond: number): void {
    const models = this.#models
    const last = losses.subarray(losses.length - models)
    const evaluated = course.evaluations.at(-1)?.losses
    for (const { losses: all } of course.evaluations.slice(this.#seen))
      all.forEach((loss, m) => {
        const at = this.#first + m
        if (!(loss >= this.#bests[at]!)) this.#bests[at] = loss
      })
    this.#seen = course.evaluations.length
    course.failed.forEach((failed, m) => {
      if (failed) this.#bests[this.#first + m] = NaN
      this.#losses[this.#first + m] = failed ? NaN : last[m]!
      this.#evaluations[this.#first + m] = failed ? NaN : (evaluated?.[m] ?? NaN)
    })
    this.#now = {
      steps: course.step,
      failed: course.failed.filter(Boolean).length,
      functionEvaluations: course.functionEvaluations.reduce((sum, own) => sum + own, 0),
    }
    const wavesLeft = Math.ceil((this.#losses.length - this.#first - models) / models)
    this.#newest = {
      step: this.#before.steps + course.step,
      steps: this.#before.steps + this.#steps * (1 + wavesLeft),
      wave: this.#wave,
      waves: this.#wave + wavesLeft,
      losses: this.#losses.slice(),
      evaluations: this.#evaluations.slice(),
      loss: spreadOf(this.#losses),
      evaluation: this.#evaluations.some(Number.isFinite) ? spreadOf(this.#evaluations) : undefined,
      best: this.#bests.some(Number.isFinite) ? spreadOf(this.#bests) : undefined,
      failed: this.#before.failed + this.#now.failed,
      functionEvaluations: this.#before.functionEvaluations + this.#now.functionEvaluations,
      seconds,
      stepsPerSecond,
    }
    this.length++
  }

  /** The newest progress. Precondition: there was a report. */
  since(): PopulationProgress {
    return this.#newest!
  }
}
