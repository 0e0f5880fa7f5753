/** A block of rows on its way through a network (network.ts): forth, layer by layer, and back. */
import type { Trainable } from '../../model/shape.ts'
import { pieceCount } from '../pieces.ts'
import type { LayerBlock } from './bases.ts'
import { coefficientsAt, coefficientsOf, gradientAt, gradientOf } from './coefficients.ts'
import type { Network } from './network.ts'
import { addEdgeGradients } from './penalty/gradient.ts'
import type { Penalty } from './penalty/norms.ts'
import { differentiateProducts, multiplyFactors } from './products.ts'
import { addAffineSums, addInputGradients, forwardSymbolic } from './symbolic/curves.ts'

/** Copies `size` rows of x [rows][inputs], given by rowsOf, into the first node-major level. */
export function gatherBlock(network: Network, x: Float64Array, size: number): void {
  const { layout, rowStride, rowsOf } = network
  const level = network.nodes[0]!
  const inputs = layout.inputs
  for (let b = 0; b < size; b++) {
    const row = rowsOf[b]! * inputs
    for (let i = 0; i < inputs; i++) level[i * rowStride + b] = x[row + i]!
  }
}

/** Computes all levels of the block from the first one, for the model m that was folded last. */
export function forwardBlock(network: Network, m: number, size: number, withSlopes: boolean): void {
  const { layout, rowStride, nodes, outputs, blocks, kernels, parameters, symbolic, affine } = network
  for (let l = 0; l < layout.layers.length; l++) {
    const layer = layout.layers[l]!
    const bias = m * layout.parameters + layer.nodeBias
    layerBases(network, m, l, blocks[l]!, size, withSlopes && l > 0)
    const c = coefficientsOf(network, l)
    const at = coefficientsAt(network, m, l)
    kernels[l]!.forward(layer, blocks[l]!, size, c, at, outputs[l]!, rowStride, parameters, bias)
    forwardSymbolic(symbolic[l]!, affine[l]!, nodes[l]!, outputs[l]!, rowStride, size, withSlopes)
    multiplyFactors(layer, outputs[l]!, nodes[l + 1]!, rowStride, size)
  }
}

/**
 * The way back, from the last level of adjoints: adds the block's share to the gradients of slice s, or with `fresh` writes over
 * those of the coefficients. With `toInputs` it also fills the first level of adjoints. A penalty adds its own share, with the
 * rows' `weights`.
 */
export function backwardBlock(
  network: Network,
  m: number,
  size: number,
  trainable: Trainable,
  s: number,
  gradient: Float64Array,
  fresh: boolean,
  toInputs: boolean,
  penalty?: Penalty,
  weights?: Float64Array,
): void {
  const { layout, rowStride, nodes, outputs, adjoints, outputAdjoints, blocks, inputBlock } = network
  const { kernels, symbolic, affine, sums } = network
  for (let l = layout.layers.length - 1; l >= 0; l--) {
    const layer = layout.layers[l]!
    const dy = outputAdjoints[l]!
    differentiateProducts(layer, outputs[l]!, adjoints[l + 1]!, dy, rowStride, size)
    if (trainable.nodeBias) addRows(dy, layer.outputs, rowStride, size, sums[s]!.bias[l]!)
    const dc = gradientOf(network, l, trainable, s, gradient)
    const to = gradientAt(network, m, l, trainable, s)
    kernels[l]!.coefGradient(layer, blocks[l]!, size, dy, dc, to, rowStride, fresh)
    addAffineSums(symbolic[l]!, nodes[l]!, dy, rowStride, size, sums[s]!.affine[l]!)
    const through = l > 0 || toInputs
    if (through) {
      const block = l > 0 ? blocks[l]! : inputBlock
      if (l === 0) layerBases(network, m, 0, inputBlock, size, true)
      const dx = adjoints[l]!
      dx.fill(0)
      const c = coefficientsOf(network, l)
      const at = coefficientsAt(network, m, l)
      kernels[l]!.inputGradient(layer, block, size, c, at, dy, dx, rowStride)
      addInputGradients(symbolic[l]!, affine[l]!, dy, dx, rowStride, size)
    }
    if (penalty && weights) addEdgeGradients(network, penalty, l, size, weights, through)
  }
}

function layerBases(
  network: Network,
  m: number,
  l: number,
  block: LayerBlock,
  size: number,
  withSlopes: boolean,
): void {
  const { layout, knots, pieces, nodes, rowStride, kernels } = network
  const layer = layout.layers[l]!
  const knotsStart = m * layout.knots + layer.knots
  const piecesStart = m * pieceCount(layer)
  const x = nodes[l]!
  kernels[l]!.bases(layer, block, knots, knotsStart, pieces[l]!, piecesStart, x, rowStride, size, withSlopes)
}

function addRows(
  dy: Float64Array,
  outputs: number,
  rowStride: number,
  size: number,
  out: Float64Array,
): void {
  for (let j = 0; j < outputs; j++) {
    let sum = 0
    for (let b = 0; b < size; b++) sum += dy[j * rowStride + b]!
    out[j] = out[j]! + sum
  }
}
