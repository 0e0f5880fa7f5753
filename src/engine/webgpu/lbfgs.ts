import type { Plan } from '../engine.ts'
import { LBFGS_LEVEL } from '../memory.ts'
import type { LbfgsBuffers, SessionBuffers, TrainingBuffers } from './buffers.ts'
import { kernels } from './kernels.ts'
import type { Recording } from './recording.ts'

/** Invocations of the one workgroup a model that moves it: as many as a device with default limits has. */
const WIDTH = 256

/** The most that a word counts: an evaluation that comes later never comes. */
const NEVER = 2 ** 32 - 1

function evaluateEvery(plan: Plan): number {
  return Math.min(plan.evaluateEvery, NEVER)
}

/** The first half of a tick: the next trial point of every model. */
export function recordProposal(
  recording: Recording,
  plan: Plan,
  buffers: SessionBuffers,
  { memory, states }: LbfgsBuffers,
  training: TrainingBuffers,
  layer: number,
): void {
  recording.add(
    kernels.lbfgsPropose,
    { WIDTH },
    [buffers.parameters, memory, states, training.best],
    { layer },
    [1, 1, plan.models],
  )
}

/** The second half, after loss and gradient at the trial point. */
export function recordJudgement(
  recording: Recording,
  plan: Plan,
  buffers: SessionBuffers,
  { memory, states, objective }: LbfgsBuffers,
  training: TrainingBuffers,
  layer: number,
): void {
  recording.add(
    kernels.lbfgsJudge,
    { WIDTH, EVALUATE_EVERY: evaluateEvery(plan), LEVEL: LBFGS_LEVEL },
    [training.gradient, buffers.parameters, memory, states, objective, training.losses, training.best],
    { layer },
    [1, 1, plan.models],
  )
}

/** The evaluation of models whose iteration is one that an evaluation follows. */
export function recordVerdict(
  recording: Recording,
  plan: Plan,
  { states, evaluated }: LbfgsBuffers,
  training: TrainingBuffers,
  layer: number,
): void {
  recording.add(
    kernels.lbfgsVerdict,
    { WIDTH: 1, EVALUATE_EVERY: evaluateEvery(plan), VALIDATES: plan.validationRows > 0 ? 1 : 0 },
    [states, evaluated, training.evaluations, training.best],
    { layer },
    [1, 1, plan.models],
  )
}
