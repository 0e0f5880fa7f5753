/**
 * Where the kernels find a layer's coefficients and leave the gradient by them. Layers whose factors are all 1 (a new network
 * that was not pruned) are read in place from the parameters, and the first slice of a batch adds up in the gradient
 * itself; other layers are folded and unfolded (effective.ts).
 */
import type { Trainable } from '../../model/shape.ts'
import { effectiveCount, foldLayer, isUnscaled, unfoldGradient } from './effective.ts'
import type { Network, Sums } from './network.ts'
import { foldSymbolic } from './symbolic/curves.ts'
import { unfoldAffine } from './symbolic/unfold.ts'

/** Makes the coefficients of model m ready; needed whenever its parameters change, before the first block. */
export function foldModel(network: Network, m: number): void {
  const { layout, parameters, mask, effective, unscaled, affine } = network
  const model = m * layout.parameters
  for (let l = 0; l < layout.layers.length; l++) {
    const layer = layout.layers[l]!
    const edges = m * layout.edges + layer.edges
    unscaled[l] = isUnscaled(layer, parameters, model, mask, edges) ? 1 : 0
    if (unscaled[l] === 0) foldLayer(layer, parameters, model, mask, edges, effective[l]!, 0)
    foldSymbolic(layer, parameters, model, affine[l]!)
  }
}

/** The array that holds layer l's coefficients, for the model m that was folded last, and where they start. */
export function coefficientsOf({ unscaled, parameters, effective }: Network, l: number): Float64Array {
  return unscaled[l] === 1 ? parameters : effective[l]!
}

export function coefficientsAt({ unscaled, layout }: Network, m: number, l: number): number {
  return unscaled[l] === 1 ? m * layout.parameters + layout.layers[l]!.coef : 0
}

/** Whether the chain rule of layer l changes nothing: it is unscaled, and of its groups coef and scaleBase are trained, no others. */
function needsNoUnfolding({ unscaled }: Network, l: number, trainable: Trainable): boolean {
  const { coef, scaleBase, scaleSpline, nodeScale } = trainable
  return unscaled[l] === 1 && coef && scaleBase && !scaleSpline && !nodeScale
}

/** The array in which slice s adds up the gradient by layer l's coefficients, and where it starts. */
export function gradientOf(
  network: Network,
  l: number,
  trainable: Trainable,
  s: number,
  gradient: Float64Array,
): Float64Array {
  return s === 0 && needsNoUnfolding(network, l, trainable) ? gradient : network.sums[s]!.effective[l]!
}

export function gradientAt(network: Network, m: number, l: number, trainable: Trainable, s: number): number {
  const { layout } = network
  return s === 0 && needsNoUnfolding(network, l, trainable)
    ? m * layout.parameters + layout.layers[l]!.coef
    : 0
}

/** Forgets what slice s added up for coefficients: for a slice without rows, since the first block of others writes over it. */
export function clearSums(
  network: Network,
  m: number,
  trainable: Trainable,
  s: number,
  gradient: Float64Array,
): void {
  const { layers } = network.layout
  for (let l = 0; l < layers.length; l++) {
    const at = gradientAt(network, m, l, trainable, s)
    gradientOf(network, l, trainable, s, gradient).fill(0, at, at + effectiveCount(layers[l]!))
  }
}

/** Forgets what was added up for biases and symbolic edges. */
export function clearBiases({ bias, affine }: Sums): void {
  for (let l = 0; l < bias.length; l++) bias[l]!.fill(0)
  for (let l = 0; l < affine.length; l++) affine[l]!.fill(0)
}

/** Adds all slices to the first, in their order; returns the loss. */
export function gatherSums(
  network: Network,
  m: number,
  trainable: Trainable,
  gradient: Float64Array,
): number {
  const { sums } = network
  const first = sums[0]!
  let loss = first.loss[0]!
  for (let s = 1; s < sums.length; s++) {
    const { effective, bias, affine, loss: own } = sums[s]!
    for (let l = 0; l < effective.length; l++) {
      addTo(
        gradientOf(network, l, trainable, 0, gradient),
        gradientAt(network, m, l, trainable, 0),
        effective[l]!,
      )
      addTo(first.bias[l]!, 0, bias[l]!)
      addTo(first.affine[l]!, 0, affine[l]!)
    }
    loss += own[0]!
  }
  return loss
}

function addTo(sum: Float64Array, at: number, values: Float64Array): void {
  for (let v = 0; v < values.length; v++) sum[at + v] = sum[at + v]! + values[v]!
}

/**
 * The chain rule from the first slice's sums to the parameters of model m; groups that are not trainable get zeros. Writes over
 * the adjoints.
 */
export function unfoldModel(network: Network, m: number, trainable: Trainable, gradient: Float64Array): void {
  const { layout, groups, parameters, mask, sums, outputAdjoints } = network
  const { effective, bias, affine } = sums[0]!
  for (let l = 0; l < layout.layers.length; l++) {
    const layer = layout.layers[l]!
    const edges = m * layout.edges + layer.edges
    const model = m * layout.parameters
    for (const { name, start, size } of groups[l]!)
      if (!trainable[name]) gradient.fill(0, model + start, model + start + size)
    if (!needsNoUnfolding(network, l, trainable))
      unfoldGradient(
        layer,
        trainable,
        parameters,
        model,
        mask,
        edges,
        effective[l]!,
        0,
        gradient,
        outputAdjoints[l]!,
      )
    if (trainable.nodeBias) gradient.set(bias[l]!, model + layer.nodeBias)
    unfoldAffine(layer, trainable, network.affine[l]!, affine[l]!, model, gradient)
  }
}
