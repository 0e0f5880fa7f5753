import type { Layout } from '../../../model/shape.ts'
import { STOPPED } from '../../engine.ts'
import type { Plan } from '../../engine.ts'
import { lossAndGradient } from '../evaluate.ts'
import type { Allocator } from '../memory.ts'
import type { CpuOptimizer, StepScope } from '../optimizer.ts'
import { Lbfgs } from './lbfgs.ts'
import type { Objective } from './lbfgs.ts'

/** L-BFGS as a session's optimizer: a step is an iteration, and a model whose search fails has stalled. */
export class LbfgsOptimizer implements CpuOptimizer {
  readonly #lbfgs: Lbfgs
  #objective: Objective | undefined

  constructor(plan: Plan, layout: Layout, allocator: Allocator) {
    this.#lbfgs = new Lbfgs(plan.models, layout.parameters, allocator)
  }

  get memory(): Lbfgs['memory'] {
    return this.#lbfgs.memory
  }

  lossAt(m: number): number | undefined {
    const { count, loss } = this.#lbfgs.memory
    return count[m]! < 0 ? undefined : loss[m]!
  }

  forget(): void {
    this.#lbfgs.forget()
  }

  step(scope: StepScope, m: number): number {
    this.#objective ??= trainingLoss(scope)
    const before = this.#lbfgs.valueAt(this.#objective, m)
    if (scope.stopped[m] !== 0) return before
    if (!Number.isFinite(before) || !this.#lbfgs.descend(this.#objective, m))
      scope.stopped[m] = STOPPED.stalled
    return before
  }
}

/** The loss over all training rows; a session's arrays stay the same ones. */
function trainingLoss({
  network,
  plan,
  training,
  order,
  gradient,
  functionEvaluations,
}: StepScope): Objective {
  return {
    parameters: network.parameters,
    gradient,
    evaluate(m) {
      functionEvaluations[m] = functionEvaluations[m]! + 1
      return lossAndGradient(network, m, plan, training[m]!, order, plan.rows, gradient)
    },
  }
}
