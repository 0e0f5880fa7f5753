import { affineSize } from '../../../model/shape.ts'
import type { LayerLayout, Layout } from '../../../model/shape.ts'
import type { PenaltyPlan } from '../../engine.ts'
import { baseStart, effectiveCount, splineRows } from '../effective.ts'
import { forwardInput } from '../layer.ts'
import type { Allocator } from '../memory.ts'
import type { Network } from '../network.ts'
import { addCurves } from '../symbolic/curves.ts'

/** The curves of one layer as the penalty sees them: items are its edges [inputs][outputs], then its inputs themselves. */
interface LayerNorms {
  /** phi in effective coordinates (effective.ts) without the node scale, and the penalty's gradient by them. */
  readonly coefficients: Float64Array
  readonly gradient: Float64Array
  /** Sums for the penalty's gradient by `affine` (symbolic/curves.ts). */
  readonly affine: Float64Array
  /** [items]: sum_b w |v|, weighted mean of v, sum_b w (v - mean)^2, v = phi or x. */
  readonly absolute: Float64Array
  readonly mean: Float64Array
  readonly squares: Float64Array
  /** [inputs][outputs]: the norm, and the derivative of the layer's l1 N + entropy S by it. */
  readonly norm: Float64Array
  readonly slope: Float64Array
  /** [items]: lambda times the penalty's derivative by v at row b is w_b factor s(v_b): see settle.ts. */
  readonly factor: Float64Array
}

/** A session's penalty: lambdas, and the norms of the model that was looked at last. */
export interface Penalty {
  readonly plan: PenaltyPlan
  /** [M]. */
  readonly lambda: Float64Array
  readonly layers: readonly LayerNorms[]
  /** [outputs of the widest layer][rowStride]: phi of the edges of one input, or the gradient by them. */
  readonly phi: Float64Array
  /** [rowStride]: weights of the block's rows. */
  readonly rowWeights: Float64Array
  /** [2]: sum of the weights of the rows so far, and of their squares. */
  readonly weight: Float64Array
}

export function createPenalty(
  plan: PenaltyPlan,
  layout: Layout,
  models: number,
  rowStride: number,
  allocator: Allocator,
): Penalty {
  const name = 'edge norms'
  const layerNorms = (layer: LayerLayout): LayerNorms => {
    const edges = layer.inputs * layer.outputs
    const items = edges + layer.inputs
    return {
      coefficients: allocator.float64(name, effectiveCount(layer)),
      gradient: allocator.float64(name, effectiveCount(layer)),
      affine: allocator.float64(name, affineSize(layer)),
      absolute: allocator.float64(name, items),
      mean: allocator.float64(name, items),
      squares: allocator.float64(name, items),
      norm: allocator.float64(name, edges),
      slope: allocator.float64(name, edges),
      factor: allocator.float64(name, items),
    }
  }
  const widest = Math.max(...layout.layers.map(layer => layer.outputs))
  return {
    plan,
    lambda: allocator.float64('lambdas', models),
    layers: layout.layers.map(layerNorms),
    phi: allocator.float64(name, widest * rowStride),
    rowWeights: allocator.float64(name, rowStride),
    weight: allocator.float64(name, 2),
  }
}

/** The network's penalty where model m has one. */
export function penaltyOf(network: Network, m: number): Penalty | undefined {
  const { penalty } = network
  return penalty !== undefined && penalty.lambda[m]! > 0 ? penalty : undefined
}

/** Whether anything depends on the edges' norms. */
export function looksAtEdges({ plan }: Penalty): boolean {
  return plan.l1 > 0 || plan.entropy > 0
}

/** Before the first block: folds model m's curves and forgets all rows. */
export function startNorms(network: Network, m: number, penalty: Penalty): void {
  const { layout } = network
  penalty.weight.fill(0)
  if (!looksAtEdges(penalty)) return
  for (let l = 0; l < layout.layers.length; l++) {
    const { coefficients, gradient, affine, absolute, mean, squares } = penalty.layers[l]!
    foldEdges(network, m, layout.layers[l]!, coefficients)
    gradient.fill(0)
    affine.fill(0)
    absolute.fill(0)
    mean.fill(0)
    squares.fill(0)
  }
}

