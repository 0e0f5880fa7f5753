import { affineSize, countTrainable, idleParameters, parameterGroups } from '../../../model/shape.ts'
import type { Layout, Trainable } from '../../../model/shape.ts'
import { HUBER_DELTA } from '../../engine.ts'
import type { Plan, Rows } from '../../engine.ts'
import { inputGradientInput } from '../layer.ts'
import { coefficientsAt, coefficientsOf, foldModel } from '../coefficients.ts'
import { baseStart, splineRows } from '../effective.ts'
import type { Allocator } from '../memory.ts'
import { forwardBlock, gatherBlock } from '../passes.ts'
import type { Network } from '../network.ts'
import type { Parts } from '../../parts.ts'
import { wholeOf } from '../../parts.ts'
import { penaltyOf } from '../penalty/norms.ts'
import { differentiateProducts, outputLevels } from '../products.ts'
import { addCoefficientCurvature, addEdgeCurvature } from './penalty.ts'
import { addInputGradients } from '../symbolic/curves.ts'
import { addOuterProduct, fillRow } from './row.ts'

/**
 * The Gauss-Newton curvature of the loss by the trainable parameters of one model,
 *
 *     A = sum_b J_b^T H_b J_b,     J_b = d outputs / d parameters,     H_b = d^2 l_b / d outputs^2
 *
 * with H = 2 w / (outputs W) I for the mean squared error, and H = w / W (diag(p) - p p^T), p = softmax(y), for cross-entropy
 * (W is the sum of the weights). Huber's and the absolute loss are taken for the parabolas that touch them at the residuals e and
 * lie above them elsewhere, slope over residual: H_jj = w / (outputs W) min(1, delta / |e_j|), and w / (outputs W) / |e_j|, which
 * makes a step one of iteratively reweighted least squares (Holland and Welsch, Communications in Statistics A 6, 1977).
 *
 * Products of a layer's outputs enter J by their first derivatives; like every second derivative of the outputs, that of a
 * product by two of its factors is left out.
 *
 * H is taken as S S^T, S = diag(sqrt p) - p sqrt(p)^T for cross-entropy, so that A is a sum of squares and never indefinite
 * (Schraudolph, "Fast curvature matrix-vector products", Neural Computation 14, 2002, section 3.2).
 *
 * A row of S^T J has only k + 2 entries an edge that are not zero (4 of a symbolic one): it costs (edges (k + 2))^2 / 2
 * multiply-adds, whatever G.
 */
export interface Curvature {
  /** Trainable parameters, and for each its place in the model's flat parameters; by place its number, or -1 where it has none. */
  readonly size: number
  readonly places: Int32Array
  readonly numberOf: Int32Array
  /** By number: 1 for those of symbolic edges. */
  readonly isAffine: Int32Array
  readonly trainable: Trainable
  /** [size][size], lower triangle. */
  readonly matrix: Float64Array
  /** Entries of one row of S^T J: numbers, ascending, and values. */
  readonly numbers: Int32Array
  readonly values: Float64Array
  /** Of the layers, [inputs][rowStride]: sorted place and first basis of every row of the block. */
  readonly sorted: readonly Int32Array[]
  readonly first: readonly Int32Array[]
  /** Node-major adjoints of every level of nodes, and of the outputs of every layer. */
  readonly levels: readonly Float64Array[]
  readonly outputs: readonly Float64Array[]
  /** [blockRows][outputs]: softmax probabilities of a block. */
  readonly softmax: Float64Array
}

/** Gives the trainable parameters their numbers, in the order in which they lie; splines behind symbolic edges have none. */
function numberParameters(
  { layers }: Layout,
  trainable: Trainable,
  numberOf: Int32Array,
  places: Int32Array,
): void {
  numberOf.fill(-1)
  let next = 0
  for (const layer of layers) {
    const idle = new Set(idleParameters(layer))
    for (const { name, start, size } of parameterGroups(layer)) {
      if (!trainable[name]) continue
      for (let place = start; place < start + size; place++) {
        if (idle.has(place)) continue
        places[next] = place
        numberOf[place] = next++
      }
    }
  }
}

