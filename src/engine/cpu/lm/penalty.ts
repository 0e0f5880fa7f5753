import type { Network } from '../network.ts'
import { edgeRows, looksAtEdges } from '../penalty/norms.ts'
import type { Penalty } from '../penalty/norms.ts'
import { fillEdge } from './affine.ts'
import type { Curvature } from './curvature.ts'
import { addOuterProduct } from './row.ts'

/**
 * Below this share of its edge's norm, |phi| is taken as a parabola (of the coefficients' mean size, |coef| is). Sharper bends
 * hold phi where it is near 0 and get stuck: exp(sin(pi x1) + x2^2), [2, 5, 1], l1 1 and entropy 2, objective after 100 steps
 * from 12 seeds,
 *
 *     BEND             1         0.3       0.1       0.03      0.01      0.001
 *     lambda 1e-3      0.0074    0.0049    0.0040    0.0036    0.0036    0.0035    median
 *     lambda 1e-2      0.074     0.039     0.034     0.104     0.097     0.107     worst
 */
const BEND = 0.1

/**
 * Adds the penalty's curvature over the block that went forward last, on each edge's own parameters p (what earlier layers do to
 * x, and products of scaleSpline and coef, are left out). With the factors of penalty/settle.ts where they are positive,
 *
 *     paper                    sum_b w_b factor / (|phi_b| + BEND norm) u_b u_b^T
 *     edge_forward_spline_n    sum_b w_b factor u_b u_b^T,                              u_b = d phi_b / d p
 *
 * the first being the parabola that touches |phi| from above (iteratively reweighted least squares: Daubechies and others,
 * arXiv 0807.0575, section 1). A negative factor, as the entropy's may be, makes the norm concave, and has no curvature here.
 * Precondition: settlePenalty, for the current parameters.
 */
export function addEdgeCurvature(
  network: Network,
  m: number,
  penalty: Penalty,
  size: number,
  weights: Float64Array,
  into: Curvature,
): void {
  if (!looksAtEdges(penalty)) return
  network.layout.layers.forEach(({ inputs, outputs }, l) => {
    for (let i = 0; i < inputs; i++) {
      edgeRows(network, penalty, l, i, size)
      for (let j = 0; j < outputs; j++) addEdge(network, m, penalty, l, i, j, weights, into)
      addSymbolic(network, penalty, l, i, size, weights, into)
    }
  })
}

/** One edge, its phi in penalty.phi, by sorted place: rows beside each other have the same coefficients. */
function addEdge(
  network: Network,
  m: number,
  { plan, layers, phi }: Penalty,
  l: number,
  i: number,
  j: number,
  weights: Float64Array,
  into: Curvature,
): void {
  const { layout, blocks, parameters, mask, rowsOf, rowStride } = network
  const { outputs, bases, degree, coef, edges, scaleBase, scaleSpline } = layout.layers[l]!
  const { terms, runs, starts, order, values } = blocks[l]!
  const { numbers, values: entries, numberOf, trainable } = into
  const edge = i * outputs + j
  const own = m * layout.parameters
  const present = mask[m * layout.edges + edges + edge]!
  const scale = present * parameters[own + scaleSpline + edge]!
  const factor = Math.max(0, layers[l]!.factor[edge]!)
  if (factor === 0 || present === 0) return
  const bend = BEND * layers[l]!.norm[edge]!
  for (let run = 0; run < runs; run++) {
    const end = starts[i * (runs + 1) + run + 1]!
    const first = (i * bases + run) * outputs + j
    for (let p = starts[i * (runs + 1) + run]!; p < end; p++) {
      const b = order[i * rowStride + p]!
      const v = (i * rowStride + p) * terms
      const bent = plan.metric === 'paper' ? Math.abs(phi[j * rowStride + b]!) + bend : 1
      const weight = (factor * weights[rowsOf[b]!]!) / bent
      if (!(weight > 0 && weight < Infinity)) continue
      let count = 0
      let spline = 0
      for (let r = 0; r <= degree; r++) {
        spline += values[v + r]! * parameters[own + coef + first + r * outputs]!
        if (!trainable.coef) continue
        numbers[count] = numberOf[coef + first + r * outputs]!
        entries[count++] = scale * values[v + r]!
      }
      if (trainable.scaleBase) {
        numbers[count] = numberOf[scaleBase + edge]!
        entries[count++] = present * values[v + terms - 1]!
      }
      if (trainable.scaleSpline) {
        numbers[count] = numberOf[scaleSpline + edge]!
        entries[count++] = present * spline
      }
      addOuterProduct(weight, count, into)
    }
  }
}

/** The symbolic edges from input i, their phi in penalty.phi by row; of theirs, p are a, b, c and d. */
function addSymbolic(
  network: Network,
  { plan, layers, phi }: Penalty,
  l: number,
  i: number,
  size: number,
  weights: Float64Array,
  into: Curvature,
): void {
  const { rowsOf, rowStride } = network
  if (!into.trainable.affine) return
  network.symbolic[l]!.edges.forEach(({ input, output }, e) => {
    const edge = input * network.layout.layers[l]!.outputs + output
    const factor = Math.max(0, layers[l]!.factor[edge]!)
    if (input !== i || factor === 0) return
    const bend = BEND * layers[l]!.norm[edge]!
    for (let b = 0; b < size; b++) {
      const bent = plan.metric === 'paper' ? Math.abs(phi[output * rowStride + b]!) + bend : 1
      const weight = (factor * weights[rowsOf[b]!]!) / bent
      if (!(weight > 0 && weight < Infinity)) continue
      addOuterProduct(weight, fillEdge(network, l, e, b, 1, 0, into), into)
    }
  })
}

/**
 * Adds the parabolas that touch the coefficients' own penalty from above: lambda coef / outputs / (|c| + BEND mean |c|) on the
 * diagonal, and the same of differences, d d^T with d = (1, -1).
 */
export function addCoefficientCurvature(
  network: Network,
  m: number,
  { plan, lambda }: Penalty,
  into: Curvature,
): void {
  const { layout, parameters } = network
  const { matrix, size, numberOf, trainable } = into
  if ((plan.coef === 0 && plan.coefdiff === 0) || !trainable.coef) return
  layout.layers.forEach(({ inputs, outputs, bases, coef, symbolic = [] }) => {
    const own = m * layout.parameters + coef
    const count = inputs * bases * outputs
    let bend = 0
    const counted = count - symbolic.length * bases
    for (let c = 0; c < count; c++)
      if (numberOf[coef + c]! >= 0) bend += (BEND * Math.abs(parameters[own + c]!)) / counted
    if (bend === 0) bend = BEND
    const pull = lambda[m]! / outputs
    for (let c = 0; c < count; c++) {
      const number = numberOf[coef + c]!
      if (number < 0) continue
      const row = number * size
      const value = parameters[own + c]!
      const diagonal = row + number
      matrix[diagonal] = matrix[diagonal]! + (pull * plan.coef) / (Math.abs(value) + bend)
      if (Math.floor(c / outputs) % bases === 0) continue
      const before = numberOf[coef + c - outputs]!
      const weight = (pull * plan.coefdiff) / (Math.abs(value - parameters[own + c - outputs]!) + bend)
      matrix[diagonal] += weight
      matrix[before * size + before] = matrix[before * size + before]! + weight
      matrix[row + before] = matrix[row + before]! - weight
    }
  })
}