/** As foldLayer of effective.ts, without the node scale, which phi does not include. */
function foldEdges(network: Network, m: number, layer: LayerLayout, e: Float64Array): void {
  const { layout, parameters, mask } = network
  const { inputs, outputs, bases } = layer
  const model = m * layout.parameters
  const rows = splineRows(layer)
  for (let i = 0; i < inputs; i++)
    for (let j = 0; j < outputs; j++) {
      const edge = i * outputs + j
      const present = mask[m * layout.edges + layer.edges + edge]!
      const scale = present * parameters[model + layer.scaleSpline + edge]!
      const coef = model + layer.coef + i * bases * outputs + j
      const first = i * rows * outputs + j
      for (let n = 0; n < bases; n++) e[first + n * outputs] = scale * parameters[coef + n * outputs]!
      e[baseStart(layer) + edge] = present * parameters[model + layer.scaleBase + edge]!
    }
}

/** phi of all edges of input i of layer l on the block's rows, into penalty.phi [outputs][rowStride]. */
export function edgeRows(network: Network, penalty: Penalty, l: number, i: number, size: number): void {
  const { layout, blocks, rowStride, symbolic, affine } = network
  const { phi } = penalty
  const layer = layout.layers[l]!
  const { outputs } = layer
  for (let j = 0; j < outputs; j++) phi.fill(0, j * rowStride, j * rowStride + size)
  const at = i * splineRows(layer) * outputs
  const base = baseStart(layer) + i * outputs
  forwardInput(blocks[l]!, i, outputs, penalty.layers[l]!.coefficients, at, base, phi, rowStride)
  addCurves(symbolic[l]!, affine[l]!, i, phi, rowStride, size)
}

/** The weights of the block's rows, beside each other. */
export function gatherWeights(
  { rowsOf }: Network,
  { rowWeights }: Penalty,
  size: number,
  weights: Float64Array,
): void {
  for (let b = 0; b < size; b++) rowWeights[b] = weights[rowsOf[b]!]!
}

/** Adds the block that went forward last to the norms. Rows without weight do not count. */
export function addNorms(network: Network, penalty: Penalty, size: number, weights: Float64Array): void {
  const { layout, nodes, rowStride } = network
  const { weight, layers, phi, plan, rowWeights } = penalty
  gatherWeights(network, penalty, size, weights)
  let block = 0
  let squares = 0
  for (let b = 0; b < size; b++) {
    const w = rowWeights[b]!
    block += w
    squares += w * w
  }
  if (block === 0) return
  if (looksAtEdges(penalty))
    for (let l = 0; l < layout.layers.length; l++) {
      const { inputs, outputs } = layout.layers[l]!
      for (let i = 0; i < inputs; i++) {
        edgeRows(network, penalty, l, i, size)
        for (let j = 0; j < outputs; j++)
          addItem(penalty, layers[l]!, i * outputs + j, phi, j * rowStride, size, block)
        if (plan.metric === 'paper') continue
        const item = inputs * outputs + i
        addItem(penalty, layers[l]!, item, nodes[l]!, i * rowStride, size, block)
      }
    }
  weight[0] = weight[0]! + block
  weight[1] = weight[1]! + squares
}

/**
 * Adds a block's values of one item. Differences are taken from the block's first value, so that a constant has deviation
 * 0 exactly, and blocks are merged by Chan, Golub and LeVeque ("Updating formulae and a pairwise algorithm for computing
 * sample variances", 1979, eq. 2.1) with weights in the place of counts.
 *
 * @param block sum of the block's weights, positive
 */
function addItem(
  { weight, rowWeights }: Penalty,
  into: LayerNorms,
  item: number,
  values: Float64Array,
  at: number,
  size: number,
  block: number,
): void {
  const first = values[at]!
  let absolute = 0
  let sum = 0
  for (let b = 0; b < size; b++) {
    const w = rowWeights[b]!
    const value = values[at + b]!
    absolute += w * Math.abs(value)
    sum += w * (value - first)
  }
  const mean = first + sum / block
  let squares = 0
  for (let b = 0; b < size; b++) {
    const difference = values[at + b]! - mean
    squares += rowWeights[b]! * difference * difference
  }
  const before = weight[0]!
  const share = block / (before + block)
  const shift = mean - into.mean[item]!
  into.absolute[item] = into.absolute[item]! + absolute
  into.mean[item] = before === 0 ? mean : into.mean[item]! + shift * share
  into.squares[item] = into.squares[item]! + squares + (before === 0 ? 0 : shift * shift * before * share)
}
