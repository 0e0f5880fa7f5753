import { STOPPED } from '../engine/engine.ts'
import type { TrainingState } from '../engine/engine.ts'
import { NonFiniteError } from '../errors.ts'
import { FIT_DEFAULTS } from './defaults.ts'
import type { FitSettings } from './defaults.ts'
import { createFingerprint } from './fingerprint.ts'
import { objectives } from './objective.ts'
import type { FitStop } from './options.ts'
import { partOf, smallest } from './starts.ts'
import { stepsBefore } from './training.ts'
import type { Kept, Stage, StageOutcome } from './training.ts'
import { chooseWeights } from './weights.ts'
import type { KeptWeights } from './weights.ts'

/**
 * The end of a stage: weights are chosen for every start, and the start with the smallest training loss. Throws NonFiniteError where
 * no start has finite weights.
 */
export async function finishStage(stage: Stage, aborted: boolean): Promise<StageOutcome> {
  const { session, training, network, plan, evaluations, step, knots } = stage
  const { models } = plan
  const state = await session.read()
  const made = evaluations.length
  const kept = await chooseWeights(stage, state)
  if (kept.failure !== undefined && stage.failed.every(Boolean))
    throw await failStage(stage, step, kept.failure)
  await session.upload({ parameters: kept.parameters })
  const starts = await lossesOfStarts(stage, kept)
  const outrun = starts.map((_, m) => stage.stopped[m] === STOPPED.outrun)
  // One at rest may have the smaller loss by now, but it has not come to the end.
  const runners = starts.map((loss, m) => (outrun[m]! ? NaN : loss))
  const chosen = smallest(runners.some(Number.isFinite) ? runners : starts)
  const all = await session.statistics(training.task.training.x)
  const own = evaluations.map(({ step: at, losses }) => ({ step: at, loss: losses[chosen]! }))
  const losses = stage.losses[chosen]!
  const result = {
    ...network,
    parameters: partOf(kept.parameters, chosen, models),
    knots: partOf(knots, chosen, models),
  }
  return {
    network: result,
    statistics: all[chosen]!,
    stop: aborted ? 'aborted' : stopReason(stage.stopped[chosen]!),
    steps: step,
    losses: losses.slice(),
    evaluations: own,
    best: { step: kept.step[chosen]!, loss: kept.loss[chosen]! },
    starts,
    functionEvaluations: stage.functionEvaluations.reduce((total, count) => total + count, 0),
    readbacks: stage.readbacks,
    kernels: session.kernels,
    checkpoint: {
      state: stateOf(state, chosen, models),
      losses: losses.slice(),
      evaluations: own.slice(0, made),
      functionEvaluations: stage.functionEvaluations[chosen]!,
      fingerprint: training.settings.gridUpdate
        ? createFingerprint(result, training.task, training.settings)
        : stage.fingerprint,
      engine: training.engine.description.kind,
      kernels: session.kernels,
    },
  }
}

export function stopReason(code: number): FitStop {
  if (code === STOPPED.stalled) return 'stalled'
  return code === STOPPED.patience ? 'patience' : 'steps'
}

/** Training loss of every start with the weights that are kept, which are the session's; NaN for those that failed. */
async function lossesOfStarts(stage: Stage, kept: KeptWeights): Promise<number[]> {
  const { session, plan, training, failed } = stage
  const { task } = training
  // Then the evaluation was the training loss already.
  const known = plan.models === 1 && !task.validation
  const losses = known ? kept.loss : await objectives(session, plan, task, task.training)
  return Array.from(losses, (loss, m) => (failed[m] === true ? NaN : loss))
}

/** The part of a state that is of start m. */
function stateOf(state: TrainingState, m: number, models: number): TrainingState {
  if (models === 1) return state
  const part = (values: Float64Array): Float64Array => partOf(values, m, models)
  const { parameters, loss, step, stale, stopped } = state.best
  return {
    ...state,
    parameters: part(state.parameters),
    optimizer: Object.fromEntries(
      Object.entries(state.optimizer).map(([name, values]) => [name, part(values)]),
    ),
    best: {
      parameters: part(parameters),
      loss: part(loss),
      step: part(step),
      stale: part(stale),
      // Whoever goes on from here goes on with this one.
      stopped: part(stopped).map(reason => (reason === STOPPED.outrun ? 0 : reason)),
    },
  }
}

/**
 * The error to throw for a loss that is not finite at a step of the stage, once `lastGood` holds the weights of its best evaluation;
 * what the model then holds is left for fit to say.
 */
export async function failStage(stage: Stage, step: number, loss: number): Promise<NonFiniteError> {
  const { training, session, knots, older, plan } = stage
  const { best } = await session.read()
  training.lastGood = bestOf(stage, best, knots) ?? (older && bestOf(stage, older.best, older.knots))
  const at = `at step ${stepsBefore(training) + step}${plan.models > 1 ? `, the last of ${plan.models} starts` : ''}`
  return nonFinite(loss, at, training.settings)
}

/** The error of a loss that is not finite, `at` a step; the remedy is the optimizer's. */
export function nonFinite(
  loss: number,
  at: string,
  { learningRate, optimizer }: Pick<FitSettings, 'learningRate' | 'optimizer'>,
): NonFiniteError {
  if (optimizer.kind !== 'adam')
    return new NonFiniteError(
      `The loss became ${loss} ${at} with the optimizer '${optimizer.kind}'. Look for extreme values in the samples, or train with 'adam'.`,
    )
  // Adam moves each weight by about the learning rate a step, and weights are of order 1.
  const lower = learningRate > 1 ? FIT_DEFAULTS.learningRate : Number((learningRate / 10).toPrecision(3))
  return new NonFiniteError(
    `The loss became ${loss} ${at} with learning rate ${learningRate}. Lower learningRate (try ${lower}), or look for ` +
      `extreme values in the samples.`,
  )
}

/** The start with the smallest evaluation, if one has weights that are finite. */
function bestOf(
  { network, plan }: Stage,
  best: TrainingState['best'],
  knots: Float64Array,
): Kept | undefined {
  const { models } = plan
  const losses = Array.from(best.loss, (loss, m) =>
    Number.isFinite(loss) && partOf(best.parameters, m, models).every(Number.isFinite) ? loss : NaN,
  )
  const m = smallest(losses)
  if (Number.isNaN(losses[m])) return undefined
  return {
    network: {
      ...network,
      parameters: partOf(best.parameters, m, models),
      knots: partOf(knots, m, models),
    },
    step: best.step[m]!,
    loss: best.loss[m]!,
  }
}
