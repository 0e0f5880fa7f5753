import type { AdamPlan, Plan } from './engine.ts'

/** Steps until every row was seen once. */
function stepsPerEpoch(plan: Pick<Plan, 'rows' | 'batch'>): number {
  return Math.ceil(plan.rows / plan.batch)
}

/** The epoch of a step; both are counted from 0. */
export function epochOf(plan: Pick<Plan, 'rows' | 'batch'>, step: number): number {
  return Math.floor(step / stepsPerEpoch(plan))
}

/** First position of a step's batch in the order of its epoch. */
export function batchStart(plan: Pick<Plan, 'rows' | 'batch'>, step: number): number {
  return (step % stepsPerEpoch(plan)) * plan.batch
}

/** Rows of a step's batch: the last one of an epoch may be shorter. */
export function batchSize(plan: Pick<Plan, 'rows' | 'batch'>, step: number): number {
  return Math.min(plan.batch, plan.rows - batchStart(plan, step))
}

/** Whether an evaluation follows the step (counted from 0). */
export function evaluatesAfter(plan: Pick<Plan, 'evaluateEvery'>, step: number): boolean {
  return (step + 1) % plan.evaluateEvery === 0
}

/**
 * Adam's bias correction 1 / (1 - beta1^t) for the step counted from 0 (t = step + 1), in float64 on the host: WGSL's pow is off by
 * up to 2^-21 absolute in log2 near 1, which 1 - 0.999^t magnifies a thousandfold.
 */
export function firstCorrection({ beta1 }: AdamPlan, step: number): number {
  return 1 / (1 - beta1 ** (step + 1))
}

/** The correction of the second moment's root, 1 / sqrt(1 - beta2^t). */
export function secondCorrection({ beta2 }: AdamPlan, step: number): number {
  return 1 / Math.sqrt(1 - beta2 ** (step + 1))
}

/** What the learning rate of the step counted from 0 is multiplied by: the formulas stand at SchedulePlan. */
export function rateFactor({ schedule }: AdamPlan, step: number): number {
  if (schedule === undefined || schedule.kind === 'constant') return 1
  const { kind, steps, floor } = schedule
  if (step >= steps) return floor
  const part = step / steps
  return kind === 'cosine' ? floor + ((1 - floor) * (1 + Math.cos(Math.PI * part))) / 2 : floor ** part
}
