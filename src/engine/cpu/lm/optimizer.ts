import type { Layout } from '../../../model/shape.ts'
import { STOPPED } from '../../engine.ts'
import type { Plan } from '../../engine.ts'
import type { Allocator } from '../memory.ts'
import type { Network } from '../network.ts'
import type { CpuOptimizer, StepScope } from '../optimizer.ts'
import { createCurvature } from './curvature.ts'
import type { Curvature } from './curvature.ts'
import { createLevenbergScratch, FIRST_DAMPING, levenbergStep } from './step.ts'
import type { LevenbergScratch } from './step.ts'

/**
 * Levenberg-Marquardt as a session's optimizer. A model whose step fails at every damping has stalled, and is left alone while
 * others of its session go on: a dozen evaluations a step would find nothing.
 */
export class LevenbergOptimizer implements CpuOptimizer {
  readonly memory: { readonly damping: Float64Array; readonly growth: Float64Array }
  readonly #curvature: Curvature
  readonly #scratch: LevenbergScratch
  /** [M]: where each model has stalled; NaN while it goes on. */
  readonly #stalledAt: Float64Array

  constructor(plan: Plan, layout: Layout, network: Network, allocator: Allocator) {
    this.#curvature = createCurvature(layout, network, plan.trainable, allocator)
    this.#scratch = createLevenbergScratch(this.#curvature.size, allocator)
    this.#stalledAt = allocator.float64('losses of stalled models', plan.models).fill(NaN)
    this.memory = {
      damping: allocator.float64('damping', plan.models).fill(FIRST_DAMPING),
      growth: allocator.float64('damping', plan.models).fill(2),
    }
  }

  step(scope: StepScope, m: number): number {
    const stalled = scope.stopped[m] === STOPPED.stalled
    if (stalled && !Number.isNaN(this.#stalledAt[m])) return this.#stalledAt[m]!
    const { loss, accepted } = levenbergStep(scope, m, this.#curvature, this.#scratch, this.memory)
    if (!accepted && scope.stopped[m] === 0) scope.stopped[m] = STOPPED.stalled
    this.#stalledAt[m] = accepted ? NaN : loss
    return loss
  }
}