/** Allocates for a network; `allocator` counts the bytes. */
export function createCurvature(
  layout: Layout,
  network: Network,
  trainable: Trainable,
  allocator: Allocator,
): Curvature {
  const size = countTrainable(layout, trainable)
  const places = allocator.int32('places of parameters', size)
  const numberOf = allocator.int32('places of parameters', layout.parameters)
  numberParameters(layout, trainable, numberOf, places)
  const isAffine = allocator.int32('places of parameters', size)
  for (const layer of layout.layers)
    if (trainable.affine)
      for (let p = 0; p < affineSize(layer); p++) isAffine[numberOf[layer.affine + p]!] = 1
  const entries = layout.layers.reduce(
    (sum, layer) =>
      sum + layer.inputs * layer.outputs * (layer.degree + 3) + 2 * layer.outputs + affineSize(layer),
    0,
  )
  const levels = [layout.inputs, ...layout.layers.map(layer => layer.nodes)].map(width =>
    allocator.float64('node gradients', width * network.rowStride),
  )
  return {
    size,
    places,
    matrix: allocator.float64('the curvature', size * size),
    numbers: allocator.int32('entries of a row', entries),
    values: allocator.float64('entries of a row', entries),
    numberOf,
    isAffine,
    trainable,
    sorted: layout.layers.map(layer => allocator.int32('sorted places', layer.inputs * network.rowStride)),
    first: layout.layers.map(layer => allocator.int32('first bases', layer.inputs * network.rowStride)),
    levels,
    outputs: outputLevels('node gradients', layout.layers, levels, network.rowStride, allocator),
    softmax: allocator.float64('probabilities', network.blockRows * layout.outputs),
  }
}

/**
 * Adds up A over all rows of a set, for the current parameters of model m, and the penalty's curvature where the model has one
 * (precondition then: lossAndGradient on the same rows and parameters, whose norms are used).
 */
export function curvature(
  network: Network,
  m: number,
  plan: Plan,
  set: Rows,
  rows: number,
  into: Curvature,
): void {
  wholeOf(curvatureParts(network, m, plan, set, rows, into))
}

/** Rows of a part: 5 ms of a hundred edges. */
const PART = 8

/** As curvature, some rows at a time. */
export function* curvatureParts(
  network: Network,
  m: number,
  plan: Plan,
  set: Rows,
  rows: number,
  into: Curvature,
): Parts<void> {
  const { rowsOf, blockRows, layout } = network
  let weight = 0
  for (let row = 0; row < rows; row++) weight += set.weights[row]!
  into.matrix.fill(0)
  if (weight === 0) return
  foldModel(network, m)
  const penalty = penaltyOf(network, m)
  if (penalty) addCoefficientCurvature(network, m, penalty, into)
  for (let start = 0; start < rows; start += blockRows) {
    const size = Math.min(blockRows, rows - start)
    for (let b = 0; b < size; b++) rowsOf[b] = start + b
    gatherBlock(network, set.x, size)
    forwardBlock(network, m, size, true)
    invertOrders(network, into)
    if (penalty) addEdgeCurvature(network, m, penalty, size, set.weights, into)
    if (plan.loss === 'cross-entropy') softmaxBlock(network, size, into.softmax)
    for (let o = 0; o < layout.outputs; o++) {
      fillRoot(network, plan, set, size, o, weight, into)
      spread(network, m, size, into)
      for (let b = 0; b < size; b++) {
        addOuterProduct(1, fillRow(network, m, b, into), into)
        if (b % PART === PART - 1) yield
      }
    }
  }
}

/** Sorted place and first basis of every row of the block: the inverse of each input's order. */
function invertOrders(network: Network, into: Curvature): void {
  const { layout, blocks, rowStride } = network
  for (let l = 0; l < layout.layers.length; l++) {
    const { order, starts, runs } = blocks[l]!
    for (let i = 0; i < layout.layers[l]!.inputs; i++) {
      const place = i * rowStride
      for (let run = 0; run < runs; run++)
        for (let p = starts[i * (runs + 1) + run]!; p < starts[i * (runs + 1) + run + 1]!; p++) {
          const b = place + order[place + p]!
          into.sorted[l]![b] = p
          into.first[l]![b] = run
        }
    }
  }
}

