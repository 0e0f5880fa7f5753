import { STOPPED } from '../../engine/engine.ts'
import type { KernelChoice, Plan, Rows, Session } from '../../engine/engine.ts'
import { rowsOf } from '../../engine/rowsets.ts'
import type { Model } from '../../model/model.ts'
import type { Scaling } from '../../model/scaling.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import { meanLoss } from '../metrics.ts'
import { stopReason } from '../outcome.ts'
import { predictorPlan } from '../predictor.ts'
import { partOf } from '../starts.ts'
import { takeSteps } from '../steps.ts'
import type { CourseRules } from '../steps.ts'
import { atRest, beginCourse } from '../training.ts'
import type { Course, Trainer } from '../training.ts'
import { chooseWeights } from '../weights.ts'
import type { KeptWeights } from '../weights.ts'
import type { EvaluatedStep } from '../options.ts'
import type { MemberReport } from './options.ts'
import { openIfRoom } from './waves.ts'

/** Members that are trained side by side, in one session. Lists have an entry a member. */
export interface Wave {
  readonly trainer: Trainer
  readonly session: Session
  readonly plan: Plan
  readonly members: readonly Model[]
  readonly scalings: readonly Scaling[]
  readonly learningRate: Float64Array
  readonly lambda: Float64Array
}

/** What a wave leaves. */
export interface WaveOutcome {
  readonly aborted: boolean
  readonly reports: readonly MemberReport[]
  readonly steps: number
  readonly readbacks: number
  readonly kernels: KernelChoice
}

function joined(members: readonly Model[], name: 'parameters' | 'knots' | 'mask'): Float64Array {
  const size = members[0]![name].length
  const all = new Float64Array(members.length * size)
  members.forEach((member, m) => all.set(member[name], m * size))
  return all
}

/**
 * Trains the members of a wave, each as fit trains one model, and gives each its best weights by evaluation and their statistics; one
 * that has failed holds the best weights before, or those it had. Throws what the engine throws.
 */
export async function trainWave(
  wave: Wave,
  publish: (course: Course, ...news: Parameters<CourseRules['publish']>) => void,
): Promise<WaveOutcome> {
  const { trainer, session, plan, members, learningRate, lambda } = wave
  const { training, validation } = trainer.task
  const [knots, masks] = [joined(members, 'knots'), joined(members, 'mask')]
  await session.upload({
    parameters: joined(members, 'parameters'),
    knots: knots.slice(),
    mask: masks,
    training,
    learningRate,
    ...(plan.penalty ? { lambda } : {}),
    ...(validation ? { validation } : {}),
  })
  const { config } = members[0]!
  const course = beginCourse({ training: trainer, session, plan, config, masks, knots })
  const aborted = await takeSteps(course, {
    race: undefined,
    publish: (...news) => publish(course, ...news),
  })
  const state = await session.read()
  const looks = plan.ownRows === true ? { lossesOn: ownLosses(course, state.parameters) } : {}
  const kept = await chooseWeights(course, state, looks.lossesOn)
  await session.upload({ parameters: kept.parameters })
  const statistics = await statisticsOf(course, kept.parameters)
  adopt(wave, course, kept, statistics)
  return {
    aborted,
    reports: members.map((member, m) => reportOf(wave, course, kept, member, m, aborted)),
    steps: course.step,
    readbacks: course.readbacks,
    kernels: session.kernels,
  }
}

/**
 * Calls `look` for each model of a course with a session that predicts for it, as its model `at`: one that holds each alone, in turn,
 * or, where there is no room for another, the course's own, which computes every model's answers each time. Precondition: that has
 * the same parameters.
 */
async function lookAtEach(
  { training, session, plan, config, knots, masks }: Course,
  parameters: Float64Array,
  rows: Rows,
  look: (looker: Session, at: number, own: Rows, m: number) => Promise<void>,
): Promise<void> {
  const { models } = plan
  const count = rows.weights.length / models
  const looker = await openIfRoom(training.engine, predictorPlan(config, count))
  try {
    for (let m = 0; m < models; m++) {
      await looker?.upload({
        parameters: partOf(parameters, m, models),
        knots: partOf(knots, m, models),
        mask: partOf(masks, m, models),
      })
      const own = rowsOf(plan, rows, m)
      await (looker ? look(looker, 0, own, m) : look(session, m, own, m))
    }
  } finally {
    await looker?.close()
  }
}

