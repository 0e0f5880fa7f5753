import type { LayerParams, ModelParams } from '../reference/read.ts'
import type { OracleLayer, OracleModel } from './kan.ts'

/**
 * pykan's parameters in the oracle's layout. pykan has two affine maps after a sum, node_scale * (subnode_scale * sum + subnode_bias)
 * + node_bias; without multiplication nodes they fold into one.
 */
export function oracleLayerFromPykan(params: LayerParams, degree: number): OracleLayer {
  const inputs = params.grid.length
  const outputs = params.coef[0]!.length
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
    nodeScale: params.node_scale.map((scale, j) => scale * params.subnode_scale[j]!),
    nodeBias: params.node_bias.map((bias, j) => params.node_scale[j]! * params.subnode_bias[j]! + bias),
  }
}

/** A whole pykan model without multiplication nodes. */
export function oracleFromPykan(params: ModelParams): OracleModel {
  if (params.width.some(([, products]) => products > 0)) {
    throw new Error(`width ${JSON.stringify(params.width)} has multiplication nodes; the oracle only sums`)
  }
  return { layers: params.layers.map(layer => oracleLayerFromPykan(layer, params.k)) }
}
