import type { AdamPlan, Plan } from './engine.ts'

/** Where a step stands in its epoch. */
export interface StepPosition {
  readonly epoch: number
  /** First position of the step's batch in the epoch's order, and the rows it has: the last batch may be shorter. */
  readonly start: number
  readonly size: number
}

/** Steps until every row was seen once. */
export function stepsPerEpoch(plan: Pick<Plan, 'rows' | 'batch'>): number {
  return Math.ceil(plan.rows / plan.batch)
}

/** The batch of a step; steps are counted from 0. */
export function stepPosition(plan: Pick<Plan, 'rows' | 'batch'>, step: number): StepPosition {
  const perEpoch = stepsPerEpoch(plan)
  const start = (step % perEpoch) * plan.batch
  return { epoch: Math.floor(step / perEpoch), start, size: Math.min(plan.batch, plan.rows - start) }
}

/** Whether an evaluation follows the step (counted from 0). */
export function evaluatesAfter(plan: Pick<Plan, 'evaluateEvery'>, step: number): boolean {
  return (step + 1) % plan.evaluateEvery === 0
}

/**
 * Adam's bias corrections 1 / (1 - beta1^t) and 1 / sqrt(1 - beta2^t) for the step counted from 0 (t = step + 1), in
 * float64 on the host: WGSL's pow is off by up to 2^-21 absolute in log2 near 1, which 1 - 0.999^t magnifies a thousandfold.
 */
export function adamCorrections(adam: AdamPlan, step: number): { first: number; second: number } {
  return {
    first: 1 / (1 - adam.beta1 ** (step + 1)),
    second: 1 / Math.sqrt(1 - adam.beta2 ** (step + 1)),
  }
}
