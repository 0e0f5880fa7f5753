import { LBFGS_HISTORY } from '../memory.ts'
import { shapesOf } from './cases.ts'
import type { ParityCase } from './cases.ts'

/** u: half the distance between 1 and the next float32. */
const UNIT = 2 ** -24
/** Learning rate of the steps that are compared. */
export const RATE = 2 ** -6
/** Adam's epsilon in them. */
export const EPSILON = 2 ** -6
/** Where Huber's loss bends in the comparisons: residuals of order 1 lie on both sides. */
export const BEND = 0.5
/** Share of every weight that a step at full rate takes where weights decay. */
export const DECAY = 0.5
/** Factors of the products in the probe of them, behind one sum. */
export const PROBE_PRODUCTS = [2, 3] as const
/** Rows of the longest sum that is compared, and of the loss that is looked at by itself. */
export const SUM_ROWS = 5000
export const LOSS_ROWS = 60
/** Rows of symbolic edges that are looked at, so many a pass. */
export const SYMBOLIC_ROWS = 150
export const SYMBOLIC_PASS = 64

/**
 * What is compared, each after those that it is made of: the kernel it is charged to, and `share`, the most of the bound
 * below that an error ever took, over all cases of test/gpu/parity.test.ts on Chrome's software adapter (SwiftShader).
 */
const RESULTS = {
  functions: { kernel: 'basis', share: 0.047 },
  outputs: { kernel: 'forward', share: 0.044 },
  rowLoss: { kernel: 'loss', share: 0.16 },
  loss: { kernel: 'loss', share: 0.0057 },
  longSum: { kernel: 'reduce_loss', share: 0.0084 },
  ring: { kernel: 'reduce_loss', share: 0.0057 },
  batches: { kernel: 'gather', share: 0.0062 },
  functionCoef: { kernel: 'backward_coef', share: 0.022 },
  scaleBase: { kernel: 'backward_coef', share: 0.0099 },
  coef: { kernel: 'reduce_gradient', share: 0.0084 },
  scaleSpline: { kernel: 'scale_spline', share: 0.0087 },
  nodes: { kernel: 'backward_node', share: 0.027 },
  functionInputs: { kernel: 'backward_input', share: 0.07 },
  products: { kernel: 'products', share: 0.012 },
  factors: { kernel: 'backward_products', share: 0.028 },
  outputGradient: { kernel: 'backward_input', share: 0.058 },
  inputs: { kernel: 'backward_input', share: 0.037 },
  clipped: { kernel: 'clip_gradient', share: 0.045 },
  decayed: { kernel: 'weight_decay', share: 0.0086 },
  moments: { kernel: 'adam', share: 0.17 },
  moves: { kernel: 'adam', share: 0.039 },
  descent: { kernel: 'adam', share: 0.011 },
  best: { kernel: 'keep', share: 0.011 },
  bestMoves: { kernel: 'keep', share: 0.026 },
  lbfgsMoves: { kernel: 'lbfgs_propose', share: 0.0076 },
  lbfgsMemory: { kernel: 'lbfgs_judge', share: 0.063 },
  lbfgsLosses: { kernel: 'lbfgs_judge', share: 0.0018 },
  lbfgsBest: { kernel: 'lbfgs_verdict', share: 0.004 },
  norms: { kernel: 'edge_norms', share: 0.018 },
  penalty: { kernel: 'penalty', share: 0.0043 },
  penaltyCoef: { kernel: 'penalty_coef', share: 0.017 },
  penaltyInputs: { kernel: 'penalty_input', share: 0.025 },
  penaltySize: { kernel: 'penalty_size', share: 0.027 },
  edges: { kernel: 'edge_statistics', share: 0.11 },
  curves: { kernel: 'symbolic', share: 0.11 },
  curveSums: { kernel: 'symbolic_statistics', share: 0.052 },
} as const

export type Result = keyof typeof RESULTS
/** Fused steps are compared by the results of the kernels that they stand for, within the same tolerances. */
export type KernelName = (typeof RESULTS)[Result]['kernel'] | 'fused_steps'

export const RESULT_NAMES = Object.keys(RESULTS) as Result[]
/** In the order in which they build on each other. */
export const KERNELS: readonly KernelName[] = [
  ...new Set<KernelName>([...RESULT_NAMES.map(kernelOf), 'fused_steps']),
]

export function kernelOf(result: Result): KernelName {
  return RESULTS[result].kernel
}

/** What other devices may err more than the one that was measured: exp, division, the order of fused operations. */
export const MARGIN = 10

/** What a product of so many factors errs, each of which errs by `error`: a single one is a sum. */
function multiplied(error: number, factors: number): number {
  return factors === 1 ? error : factors * 2 ** (factors - 1) * (error + 1)
}

