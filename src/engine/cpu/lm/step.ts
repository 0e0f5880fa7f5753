import { evaluateLoss, lossAndGradient } from '../evaluate.ts'
import type { Allocator } from '../memory.ts'
import type { StepScope } from '../optimizer.ts'
import { factorise, solveFactorised } from './cholesky.ts'
import { curvature } from './curvature.ts'
import type { Curvature } from './curvature.ts'

/** Damping of the first step, relative to the curvature's diagonal. */
export const FIRST_DAMPING = 1e-2
/** Trials of one step before it is given up. */
const MOST_TRIALS = 12
/** Below this, relative to the largest diagonal entry, a parameter counts as unseen and is damped as if it stood here. */
const SMALLEST_DIAGONAL = 1e-8

/** Scratch of a session's Levenberg-Marquardt steps. */
export interface LevenbergScratch {
  readonly factor: Float64Array
  readonly shift: Float64Array
  readonly direction: Float64Array
  readonly before: Float64Array
  /** Numbers of the parameters that matter at this step. */
  readonly seen: Int32Array
}

export function createLevenbergScratch(size: number, allocator: Allocator): LevenbergScratch {
  return {
    factor: allocator.float64('the factor', size * size),
    shift: allocator.float64('damping', size),
    direction: allocator.float64('the direction', size),
    before: allocator.float64('parameters before a step', size),
    seen: allocator.int32('parameters that are seen', size),
  }
}

/**
 * One Levenberg-Marquardt step of model m: solve (A + mu D) d = -g with the Gauss-Newton curvature A, its gradient g and
 * D = diag(A) (Marquardt 1963), and take p + d if the loss falls; mu follows the gain ratio as Nielsen has it ("Damping parameter in
 * Marquardt's method", IMM-REP-1999-05, eq. 2.4): rho = (L(p) - L(p + d)) / predicted,
 * mu <- mu max(1/3, 1 - (2 rho - 1)^3) after success, mu <- mu nu, nu <- 2 nu after failure. Parameters that nothing depends on
 * (A and g are 0: those of masked edges, and of intervals without rows) stay where they are and are left out of the system.
 *
 * @param memory mu and nu of every model, [M]
 * @returns the loss before the step, and whether a trial was accepted
 */
export function levenbergStep(
  scope: StepScope,
  m: number,
  into: Curvature,
  scratch: LevenbergScratch,
  { damping, growth }: { readonly damping: Float64Array; readonly growth: Float64Array },
): { loss: number; accepted: boolean } {
  const { network, plan, order, gradient, functionEvaluations } = scope
  const set = scope.training[m]!
  const { parameters, layout } = network
  const { size, places, matrix } = into
  const { factor, shift, direction, before, seen } = scratch
  const own = m * layout.parameters
  const loss = lossAndGradient(network, m, plan, set, order, plan.rows, gradient)
  functionEvaluations[m] = functionEvaluations[m]! + 1
  if (!Number.isFinite(loss)) return { loss, accepted: false }
  curvature(network, m, plan, set, plan.rows, into)
  let largest = 0
  let count = 0
  for (let p = 0; p < size; p++) {
    const diagonal = matrix[p * size + p]!
    if (diagonal === 0 && gradient[own + places[p]!] === 0) continue
    largest = Math.max(largest, diagonal)
    before[count] = parameters[own + places[p]!]!
    seen[count++] = p
  }
  for (let trial = 1; trial <= MOST_TRIALS; trial++) {
    const mu = damping[m]!
    for (let s = 0; s < count; s++) {
      const p = seen[s]!
      shift[s] = mu * Math.max(matrix[p * size + p]!, SMALLEST_DIAGONAL * largest) + Number.MIN_VALUE
    }
    let gain = -Infinity
    if (factorise(matrix, size, seen, count, shift, factor)) {
      for (let s = 0; s < count; s++) direction[s] = -gradient[own + places[seen[s]!]!]!
      solveFactorised(factor, count, direction)
      let predicted = 0
      for (let s = 0; s < count; s++) {
        const p = own + places[seen[s]!]!
        predicted += 0.5 * direction[s]! * (shift[s]! * direction[s]! - gradient[p]!)
        parameters[p] = before[s]! + direction[s]!
      }
      const after = evaluateLoss(network, m, plan, set, plan.rows)
      functionEvaluations[m] += 1
      if (Number.isFinite(after)) gain = (loss - after) / predicted
    }
    if (gain > 0) {
      damping[m] = Math.max(1e-16, mu * Math.max(1 / 3, 1 - (2 * gain - 1) ** 3))
      growth[m] = 2
      return { loss, accepted: true }
    }
    for (let s = 0; s < count; s++) parameters[own + places[seen[s]!]!] = before[s]!
    damping[m] = mu * growth[m]!
    growth[m] = 2 * growth[m]!
  }
  return { loss, accepted: false }
}
