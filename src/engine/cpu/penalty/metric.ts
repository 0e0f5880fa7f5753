import type { LayerShape } from '../../../model/shape.ts'
import type { PenaltyPlan } from '../../engine.ts'

/** A layer whose norms add up to less is empty: its entropy and the entropy's gradient (about ln p / N) are 0. */
const EMPTY_LAYER = 1e-12
/** pykan's: keeps log2(p) finite at p = 0. */
const SHARE_OFFSET = 1e-4
/** pykan's: what is added to the deviation of an edge's input before it divides. */
export const INPUT_OFFSET = 0.1

/**
 * l1 * N + entropy * S of one layer and its derivative by each norm (see PenaltyPlan for N and S).
 *
 * @param norm [inputs][outputs]
 * @param slope [inputs][outputs]: receives d / d norm
 */
export function layerPenalty(
  plan: PenaltyPlan,
  layer: LayerShape,
  norm: Float64Array,
  slope: Float64Array,
): number {
  let total = 0
  for (const n of norm) total += n
  slope.fill(plan.l1)
  if (plan.entropy === 0) return plan.l1 * total
  const entropy =
    plan.metric === 'paper'
      ? addLayerEntropy(plan.entropy, norm, total, slope)
      : addNodeEntropies(plan.entropy, layer, norm, slope)
  return plan.l1 * total + plan.entropy * entropy
}

/**
 * S = - sum p ln p, p = n / N (KAN paper, arXiv 2404.19756, eq. 2.18);   dS/dn = - (ln p + S) / N.
 *
 * Where p is 0 the derivative is infinite, but no |phi| can fall there: the norm's own derivative is 0, and so is ours.
 */
function addLayerEntropy(weight: number, norm: Float64Array, total: number, slope: Float64Array): number {
  if (!(total >= EMPTY_LAYER)) return 0
  let entropy = 0
  for (const n of norm) if (n > 0) entropy -= (n / total) * Math.log(n / total)
  for (let e = 0; e < norm.length; e++)
    if (norm[e]! > 0) slope[e] = slope[e]! - (weight * (Math.log(norm[e]! / total) + entropy)) / total
  return entropy
}

/**
 * pykan's entropy of incoming norms an output node and of outgoing norms an input node, both means over the nodes: a node
 * whose norms add up to T has
 *
 *     S = - sum h(p),   p = n / (T + 1),   h(p) = p log2(p + 1e-4)
 *     dS/dn_e = ( - h'(p_e) + sum_f h'(p_f) p_f ) / (T + 1)
 */
function addNodeEntropies(
  weight: number,
  { inputs, outputs }: LayerShape,
  norm: Float64Array,
  slope: Float64Array,
): number {
  let entropy = 0
  for (let j = 0; j < outputs; j++)
    entropy += nodeEntropy(weight / outputs, norm, j, outputs, inputs, slope) / outputs
  for (let i = 0; i < inputs; i++)
    entropy += nodeEntropy(weight / inputs, norm, i * outputs, 1, outputs, slope) / inputs
  return entropy
}

/** The entropy of `count` norms, `stride` apart; adds `weight` times its derivatives to `slope`. */
function nodeEntropy(
  weight: number,
  norm: Float64Array,
  first: number,
  stride: number,
  count: number,
  slope: Float64Array,
): number {
  let sum = 1
  for (let n = 0, e = first; n < count; n++, e += stride) sum += norm[e]!
  let entropy = 0
  let mean = 0
  for (let n = 0, e = first; n < count; n++, e += stride) {
    const p = norm[e]! / sum
    entropy -= p * Math.log2(p + SHARE_OFFSET)
    mean += p * entropySlope(p)
  }
  for (let n = 0, e = first; n < count; n++, e += stride)
    slope[e] = slope[e]! + (weight * (mean - entropySlope(norm[e]! / sum))) / sum
  return entropy
}

/** h'(p) of h(p) = p log2(p + 1e-4). */
function entropySlope(p: number): number {
  return Math.log2(p + SHARE_OFFSET) + (p * Math.LOG2E) / (p + SHARE_OFFSET)
}