/**
 * What arithmetic allows each result to err, relative to the largest value of its array. n roundings of relative size u = 2^-24
 * in random directions give an error of about sqrt(n) u, and more than 4 sqrt(n) u hardly ever (Higham and Mary, "A new
 * approach to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019, theorem 2.4: lambda = 4). In units of u:
 *
 *   basis     coordinate 2 roundings times B' <= k, Horner 2 k; silu 16: e^-x errs by (3 + 2 |x|) ULP (WGSL, 15.7.4), which
 *             reaches silu times |x| s (1 - s) with s = 1 / (1 + e^-x), so by at most 1.5 ULP at any x (at |x| = 2: hidden
 *             nodes may be of any size), and the division by 2.5 ULP: 4 k + 16
 *   layer     a sum over inputs of k + 3 products each: basis + 4 sqrt(inputs (k + 4))
 *   forward   a layer's error passes the next ones, whose slope is up to 1 + G / 2 (coefficients differ by at most
 *             1 / sqrt(inputs) a step of 2 / G, and inputs add up at random)
 *   products  a product of f factors errs by the sum of their errors and f roundings, relative to the product of the factors'
 *             largest values; of rows that are as good as random, the largest product is at least 2^(1 - f) of that:
 *             f 2^(f - 1) (e + 1)
 *   loss      twice forward (squares), its own sums over outputs and rows
 *   gradient  forward and backward, and a sum over rows
 *   descent   losses after up to five steps, which differ by their gradients
 *   moves     what Adam adds to the parameters, rate * g / (|g| + EPSILON) a step with g up to 1/4: the gradient's error is
 *             multiplied by at most 1 + (1/4) / EPSILON. (With the usual 1e-8, the sign of a gradient near 0 would be chance.)
 *             Parameters up to 2 are rounded five times, and one of them moves by RATE or more: 4 sqrt(5) 2 / RATE
 *   clipped   a first moment: the gradient's error twice, its own and that of its norm
 *   decayed   two steps that take DECAY and half of it of every weight, three roundings each, and add what Adam adds: a part of
 *             at most RATE / DECAY that errs like moves
 *   L-BFGS    how far an iteration moves: the gradient, and 2 HISTORY sums over the parameters; the memory's changes are
 *             differences of two gradients. What later iterations make of that is divided out: see lbfgs.ts
 *   norms     an edge's values err as outputs do, and are summed over rows as losses are
 *   penalty   shares are quotients of norms: each errs twice
 *   penalty's gradients   factors err as the penalty does, the rest as any gradient; (phi - mean) / std(phi) errs more, where
 *             phi varies less than its size: penalty.ts divides by that
 *   curves    of symbolic edges, in a layer behind another: six roundings on the way to u, times slopes up to 7; functions within 16
 *             units of the last place (src/formula/print/wgsl.ts); c f + d, node scale and bias
 *   moments   squares of gradients, of parameters that moved differently, where the network's slopes are other ones
 */
export function bounds(test: ParityCase): Record<Result, number> {
  const { width, degree, intervals, rows } = test
  const shapes = shapesOf(test)
  const widest = Math.max(...width)
  const basis = 4 * degree + 16
  const layer = basis + 4 * Math.sqrt(widest * (degree + 4))
  const slope = 1 + intervals / 2
  let forward = 0
  let parameters = 0
  for (const { inputs, outputs, products = [] } of shapes) {
    forward = multiplied(forward * slope + layer, Math.max(1, ...products))
    parameters += (inputs * (intervals + degree + 2) + 2) * outputs
  }
  const lossOf = (outputs: number, count: number): number =>
    2 * outputs + 4 * Math.sqrt(widest) + 4 * Math.sqrt(count) + 16
  const loss = lossOf(forward, rows)
  const gradientOf = (outputs: number, count: number): number => 2 * outputs + layer + 4 * Math.sqrt(count)
  const gradient = gradientOf(forward, rows)
  const oneLayer = gradientOf(layer, 3 * (intervals + 2 * degree))
  const descent = 2 * loss + gradient
  const moves = (1 + 0.25 / EPSILON) * gradient + (4 * Math.sqrt(5) * 2) / RATE
  const curves = 6 * 7 + 16 + 4
  const twoLoops = 4 * Math.sqrt(2 * LBFGS_HISTORY * parameters)
  const units: Record<Result, number> = {
    functions: basis,
    outputs: forward,
    rowLoss: lossOf(2, LOSS_ROWS),
    loss,
    longSum: lossOf(2, SUM_ROWS),
    ring: loss,
    batches: loss,
    functionCoef: oneLayer,
    scaleBase: gradient,
    coef: gradient,
    scaleSpline: gradient,
    nodes: gradient,
    functionInputs: oneLayer,
    products: lossOf(multiplied(2, Math.max(...PROBE_PRODUCTS)), LOSS_ROWS),
    factors: gradientOf(multiplied(2, Math.max(...PROBE_PRODUCTS)), LOSS_ROWS),
    outputGradient: lossOf(2, LOSS_ROWS),
    inputs: gradient,
    clipped: 2 * gradient,
    decayed: (RATE / DECAY) * moves + 4 * Math.sqrt(6),
    moments: 2 * gradient + RATE * moves * slope,
    moves,
    descent,
    best: descent,
    bestMoves: moves,
    lbfgsMoves: gradient + twoLoops,
    lbfgsMemory: 2 * gradient + twoLoops,
    lbfgsLosses: descent,
    lbfgsBest: descent + twoLoops,
    norms: loss,
    penalty: 2 * loss,
    penaltyCoef: 2 * loss + gradient,
    penaltyInputs: 2 * loss + gradient,
    penaltySize: gradient,
    edges: gradient,
    curves,
    curveSums: 2 * curves + 4 * Math.sqrt(SYMBOLIC_ROWS),
  }
  for (const result of RESULT_NAMES) units[result] *= UNIT
  return units
}

/**
 * The tolerance of every result: the smaller one of its bound and MARGIN times the share of it that was measured. Bounds take
 * every operation at its worst, and what is seen is 6 to 180 times less; with the share, an error of 1e-5 in the loss shows.
 */
export function tolerances(test: ParityCase): Readonly<Record<Result, number>> {
  const allowed = bounds(test)
  for (const result of RESULT_NAMES) allowed[result] *= Math.min(1, MARGIN * RESULTS[result].share)
  return allowed
}
