import { STOPPED } from '../engine/engine.ts'
import type { TrainingState } from '../engine/engine.ts'
import { objectives } from './objective.ts'
import type { LossesOn } from './objective.ts'
import type { Course } from './training.ts'

/** Weights to keep of every model, [M][parameters], with their step and evaluation loss, [M]. */
export interface KeptWeights {
  readonly parameters: Float64Array
  readonly step: Float64Array
  readonly loss: Float64Array
  /** The last loss that was not finite, where one was looked at here. */
  readonly failure: number | undefined
}

/**
 * The weights to keep, those of the best evaluation. Where the last weights matter and were not evaluated (a run too short for
 * it, grids that moved since, a minimum between two evaluations) they are looked at here; a model whose loss is not finite then has
 * failed.
 * @param lossesOn see objectives
 */
export async function chooseWeights(
  course: Course,
  { parameters: last, best }: TrainingState,
  lossesOn?: LossesOn,
): Promise<KeptWeights> {
  const { session, training, plan, evaluations, step, failed } = course
  const { models } = plan
  const size = last.length / models
  const seen = evaluations.at(-1)?.step === step
  // A model that stalls in its first step has stopped before its first evaluation, which then counts no more.
  const matters = failed.map(
    (out, m) => !out && (best.loss[m] === Infinity || (!seen && course.stopped[m] === STOPPED.stalled)),
  )
  let failure: number | undefined
  // A single start needs no copy of what may be a large network.
  let parameters = models > 1 ? best.parameters.slice() : best.parameters
  const kept = { step: best.step.slice(), loss: best.loss.slice() }
  if (matters.some(Boolean)) {
    const { task } = training
    const latest = await objectives(session, plan, task, task.validation ?? task.training, lossesOn)
    if (!seen) evaluations.push({ step, losses: latest })
    for (let m = 0; m < models; m++) {
      if (matters[m] === false) continue
      const loss = latest[m]!
      if (!Number.isFinite(loss)) {
        failed[m] = true
        failure = loss
      } else if (loss < kept.loss[m]!) {
        if (models === 1) parameters = last
        else parameters.set(last.subarray(m * size, (m + 1) * size), m * size)
        kept.step[m] = step
        kept.loss[m] = loss
      }
    }
  }
  return { parameters, ...kept, failure }
}