function softmaxBlock(network: Network, size: number, softmax: Float64Array): void {
  const { layout, nodes, rowStride } = network
  const outputs = layout.outputs
  const y = nodes.at(-1)!
  for (let b = 0; b < size; b++) {
    let largest = -Infinity
    for (let j = 0; j < outputs; j++) largest = Math.max(largest, y[j * rowStride + b]!)
    let total = 0
    for (let j = 0; j < outputs; j++)
      total += softmax[b * outputs + j] = Math.exp(y[j * rowStride + b]! - largest)
    for (let j = 0; j < outputs; j++) softmax[b * outputs + j] = softmax[b * outputs + j]! / total
  }
}

/**
 * Below this, in the units of y, an absolute error has the curvature it has here, for there is no parabola that touches it at
 * 0. [2, 3, 1] on 500 rows of exp(sin(pi x1) + x2^2), 200 steps: 1e-3 ends at up to four times the loss; 1e-9 ends no lower,
 * and later.
 */
const SMALLEST_DISTANCE = 1e-6

/** Second derivative of the parabola that touches Huber's or the absolute loss at a residual so far from 0. */
function touchingParabola({ loss, huberDelta = HUBER_DELTA }: Plan, distance: number): number {
  return loss === 'huber'
    ? huberDelta / Math.max(distance, huberDelta)
    : 1 / Math.max(distance, SMALLEST_DISTANCE)
}

/** Column o of S for every row of the block, into the last level of adjoints. */
function fillRoot(
  network: Network,
  plan: Plan,
  set: Rows,
  size: number,
  o: number,
  weight: number,
  into: Curvature,
): void {
  const { layout, nodes, rowStride, rowsOf } = network
  const { outputs } = layout
  const level = into.levels.at(-1)!
  const y = nodes.at(-1)!
  const { softmax } = into
  level.fill(0)
  for (let b = 0; b < size; b++) {
    const share = set.weights[rowsOf[b]!]! / weight
    if (plan.loss === 'mse') level[o * rowStride + b] = Math.sqrt((2 * share) / outputs)
    else if (plan.loss !== 'cross-entropy') {
      const row = rowsOf[b]!
      const distance = Math.abs(y[o * rowStride + b]! - set.y[row * outputs + o]!)
      level[o * rowStride + b] = Math.sqrt((share / outputs) * touchingParabola(plan, distance))
    } else {
      const root = Math.sqrt(softmax[b * outputs + o]!)
      const factor = Math.sqrt(share)
      for (let j = 0; j < outputs; j++)
        level[j * rowStride + b] = factor * ((j === o ? root : 0) - softmax[b * outputs + j]! * root)
    }
  }
}

/** Adjoints of all outputs and hidden levels from the last one. */
function spread(network: Network, m: number, size: number, { levels, outputs }: Curvature): void {
  const { layout, blocks, rowStride, symbolic, affine } = network
  for (let l = layout.layers.length - 1; l >= 0; l--) {
    const layer = layout.layers[l]!
    differentiateProducts(layer, network.outputs[l]!, levels[l + 1]!, outputs[l]!, rowStride, size)
    if (l === 0) return
    const stride = splineRows(layer) * layer.outputs
    const c = coefficientsOf(network, l)
    const at = coefficientsAt(network, m, l)
    levels[l]!.fill(0)
    addInputGradients(symbolic[l]!, affine[l]!, outputs[l]!, levels[l]!, rowStride, size)
    for (let i = 0; i < layer.inputs; i++)
      inputGradientInput(
        blocks[l]!,
        i,
        layer.outputs,
        c,
        at + i * stride,
        at + baseStart(layer) + i * layer.outputs,
        outputs[l]!,
        levels[l]!,
        rowStride,
      )
  }
}