/** Losses on rows of the models' own, which a session of all of them cannot predict: see objectives. */
function ownLosses(course: Course, parameters: Float64Array): (rows: Rows) => Promise<Float64Array> {
  const { plan } = course
  return async rows => {
    const losses = new Float64Array(plan.models)
    await lookAtEach(course, parameters, rows, async (looker, at, own, m) => {
      const outputs = partOf(await looker.predict(own.x), at, looker.plan.models)
      losses[m] = meanLoss(plan.loss, outputs, own, plan.huberDelta)
    })
    return losses
  }
}

/** Of each member, on the training rows; the session has the same parameters. */
async function statisticsOf(course: Course, parameters: Float64Array): Promise<LayerStatistics[][]> {
  const { session, plan, training } = course
  const rows = training.task.training
  if (plan.ownRows !== true) return session.statistics(rows.x)
  const statistics: LayerStatistics[][] = []
  await lookAtEach(course, parameters, rows, async (looker, at, own) => {
    statistics.push((await looker.statistics(own.x))[at]!)
  })
  return statistics
}

/** Gives the members their weights, scalings and losses; statistics and formulas of other weights go. */
function adopt(
  { members, scalings, plan }: Wave,
  { knots, failed }: Course,
  kept: KeptWeights,
  statistics: readonly LayerStatistics[][],
): void {
  members.forEach((member, m) => {
    const parameters = partOf(kept.parameters, m, members.length)
    // A member without an evaluation keeps what it had.
    if (!Number.isFinite(kept.loss[m]) || !parameters.every(Number.isFinite)) return
    member.parameters.set(parameters)
    member.knots.set(partOf(knots, m, members.length))
    member.scaling = structuredClone(scalings[m]!)
    member.loss = plan.loss
    member.formulas = undefined
    member.statistics = failed[m] === true ? undefined : { rows: plan.rows, layers: statistics[m]! }
  })
}

/**
 * Steps that a member took before it came to rest: as many as a fit of its own would report. One that ran out of patience has stopped
 * `patience` evaluations after its best one; one that has stalled repeats its loss from the step that failed on; one that has failed
 * has done so at the first loss, or evaluation, that is not finite.
 */
function stepsOf({ failed, stopped, losses, evaluations, bestStep, plan, step }: Course, m: number): number {
  const own = losses[m]!.slice()
  if (failed[m] === true) {
    const bad = own.findIndex(loss => !Number.isFinite(loss))
    const judged = evaluations.find(({ losses: all }) => !Number.isFinite(all[m]))?.step ?? step
    return Math.min(bad < 0 ? step : bad + 1, judged)
  }
  if (stopped[m] === STOPPED.patience)
    return Math.min(step, bestStep[m]! + plan.patience * plan.evaluateEvery)
  if (stopped[m] !== STOPPED.stalled) return step
  let steps = own.length
  while (steps > 1 && own[steps - 2] === own[steps - 1]) steps--
  return Math.max(steps, bestStep[m]!)
}

/** The member's evaluations up to its last step; of one that came to rest before the first, that of its last weights. */
function evaluationsOf({ evaluations }: Course, m: number, steps: number): EvaluatedStep[] {
  const all = evaluations.map(({ step, losses }) => ({ step, loss: losses[m]! }))
  const own = all.filter(({ step }) => step <= steps)
  return own.length > 0 ? own : all.slice(0, 1).map(({ loss }) => ({ step: steps, loss }))
}

function reportOf(
  { learningRate, lambda }: Wave,
  course: Course,
  kept: KeptWeights,
  member: Model,
  m: number,
  aborted: boolean,
): MemberReport {
  const { failed, stopped, losses, functionEvaluations, plan } = course
  const steps = stepsOf(course, m)
  const adam = plan.optimizer.kind === 'adam'
  const cut = aborted && atRest(course)[m] === false
  const reason = cut ? 'aborted' : stopReason(stopped[m]!)
  return {
    seed: member.config.seed,
    learningRate: adam ? learningRate[m]! : 0,
    lambda: lambda[m]!,
    stop: failed[m] === true ? 'failed' : reason,
    best:
      failed[m] === true
        ? { step: 0, loss: NaN }
        : { step: Math.min(kept.step[m]!, steps), loss: kept.loss[m]! },
    steps,
    losses: losses[m]!.slice().subarray(0, steps),
    evaluations: evaluationsOf(course, m, steps),
    // A step of Adam is one evaluation; engines count those of members at rest too.
    functionEvaluations: adam ? steps : functionEvaluations[m]!,
  }
}
