import type { LayerLayout, Trainable } from '../../../model/shape.ts'
import { baseStart, splineRows } from '../effective.ts'
import { coefGradientInput, inputGradientInput } from '../layer.ts'
import type { Network } from '../network.ts'
import { edgeRows, gatherWeights, looksAtEdges } from './norms.ts'
import type { Penalty } from './norms.ts'
import { addAffineSums, addInputGradients, isSymbolic } from '../symbolic/curves.ts'
import { addAffinePenalty } from '../symbolic/unfold.ts'

/**
 * The penalty's share of the way back through layer l, for the block that went forward last: adds to the gradient by phi's own
 * coefficients and, with `toInputs`, to the layer's input adjoints. Precondition: settlePenalty, after all blocks.
 */
export function addEdgeGradients(
  network: Network,
  penalty: Penalty,
  l: number,
  size: number,
  weights: Float64Array,
  toInputs: boolean,
): void {
  if (!looksAtEdges(penalty)) return
  const { layout, blocks, inputBlock, adjoints, nodes, rowStride, symbolic } = network
  const layer = layout.layers[l]!
  const { inputs, outputs } = layer
  const { coefficients, gradient, affine, factor, mean } = penalty.layers[l]!
  const { phi, plan, rowWeights } = penalty
  gatherWeights(network, penalty, size, weights)
  const signs = plan.metric === 'paper'
  const stride = splineRows(layer) * outputs
  for (let i = 0; i < inputs; i++) {
    edgeRows(network, penalty, l, i, size)
    for (let j = 0; j < outputs; j++) {
      const own = factor[i * outputs + j]!
      const centre = mean[i * outputs + j]!
      const at = j * rowStride
      if (signs)
        for (let b = 0; b < size; b++) {
          const value = phi[at + b]!
          const pull = own * rowWeights[b]!
          phi[at + b] = value > 0 ? pull : value < 0 ? -pull : 0
        }
      else for (let b = 0; b < size; b++) phi[at + b] = own * rowWeights[b]! * (phi[at + b]! - centre)
    }
    const base = baseStart(layer) + i * outputs
    coefGradientInput(blocks[l]!, i, outputs, phi, gradient, i * stride, base, rowStride)
    addAffineSums(symbolic[l]!, nodes[l]!, phi, rowStride, size, affine, i)
    if (!toInputs) continue
    const slopes = l > 0 ? blocks[l]! : inputBlock
    const dx = adjoints[l]!
    inputGradientInput(slopes, i, outputs, coefficients, i * stride, base, phi, dx, rowStride)
    addInputGradients(symbolic[l]!, network.affine[l]!, phi, dx, rowStride, size, false, i)
    if (signs) continue
    const own = factor[inputs * outputs + i]!
    const centre = mean[inputs * outputs + i]!
    for (let b = 0, d = i * rowStride; b < size; b++, d++)
      dx[d] = dx[d]! + own * rowWeights[b]! * (nodes[l]![d]! - centre)
  }
}

/** Adds the penalty's gradient by the trainable parameters of model m, after the last block. */
export function unfoldPenalty(
  network: Network,
  m: number,
  penalty: Penalty,
  trainable: Trainable,
  gradient: Float64Array,
): void {
  network.layout.layers.forEach((layer, l) => {
    const own = penalty.layers[l]!
    if (looksAtEdges(penalty)) {
      unfoldEdges(network, m, layer, own.gradient, trainable, gradient)
      const model = m * network.layout.parameters
      if (trainable.affine) addAffinePenalty(layer, network.affine[l]!, own.affine, model, gradient)
    }
    if (trainable.coef) addCoefficientGradient(network, m, l, penalty, gradient)
  })
}

/** As unfoldGradient of effective.ts, without the node scale. */
function unfoldEdges(
  network: Network,
  m: number,
  layer: LayerLayout,
  g: Float64Array,
  trainable: Trainable,
  gradient: Float64Array,
): void {
  const { layout, parameters, mask } = network
  const { inputs, outputs, bases } = layer
  const model = m * layout.parameters
  const rows = splineRows(layer)
  for (let i = 0; i < inputs; i++)
    for (let j = 0; j < outputs; j++) {
      const edge = i * outputs + j
      const present = mask[m * layout.edges + layer.edges + edge]!
      const scaleBase = model + layer.scaleBase + edge
      const scaleSpline = model + layer.scaleSpline + edge
      const coef = model + layer.coef + i * bases * outputs + j
      const first = i * rows * outputs + j
      let sum = 0
      for (let n = 0; n < bases; n++) {
        const at = coef + n * outputs
        const own = present * g[first + n * outputs]!
        sum += parameters[at]! * own
        if (trainable.coef) gradient[at] = gradient[at]! + parameters[scaleSpline]! * own
      }
      if (trainable.scaleSpline) gradient[scaleSpline] = gradient[scaleSpline]! + sum
      if (trainable.scaleBase)
        gradient[scaleBase] = gradient[scaleBase]! + present * g[baseStart(layer) + edge]!
    }
}

/** d |c| / dc = sign(c), and of both differences that a coefficient takes part in; sign(0) = 0. */
function addCoefficientGradient(
  network: Network,
  m: number,
  l: number,
  { plan, lambda }: Penalty,
  gradient: Float64Array,
): void {
  if (plan.coef === 0 && plan.coefdiff === 0) return
  const { layout, parameters } = network
  const layer = layout.layers[l]!
  const { inputs, outputs, bases } = layer
  const coef = m * layout.parameters + layer.coef
  for (let i = 0; i < inputs; i++)
    for (let n = 0; n < bases; n++)
      for (let j = 0; j < outputs; j++) {
        const at = coef + (i * bases + n) * outputs + j
        if (isSymbolic(network.symbolic[l]!, i * outputs + j)) continue
        const c = parameters[at]!
        const below = n > 0 ? Math.sign(c - parameters[at - outputs]!) : 0
        const above = n < bases - 1 ? Math.sign(parameters[at + outputs]! - c) : 0
        const own = plan.coef * Math.sign(c) + plan.coefdiff * (below - above)
        gradient[at] = gradient[at]! + (lambda[m]! * own) / outputs
      }
}
