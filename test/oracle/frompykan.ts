import type { LayerGradients, LayerParams, ModelParams } from '../reference/read.ts'
import type { OracleLayer, OracleLayerGradient, OracleModel } from './kan.ts'

/**
 * pykan's parameters in the oracle's layout. pykan has an affine map after a sum, subnode_scale * sum + subnode_bias, and another one,
 * node_scale * node + node_bias, after the multiplications (of two each). Those of a sum fold into one; the node_scale of a product
 * goes into its first factor's, and its node_bias, which no factor can take up, is left out.
 */
export function oracleLayerFromPykan(params: LayerParams, degree: number, products = 0): OracleLayer {
  const inputs = params.grid.length
  const outputs = params.coef[0]!.length
  const sums = outputs - 2 * products
  // Of the outputs, the node affine that is theirs: none for a second factor.
  const scales = params.subnode_scale.map((_, j) =>
    j < sums ? params.node_scale[j]! : (j - sums) % 2 === 0 ? params.node_scale[sums + (j - sums) / 2]! : 1,
  )
  const biases = params.subnode_scale.map((_, j) => (j < sums ? params.node_bias[j]! : 0))
  const intervals = params.grid[0]!.length - 2 * degree - 1
  return {
    inputs,
    outputs,
    intervals,
    degree,
    base: 'silu',
    knots: params.grid,
    coef: params.coef.map(byOutput =>
      Array.from({ length: intervals + degree }, (_, m) => byOutput.map(c => c[m]!)),
    ),
    scaleBase: params.scale_base,
    scaleSpline: params.scale_sp,
    mask: params.mask,
    nodeScale: params.subnode_scale.map((scale, j) => scales[j]! * scale),
    nodeBias: params.subnode_bias.map((bias, j) => scales[j]! * bias + biases[j]!),
    ...(products > 0 ? { products: Array.from({ length: products }, () => 2) } : {}),
  }
}

/** A whole pykan model without multiplication nodes. */
export function oracleFromPykan(params: ModelParams): OracleModel {
  if (params.width.some(([, products]) => products > 0)) {
    throw new Error(
      `width ${JSON.stringify(params.width)} has multiplication nodes, whose bias the oracle does not have`,
    )
  }
  return { layers: params.layers.map(layer => oracleLayerFromPykan(layer, params.k)) }
}

/** pykan's gradients [in][out][G + k] in the oracle's order [in][G + k][out]; a sum-only model's affine maps are one. */
export function oracleGradientFromPykan(gradient: LayerGradients): Partial<OracleLayerGradient> {
  return {
    coef: gradient.coef.map(byOutput => byOutput[0]!.map((_, m) => byOutput.map(c => c[m]!))),
    scaleBase: gradient.scale_base,
    scaleSpline: gradient.scale_sp,
  }
}
