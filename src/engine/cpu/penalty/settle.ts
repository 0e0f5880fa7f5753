import type { LayerLayout } from '../../../model/shape.ts'
import type { Network } from '../network.ts'
import { isSymbolic } from '../symbolic/curves.ts'
import { INPUT_OFFSET, layerPenalty } from './metric.ts'
import { looksAtEdges } from './norms.ts'
import type { Penalty } from './norms.ts'

/** W - sum w^2 / W: N - 1 for N weights of 1, and as large a multiple of it as the weights are. */
function deviationDenominator({ weight }: Penalty): number {
  return weight[0]! > 0 ? weight[0]! - weight[1]! / weight[0]! : 0
}

/** sqrt(squares / denominator), or 0 where there is no denominator: a single row has no deviation. */
function deviation(squares: number, denominator: number): number {
  return denominator > 0 ? Math.sqrt(squares / denominator) : 0
}

/**
 * After the last block: lambda times the penalty of model m, and the factors of its gradient. With r the derivative of the
 * penalty by an edge's norm, W the sum of the weights and D = W - sum w^2 / W, the gradient by v at row b is w_b factor s(v_b):
 *
 *     paper                    phi: s = sign(phi),    factor = lambda r / W
 *     edge_forward_spline_n    phi: s = phi - mean,   factor = lambda r / (D std(phi) (std(x) + 0.1))
 *                              x:   s = x - mean,     factor = - lambda sum_j r_ij norm_ij / (D std(x) (std(x) + 0.1))
 *
 * A deviation of 0 has factor 0. Rows without any weight say nothing: 0.
 */
export function settlePenalty(network: Network, m: number, penalty: Penalty): number {
  const { layers } = network.layout
  const { plan, lambda, weight } = penalty
  if (weight[0] === 0) return 0
  let total = 0
  for (let l = 0; l < layers.length; l++) {
    if (looksAtEdges(penalty)) total += settleLayer(penalty, layers[l]!, l, lambda[m]!)
    if (plan.coef > 0 || plan.coefdiff > 0) total += coefficientPenalty(network, m, penalty, l)
  }
  return lambda[m]! * total
}

function settleLayer(penalty: Penalty, layer: LayerLayout, l: number, lambda: number): number {
  const { plan, weight } = penalty
  const { inputs, outputs } = layer
  const { absolute, squares, norm, slope, factor } = penalty.layers[l]!
  const edges = inputs * outputs
  if (plan.metric === 'paper') {
    for (let e = 0; e < edges; e++) norm[e] = absolute[e]! / weight[0]!
    const value = layerPenalty(plan, layer, norm, slope)
    for (let e = 0; e < edges; e++) factor[e] = (lambda * slope[e]!) / weight[0]!
    return value
  }
  const denominator = deviationDenominator(penalty)
  for (let e = 0; e < edges; e++) {
    const input = deviation(squares[edges + Math.floor(e / outputs)]!, denominator)
    norm[e] = deviation(squares[e]!, denominator) / (input + INPUT_OFFSET)
  }
  const value = layerPenalty(plan, layer, norm, slope)
  for (let i = 0; i < inputs; i++) {
    const input = deviation(squares[edges + i]!, denominator)
    let sum = 0
    for (let e = i * outputs; e < (i + 1) * outputs; e++) {
      const own = deviation(squares[e]!, denominator)
      factor[e] = own > 0 ? (lambda * slope[e]!) / (denominator * own * (input + INPUT_OFFSET)) : 0
      sum += slope[e]! * norm[e]!
    }
    factor[edges + i] = input > 0 ? (-lambda * sum) / (denominator * input * (input + INPUT_OFFSET)) : 0
  }
  return value
}

/**
 * coef * C + coefdiff * D of one layer: see PenaltyPlan. Masked edges count: their coefficients are still there; those behind
 * symbolic edges do not.
 */
function coefficientPenalty(network: Network, m: number, { plan }: Penalty, l: number): number {
  const { layout, parameters } = network
  const layer = layout.layers[l]!
  const { inputs, outputs, bases } = layer
  const coef = m * layout.parameters + layer.coef
  let sizes = 0
  let differences = 0
  for (let i = 0; i < inputs; i++)
    for (let n = 0; n < bases; n++)
      for (let j = 0; j < outputs; j++) {
        const at = coef + (i * bases + n) * outputs + j
        if (isSymbolic(network.symbolic[l]!, i * outputs + j)) continue
        sizes += Math.abs(parameters[at]!)
        if (n > 0) differences += Math.abs(parameters[at]! - parameters[at - outputs]!)
      }
  return (plan.coef * sizes + plan.coefdiff * differences) / outputs
}
