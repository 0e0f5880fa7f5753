import type { Layout } from '../../../model/shape.ts'
import { STOPPED } from '../../engine.ts'
import type { Plan } from '../../engine.ts'
import type { Parts } from '../../parts.ts'
import { wholeOf } from '../../parts.ts'
import { evaluateLoss } from '../evaluate.ts'
import type { Allocator } from '../memory.ts'
import type { Network } from '../network.ts'
import type { CpuOptimizer, StepScope } from '../optimizer.ts'
import { createCurvature } from './curvature.ts'
import type { Curvature } from './curvature.ts'
import { createLevenbergScratch, FIRST_DAMPING, levenbergStep } from './step.ts'
import type { LevenbergScratch } from './step.ts'

/** Levenberg-Marquardt as a session's optimizer. A model whose step fails at every damping has stalled. */
export class LevenbergOptimizer implements CpuOptimizer {
  readonly memory: { readonly damping: Float64Array; readonly growth: Float64Array }
  readonly #curvature: Curvature
  readonly #scratch: LevenbergScratch
  /** [M]: loss of a model that has stopped; NaN until it is known. */
  readonly #restsAt: Float64Array

  constructor(plan: Plan, layout: Layout, network: Network, allocator: Allocator) {
    this.#curvature = createCurvature(layout, network, plan.trainable, allocator)
    this.#scratch = createLevenbergScratch(this.#curvature.size, allocator)
    this.#restsAt = allocator.float64('losses of models at rest', plan.models).fill(NaN)
    this.memory = {
      damping: allocator.float64('damping', plan.models).fill(FIRST_DAMPING),
      growth: allocator.float64('damping', plan.models).fill(2),
    }
  }

  /** A model that was uploaded anew stands elsewhere. */
  forget(): void {
    this.#restsAt.fill(NaN)
  }

  step(scope: StepScope, m: number): number {
    return wholeOf(this.parts(scope, m))
  }

  /** A model that has stopped stays where it is, and costs nothing while others go on. */
  *parts(scope: StepScope, m: number): Parts<number> {
    if (scope.stopped[m] !== 0) return this.#lossAtRest(scope, m)
    const { loss, accepted } = yield* levenbergStep(scope, m, this.#curvature, this.#scratch, this.memory)
    if (!accepted) scope.stopped[m] = STOPPED.stalled
    this.#restsAt[m] = accepted ? NaN : loss
    return loss
  }

  #lossAtRest({ network, plan, training }: StepScope, m: number): number {
    if (Number.isNaN(this.#restsAt[m]))
      this.#restsAt[m] = evaluateLoss(network, m, plan, training[m]!, plan.rows)
    return this.#restsAt[m]!
  }
}
