import type { Parts } from '../../parts.ts'
import { evaluateLoss, lossAndGradient } from '../evaluate.ts'
import type { Allocator } from '../memory.ts'
import type { StepScope } from '../optimizer.ts'
import { factorise, solveFactorised } from './cholesky.ts'
import { curvatureParts } from './curvature.ts'
import type { Curvature } from './curvature.ts'
import { clearLeft, holdEdges } from './hold.ts'
import { clearRanges, countInside, markEntered } from './singular.ts'

/** Damping of the first step, relative to the curvature's diagonal. */
export const FIRST_DAMPING = 1e-2
/** Trials of one step before it is given up. */
const MOST_TRIALS = 12
/**
 * Below this, relative to the largest diagonal entry, a parameter counts as unseen and is damped as if it stood here. Those of
 * symbolic edges are apart: their entries have no bound (b of sqrt(a x + b) near 0) and no rows that miss them.
 */
const SMALLEST_DIAGONAL = 1e-8

/**
 * Trials that leave a function's domain before its edge is held where it is (hold.ts), and once more after the last trial. Of
 * 36 fits of sqrt, log, u sqrt(u), asin and 1/u with a row on the end of the domain or close to it, 34 end below an RMSE of
 * 1e-7, and 21 without; the other two begin on the wrong side of a pole.
 */
const OUTSIDE_TRIALS = 2
/** Share of the loss that a step with held edges must be worth before shorter steps of all have been tried. */
const WORTHWHILE = 0.1

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
 * D = diag(A) (Marquardt 1963), and take p + d if the loss falls; mu follows the gain ratio as Nielsen has it ("Damping
 * parameter in Marquardt's method", IMM-REP-1999-05, eq. 2.4): rho = (L(p) - L(p + d)) / predicted,
 * mu <- mu max(1/3, 1 - (2 rho - 1)^3) after success, mu <- mu nu, nu <- 2 nu after failure. Parameters that nothing depends on
 * (A and g are 0: those of masked edges, and of intervals without rows) stay where they are and are left out of the system. A
 * trial whose loss is not finite, as some row left the domain of a symbolic edge's function, is a failure, and so is one that
 * puts a pole of such a function between rows (singular.ts): see OUTSIDE_TRIALS.
 *
 * In parts, as a step of 1300 parameters takes half a second and each trial that fails another third: between two of them the model
 * stands where it stood.
 *
 * @param memory mu and nu of every model, [M]
 * @returns the loss before the step, and whether a trial was accepted
 */
export function* levenbergStep(
  scope: StepScope,
  m: number,
  into: Curvature,
  scratch: LevenbergScratch,
  { damping, growth }: { readonly damping: Float64Array; readonly growth: Float64Array },
): Parts<{ loss: number; accepted: boolean }> {
  const { network, plan, order, gradient, functionEvaluations } = scope
  const set = scope.training[m]!
  const { size, matrix, isAffine } = into
  const loss = lossAndGradient(network, m, plan, set, order, plan.rows, gradient)
  functionEvaluations[m] = functionEvaluations[m]! + 1
  if (!Number.isFinite(loss)) return { loss, accepted: false }
  clearRanges(network)
  yield* curvatureParts(network, m, plan, set, plan.rows, into)
  countInside(network)
  let count = seenParameters(scope, m, into, scratch)
  let largest = 0
  for (let p = 0; p < size; p++) if (!isAffine[p]) largest = Math.max(largest, matrix[p * size + p]!)
  const first = damping[m]!
  let outside = 0
  clearLeft(network)
  for (let trial = 1; trial <= MOST_TRIALS; trial++) {
    const mu = damping[m]!
    const gain = tryStep(scope, m, into, scratch, count, mu, largest, loss)
    if (gain > 0) {
      damping[m] = Math.max(1e-16, mu * Math.max(1 / 3, 1 - (2 * gain - 1) ** 3))
      growth[m] = 2
      return { loss, accepted: true }
    }
    if (Number.isNaN(gain)) outside++
    const last = trial === MOST_TRIALS
    if (Number.isNaN(gain) ? outside === OUTSIDE_TRIALS || last : outside > 0 && last) {
      const least = last ? 0 : WORTHWHILE * loss
      const free = holdEdges(network, into, scratch, count)
      if (free < count && tryStep(scope, m, into, scratch, free, first, largest, loss, least) > 0) {
        damping[m] = first
        growth[m] = 2
        return { loss, accepted: true }
      }
      count = seenParameters(scope, m, into, scratch)
    }
    damping[m] = mu * growth[m]!
    growth[m] = 2 * growth[m]!
    yield
  }
  return { loss, accepted: false }
}

/** The parameters that anything depends on, with their values, into the scratch; returns how many there are. */
function seenParameters(
  { network, gradient }: StepScope,
  m: number,
  { size, places, matrix }: Curvature,
  { seen, before }: LevenbergScratch,
): number {
  const own = m * network.layout.parameters
  let count = 0
  for (let p = 0; p < size; p++) {
    if (matrix[p * size + p] === 0 && gradient[own + places[p]!] === 0) continue
    before[count] = network.parameters[own + places[p]!]!
    seen[count++] = p
  }
  return count
}

/**
 * Tries the step with damping mu in the first `count` parameters that are seen. Returns the gain ratio, and leaves the model
 * there where the loss fell by more than `least` and no pole came between rows; else it stands where it stood, and the ratio is
 * negative, or NaN for a pole and for a loss that is not finite: the edges at fault are then marked (hold.ts).
 */
function tryStep(
  { network, plan, gradient, functionEvaluations, training }: StepScope,
  m: number,
  { size, places, matrix, isAffine }: Curvature,
  { factor, shift, direction, before, seen }: LevenbergScratch,
  count: number,
  mu: number,
  largest: number,
  loss: number,
  least = 0,
): number {
  const { parameters, layout } = network
  const own = m * layout.parameters
  for (let s = 0; s < count; s++) {
    const p = seen[s]!
    const floor = isAffine[p] ? 0 : SMALLEST_DIAGONAL * largest
    shift[s] = mu * Math.max(matrix[p * size + p]!, floor) + Number.MIN_VALUE
  }
  if (!factorise(matrix, size, seen, count, shift, factor)) return -1
  for (let s = 0; s < count; s++) direction[s] = -gradient[own + places[seen[s]!]!]!
  solveFactorised(factor, count, direction)
  let predicted = 0
  for (let s = 0; s < count; s++) {
    const p = own + places[seen[s]!]!
    predicted += 0.5 * direction[s]! * (shift[s]! * direction[s]! - gradient[p]!)
    parameters[p] = before[s]! + direction[s]!
  }
  clearRanges(network)
  const after = evaluateLoss(network, m, plan, training[m]!, plan.rows)
  functionEvaluations[m] = functionEvaluations[m]! + 1
  const gain = (loss - after) / predicted
  const isBetter = gain > 0 && loss - after > least
  if (isBetter && !markEntered(network)) return gain
  for (let s = 0; s < count; s++) parameters[own + places[seen[s]!]!] = before[s]!
  return isBetter || !Number.isFinite(after) ? NaN : -1
}
