import type { LayerLayout, Layout, Trainable } from '../../model/shape.ts'
import { idleParameters, parameterGroups } from '../../model/shape.ts'
import type { AdamPlan, Plan } from '../engine.ts'
import { firstCorrection, rateFactor, secondCorrection } from '../schedule.ts'
import { lossAndGradient } from './evaluate.ts'
import type { Allocator } from './memory.ts'
import type { CpuOptimizer, StepScope } from './optimizer.ts'

/** A run of neighbouring parameters that an optimizer may change. */
export interface ParameterRange {
  readonly start: number
  readonly end: number
}

/** The trainable parts of a model's flat parameters, neighbours joined; without the splines behind symbolic edges. */
function trainableRanges(layers: readonly LayerLayout[], trainable: Trainable): ParameterRange[] {
  const ranges: { start: number; end: number }[] = []
  const add = (start: number, end: number): void => {
    const last = ranges.at(-1)
    if (last?.end === start) last.end = end
    else if (end > start) ranges.push({ start, end })
  }
  for (const layer of layers) {
    const idle = idleParameters(layer).sort((a, b) => a - b)
    for (const { name, start, size } of parameterGroups(layer)) {
      if (!trainable[name]) continue
      let from = start
      for (const place of idle) {
        if (place < start || place >= start + size) continue
        add(from, place)
        from = place + 1
      }
      add(from, start + size)
    }
  }
  return ranges
}

/**
 * One step of Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) on the trainable ranges of one model, in torch's form:
 *
 *     m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g^2
 *     p = p - rate * weightDecay * p - rate * (m * first) / (sqrt(v) * second + epsilon)
 *
 * `first` and `second` are the bias corrections of schedule.ts, `rate` includes the schedule's factor, and weight decay is decoupled
 * (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2).
 *
 * @param model offset of the model in all four flat arrays
 * @param shrink what the gradient is multiplied by: less than 1 where it is clipped
 */
export function adamStep(
  { beta1, beta2, epsilon, weightDecay = 0 }: AdamPlan,
  ranges: readonly ParameterRange[],
  model: number,
  rate: number,
  first: number,
  second: number,
  parameters: Float64Array,
  gradient: Float64Array,
  m: Float64Array,
  v: Float64Array,
  shrink: number,
): void {
  const kept = 1 - rate * weightDecay
  for (const range of ranges) {
    const end = model + range.end
    for (let p = model + range.start; p < end; p++) {
      const g = shrink * gradient[p]!
      const mp = beta1 * m[p]! + (1 - beta1) * g
      const vp = beta2 * v[p]! + (1 - beta2) * g * g
      m[p] = mp
      v[p] = vp
      parameters[p] = kept * parameters[p]! - (rate * first * mp) / (Math.sqrt(vp) * second + epsilon)
    }
  }
}

/** min(1, clip / |g|), |g| the 2-norm of one model's gradient by its trainable parameters; without a limit 1. */
function clippedShare(
  { clip }: AdamPlan,
  ranges: readonly ParameterRange[],
  model: number,
  gradient: Float64Array,
): number {
  if (clip === undefined) return 1
  let sum = 0
  for (const range of ranges) {
    const end = model + range.end
    for (let p = model + range.start; p < end; p++) sum += (gradient[p]! / clip) ** 2
  }
  return sum > 1 ? 1 / Math.sqrt(sum) : 1
}

/** The moments m and v, [M][parameters]. */
export interface AdamMoments {
  readonly first: Float64Array
  readonly second: Float64Array
}

export function createMoments(plan: Plan, layout: Layout, allocator: Allocator): AdamMoments {
  return {
    first: allocator.float64('first moments', plan.models * layout.parameters),
    second: allocator.float64('second moments', plan.models * layout.parameters),
  }
}

/** Adam as a session's optimizer. */
export class AdamOptimizer implements CpuOptimizer {
  readonly memory: Readonly<Record<keyof AdamMoments, Float64Array>>
  readonly #adam: AdamPlan
  readonly #ranges: readonly ParameterRange[]
  readonly #size: number

  constructor(adam: AdamPlan, plan: Plan, layout: Layout, moments: AdamMoments) {
    this.#adam = adam
    this.#ranges = trainableRanges(layout.layers, plan.trainable)
    this.#size = layout.parameters
    this.memory = moments
  }

  step(scope: StepScope, m: number, step: number, rows: number): number {
    const { network, plan, training, order, gradient, learningRate, functionEvaluations, stopped } = scope
    const loss = lossAndGradient(network, m, plan, training[m]!, order, rows, gradient)
    functionEvaluations[m] = functionEvaluations[m]! + 1
    if (stopped[m] !== 0) return loss
    const model = m * this.#size
    adamStep(
      this.#adam,
      this.#ranges,
      model,
      learningRate[m]! * rateFactor(this.#adam, step),
      firstCorrection(this.#adam, step),
      secondCorrection(this.#adam, step),
      network.parameters,
      gradient,
      this.memory.first,
      this.memory.second,
      clippedShare(this.#adam, this.#ranges, model, gradient),
    )
    return loss
  }
}
