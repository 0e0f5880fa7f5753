import type { Progress } from '../engine/engine.ts'
import { moveGrids } from './moves.ts'
import { nextMacrotask, Pace } from './pace.ts'
import { restSlowest } from './race.ts'
import { atRest } from './training.ts'
import type { Course } from './training.ts'

/** What a run does with a course beside its steps. */
export interface CourseRules {
  /** The step after which only the best models go on; undefined where none is put to rest. */
  readonly race: number | undefined
  /** Makes progress known; `losses` are those of the steps since the last call, [steps][M]. */
  publish(losses: Float64Array, now: number, stepsPerSecond: number): void
  /** What to throw when no model is left whose losses are finite, `loss` the last of those that are not; undefined: nothing. */
  failed?(step: number, loss: number): Promise<Error>
}

/** The loop: steps in growing portions until the last step, the end of all models or an abort; returns whether it was one. */
export async function takeSteps(course: Course, rules: CourseRules): Promise<boolean> {
  const { session, training } = course
  const { settings, control } = training
  const pace = new Pace(settings.progressEvery)
  const { race } = rules
  const began = { at: performance.now(), step: course.step, functionEvaluations: course.functionEvaluations }
  while (course.step < settings.steps && !atRest(course).every(Boolean)) {
    if (control.aborted) return true
    if (course.step === race) await restSlowest(course)
    if (movesGrids(course)) await moveCourse(course)
    const left = Math.min(
      settings.steps - course.step,
      stepsUntilPatience(course),
      stepsUntilMove(course),
      race !== undefined && course.step < race ? race - course.step : Infinity,
    )
    const steps = Math.min(pace.steps, left)
    const before = performance.now()
    const progress = await session.run(steps, () => control.aborted)
    if (control.aborted && progress.step === course.step) return true
    const now = performance.now()
    pace.took(steps, now - before)
    await record(course, progress, rules)
    course.functionEvaluations = progress.functionEvaluations.map(
      (own, m) => began.functionEvaluations[m]! + own,
    )
    rules.publish(progress.losses, now, (1000 * (course.step - began.step)) / Math.max(now - began.at, 1e-3))
    await nextMacrotask()
  }
  return false
}

/**
 * Steps until patience can run out at the earliest for the last of the models, if no better evaluation comes. No call goes beyond: a
 * GPU would train on, and what a run leaves would depend on its speed.
 */
function stepsUntilPatience(course: Course): number {
  const { patience, evaluateEvery } = course.plan
  if (patience === 0) return Infinity
  const resting = atRest(course)
  const latest = course.bestStep.reduce(
    (most, step, m) => (resting[m] === true ? most : Math.max(most, step)),
    0,
  )
  return latest + patience * evaluateEvery - course.step
}

/** Whether grids move before the next step. Before, not after the one that was: a resumed run then does what was left. */
function movesGrids({ training, step }: Course): boolean {
  const { gridUpdate } = training.settings
  return gridUpdate !== undefined && step > 0 && step <= gridUpdate.until && step % gridUpdate.every === 0
}

function stepsUntilMove({ training, step }: Course): number {
  const { gridUpdate } = training.settings
  if (gridUpdate === undefined) return Infinity
  const next = (Math.floor(step / gridUpdate.every) + 1) * gridUpdate.every
  return next <= gridUpdate.until ? next - step : Infinity
}

async function moveCourse(course: Course): Promise<void> {
  const { session, config, masks, knots, training } = course
  const resting = atRest(course)
  const old = knots.slice()
  const eps = training.settings.gridUpdate!.eps
  const rows = training.task.training
  const { best } = await moveGrids(session, { config, masks, knots, resting, rows, eps })
  course.older = { best, knots: old }
  course.bestStep = course.bestStep.map((step, m) => (resting[m] === true ? step : course.step))
}

/** Takes in what a call brought. Throws what the rules say when no model is left whose losses and evaluations are finite. */
async function record(course: Course, progress: Progress, rules: CourseRules): Promise<void> {
  const models = course.plan.models
  const { losses, evaluationLosses, evaluationSteps } = progress
  const ofModel = course.losses.map((_, m) => everyNth(losses, m, models))
  const failures = ofModel.map((own, m) => firstFailure(progress, own, m, course))
  failures.forEach((failure, m) => {
    if (failure) course.failed[m] = true
  })
  const last = failures.findLast(failure => failure !== undefined)
  const error = last && course.failed.every(Boolean) ? await rules.failed?.(last.step, last.loss) : undefined
  if (error) throw error
  ofModel.forEach((own, m) => course.losses[m]!.append(own))
  evaluationSteps.forEach((step, e) =>
    course.evaluations.push({ step, losses: evaluationLosses.slice(e * models, (e + 1) * models) }),
  )
  course.step = progress.step
  course.bestStep = progress.bestStep
  course.stopped = progress.stopped
  course.readbacks = progress.readbacks
}

/** The m-th of every `models` numbers: of [steps][M] those of model m. */
function everyNth(values: Float64Array, m: number, models: number): Float64Array {
  if (models === 1) return values
  const own = new Float64Array(values.length / models)
  for (let at = 0; at < own.length; at++) own[at] = values[at * models + m]!
  return own
}

/** The first of the `losses` or evaluations of model m in a call that is not finite. */
function firstFailure(
  { evaluationSteps, evaluationLosses }: Progress,
  losses: Float64Array,
  m: number,
  course: Course,
): { readonly step: number; readonly loss: number } | undefined {
  if (course.failed[m] === true) return undefined
  const models = course.plan.models
  const bad = losses.findIndex(loss => !Number.isFinite(loss))
  const badStep = bad < 0 ? Infinity : course.step + bad + 1
  const badEvaluation = evaluationSteps.findIndex(
    (_, e) => !Number.isFinite(evaluationLosses[e * models + m]),
  )
  if (badEvaluation >= 0 && evaluationSteps[badEvaluation]! < badStep)
    return { step: evaluationSteps[badEvaluation]!, loss: evaluationLosses[badEvaluation * models + m]! }
  return bad < 0 ? undefined : { step: badStep, loss: losses[bad]! }
}
