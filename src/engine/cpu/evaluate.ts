import type { Plan, Rows } from '../engine.ts'
import { clearBiases, clearSums, foldModel, gatherSums, unfoldModel } from './coefficients.ts'
import { blockLoss } from './loss.ts'
import type { LossPlan } from './loss.ts'
import type { Network } from './network.ts'
import { backwardBlock, forwardBlock, gatherBlock } from './passes.ts'
import { unfoldPenalty } from './penalty/gradient.ts'
import { addNorms, looksAtEdges, penaltyOf, startNorms } from './penalty/norms.ts'
import type { Penalty } from './penalty/norms.ts'
import { settlePenalty } from './penalty/settle.ts'

const NO_GRADIENT = new Float64Array(0)

/** The objective of model m, loss and penalty, on the first `count` rows of a set, in the order given. */
export function evaluateLoss(network: Network, m: number, plan: LossPlan, set: Rows, count: number): number {
  const { layout, rowsOf, rowStride } = network
  const outputs = network.nodes.at(-1)!
  let weight = 0
  for (let row = 0; row < count; row++) weight += set.weights[row]!
  let total = 0
  const penalty = penaltyOf(network, m)
  if (penalty) startNorms(network, m, penalty)
  foldModel(network, m)
  for (let start = 0; start < count; start += network.blockRows) {
    const size = Math.min(network.blockRows, count - start)
    for (let b = 0; b < size; b++) rowsOf[b] = start + b
    gatherBlock(network, set.x, size)
    forwardBlock(network, m, size, false)
    if (penalty) addNorms(network, penalty, size, set.weights)
    total += blockLoss(
      plan,
      layout.outputs,
      outputs,
      rowStride,
      size,
      set.y,
      set.weights,
      rowsOf,
      0,
      NO_GRADIENT,
    )
  }
  if (weight === 0) return 0
  // Rounded as lossAndGradient rounds: a search compares the two, and must not take one's last bit for progress.
  const loss = total * (1 / weight)
  return penalty ? loss + settlePenalty(network, m, penalty) : loss
}

/**
 * The objective of model m on a batch, loss and penalty, and its gradient by the trainable parameters, written to `gradient`
 * ([M][parameters], the model's part). With `inputGradient` ([M][batch][inputs]) also the gradient by the inputs. Any optimizer
 * can be built on this one call. A batch whose weights are all 0 says nothing: its loss and gradients are 0.
 *
 * @param order rows of the batch, `count` of them
 */
export function lossAndGradient(
  network: Network,
  m: number,
  plan: Plan,
  set: Rows,
  order: Int32Array,
  count: number,
  gradient: Float64Array,
  inputGradient?: Float64Array,
): number {
  const { sums, crew } = network
  let weight = 0
  for (let p = 0; p < count; p++) weight += set.weights[order[p]!]!
  const share = weight > 0 ? 1 / weight : 0
  foldModel(network, m)
  const penalty = weight > 0 ? penaltyOf(network, m) : undefined
  let added = 0
  if (penalty) added = gatherPenalty(network, m, penalty, set, order, count)
  // Penalties add up in arrays that all slices share, and the gradient by the inputs belongs to nobody else.
  const shared = penalty === undefined && inputGradient === undefined
  if (crew.addSlices && shared) crew.addSlices(m, count, share)
  else
    for (let s = 0; s < sums.length; s++)
      addSlice(network, plan, set, m, order, count, s, share, gradient, inputGradient, penalty)
  const total = gatherSums(network, m, plan.trainable, gradient)
  unfoldModel(network, m, plan.trainable, gradient)
  if (penalty) unfoldPenalty(network, m, penalty, plan.trainable, gradient)
  return total * share + added
}

/**
 * Pushes slice s of a batch of `count` rows through model m, forth and back, and leaves what its rows add up to in the
 * network's sums. The arguments are those of lossAndGradient; `share` is 1 / sum of the batch's weights.
 */
export function addSlice(
  network: Network,
  plan: Plan,
  set: Rows,
  m: number,
  order: Int32Array,
  count: number,
  s: number,
  share: number,
  gradient: Float64Array,
  inputGradient?: Float64Array,
  penalty?: Penalty,
): void {
  const { layout, rowsOf, rowStride, nodes, adjoints, blockRows } = network
  const { trainable } = plan
  const sums = network.sums[s]!
  const slices = network.sums.length
  const end = Math.floor(((s + 1) * count) / slices)
  const first = Math.floor((s * count) / slices)
  if (first === end) clearSums(network, m, trainable, s, gradient)
  clearBiases(sums)
  let total = 0
  for (let start = first; start < end; start += blockRows) {
    const size = Math.min(blockRows, end - start)
    for (let b = 0; b < size; b++) rowsOf[b] = order[start + b]!
    gatherBlock(network, set.x, size)
    forwardBlock(network, m, size, true)
    total += blockLoss(
      plan,
      layout.outputs,
      nodes[layout.layers.length]!,
      rowStride,
      size,
      set.y,
      set.weights,
      rowsOf,
      share,
      adjoints[layout.layers.length]!,
    )
    const toInputs = inputGradient !== undefined
    const fresh = start === first
    backwardBlock(network, m, size, trainable, s, gradient, fresh, toInputs, penalty, set.weights)
    if (inputGradient !== undefined)
      scatterBlock(network, adjoints[0]!, layout.inputs, size, inputGradient, m * count + start)
  }
  sums.loss[0] = total
}

/** Lambda times the penalty of a batch: every norm must be known before the first row goes back, so all rows go forward first. */
function gatherPenalty(
  network: Network,
  m: number,
  penalty: Penalty,
  set: Rows,
  order: Int32Array,
  count: number,
): number {
  const { rowsOf, blockRows } = network
  startNorms(network, m, penalty)
  for (let start = 0; start < count; start += blockRows) {
    const size = Math.min(blockRows, count - start)
    for (let b = 0; b < size; b++) rowsOf[b] = order[start + b]!
    if (looksAtEdges(penalty)) {
      gatherBlock(network, set.x, size)
      forwardBlock(network, m, size, false)
    }
    addNorms(network, penalty, size, set.weights)
  }
  return settlePenalty(network, m, penalty)
}

/** Outputs of all models for `count` rows of x: [M][rows][outputs]. */
export function evaluateOutputs(
  network: Network,
  models: number,
  x: Float64Array,
  count: number,
): Float64Array {
  const { layout, rowsOf, nodes, blockRows } = network
  const out = new Float64Array(models * count * layout.outputs)
  for (let m = 0; m < models; m++) {
    foldModel(network, m)
    for (let start = 0; start < count; start += blockRows) {
      const size = Math.min(blockRows, count - start)
      for (let b = 0; b < size; b++) rowsOf[b] = start + b
      gatherBlock(network, x, size)
      forwardBlock(network, m, size, false)
      scatterBlock(network, nodes[layout.layers.length]!, layout.outputs, size, out, m * count + start)
    }
  }
  return out
}

/** Copies a node-major level into rows [..][width] from row `first` on. */
function scatterBlock(
  network: Network,
  level: Float64Array,
  width: number,
  size: number,
  out: Float64Array,
  first: number,
): void {
  const { rowStride } = network
  for (let b = 0; b < size; b++)
    for (let j = 0; j < width; j++) out[(first + b) * width + j] = level[j * rowStride + b]!
}
