import type { LayerLayout, Trainable } from '../../model/shape.ts'

/** Rows of an input's splines in effective coordinates: max(G + k, G + 3) bases (see LayerBlock on padding). */
export function splineRows(layer: LayerLayout): number {
  return layer.intervals + Math.max(layer.degree, 3)
}

/** Where the base function's coefficients start, which lie behind all splines: [inputs][outputs]. */
export function baseStart(layer: LayerLayout): number {
  return layer.inputs * splineRows(layer) * layer.outputs
}

/** Values of one layer in effective coordinates: [inputs][splineRows][outputs] and [inputs][outputs]. */
export function effectiveCount(layer: LayerLayout): number {
  return baseStart(layer) + layer.inputs * layer.outputs
}

/**
 * Whether folding would copy: everything that multiplies a basis function is 1, and no row is padded. Effective coordinates lie as
 * coef and scaleBase do in the parameters, so that kernels can work on these (65 MB less to move in a step of [64, 64, 64] with G 200).
 */
export function isUnscaled(
  layer: LayerLayout,
  parameters: Float64Array,
  model: number,
  mask: Float64Array,
  edges: number,
): boolean {
  const { inputs, outputs } = layer
  if (splineRows(layer) !== layer.bases) return false
  const { nodeScale, scaleSpline } = layer
  for (let j = 0; j < outputs; j++) if (parameters[model + nodeScale + j] !== 1) return false
  for (let e = 0; e < inputs * outputs; e++)
    if (parameters[model + scaleSpline + e] !== 1 || mask[edges + e] !== 1) return false
  return true
}

/**
 * Folds everything that multiplies a basis function into one coefficient, all splines before all base functions:
 *
 *     e[i][m][j]     = nodeScale[j] mask[i][j] scaleSpline[i][j] coef[i][m][j]     m < G + k
 *     base[i][j]     = nodeScale[j] mask[i][j] scaleBase[i][j]
 *
 * so that x[l+1, j] = nodeBias[j] + sum_i (base[i][j] b(x_i) + sum_m e[i][m][j] B_im(x_i)), plain multiply-adds.
 *
 * @param parameters flat, the model's from `model`; @param mask flat, the layer's from `edges`
 */
export function foldLayer(
  layer: LayerLayout,
  parameters: Float64Array,
  model: number,
  mask: Float64Array,
  edges: number,
  e: Float64Array,
  eStart: number,
): void {
  const { inputs, outputs, bases } = layer
  const nodeScale = model + layer.nodeScale
  for (let i = 0; i < inputs; i++) {
    const edge = i * outputs
    const coef = model + layer.coef + edge * bases
    const rows = eStart + edge * splineRows(layer)
    const last = eStart + baseStart(layer) + edge
    // The base's row holds the common factor until the others are done.
    for (let j = 0; j < outputs; j++)
      e[last + j] =
        parameters[nodeScale + j]! *
        mask[edges + edge + j]! *
        parameters[model + layer.scaleSpline + edge + j]!
    for (let m = 0; m < bases; m++) {
      const row = m * outputs
      for (let j = 0; j < outputs; j++) e[rows + row + j] = e[last + j]! * parameters[coef + row + j]!
    }
    for (let j = 0; j < outputs; j++)
      e[last + j] =
        parameters[nodeScale + j]! * mask[edges + edge + j]! * parameters[model + layer.scaleBase + edge + j]!
  }
}

/**
 * The chain rule of foldLayer: from the gradient g in effective coordinates to the groups that are trainable.
 *
 *     d coef[i][m][j]     = nodeScale mask scaleSpline g[i][m][j]
 *     d scaleSpline[i][j] = nodeScale mask sum_m coef g[i][m][j]
 *     d scaleBase[i][j]   = nodeScale mask g_base[i][j]
 *     d nodeScale[j]      = sum_i mask (scaleSpline sum_m coef g[i][m][j] + scaleBase g_base[i][j])
 *
 * d nodeBias is the sum of the output gradients over the rows, which the caller has at hand. Other groups are left alone.
 *
 * @param scratch [2][outputs] or longer
 */
export function unfoldGradient(
  layer: LayerLayout,
  trainable: Trainable,
  parameters: Float64Array,
  model: number,
  mask: Float64Array,
  edges: number,
  g: Float64Array,
  gStart: number,
  gradient: Float64Array,
  scratch: Float64Array,
): void {
  const { inputs, outputs, bases } = layer
  const sums = trainable.scaleSpline || trainable.nodeScale
  const nodeScale = model + layer.nodeScale
  if (trainable.nodeScale) gradient.fill(0, nodeScale, nodeScale + outputs)
  for (let i = 0; i < inputs; i++) {
    const edge = i * outputs
    const coef = model + layer.coef + edge * bases
    const scaleSpline = model + layer.scaleSpline + edge
    const scaleBase = model + layer.scaleBase + edge
    const rows = gStart + edge * splineRows(layer)
    const last = gStart + baseStart(layer) + edge
    for (let j = 0; j < outputs; j++) {
      scratch[j] = parameters[nodeScale + j]! * mask[edges + edge + j]! * parameters[scaleSpline + j]!
      scratch[outputs + j] = 0
    }
    // One pass over g and coef, in the order in which they lie: on fine grids they come from memory.
    for (let m = 0; m < bases; m++) {
      const row = m * outputs
      if (trainable.coef)
        for (let j = 0; j < outputs; j++) gradient[coef + row + j] = scratch[j]! * g[rows + row + j]!
      if (sums)
        for (let j = 0; j < outputs; j++)
          scratch[outputs + j] = scratch[outputs + j]! + parameters[coef + row + j]! * g[rows + row + j]!
    }
    if (trainable.scaleBase)
      for (let j = 0; j < outputs; j++)
        gradient[scaleBase + j] = parameters[nodeScale + j]! * mask[edges + edge + j]! * g[last + j]!
    if (!sums) continue
    for (let j = 0; j < outputs; j++) {
      const sum = scratch[outputs + j]!
      const present = mask[edges + edge + j]!
      if (trainable.scaleSpline) gradient[scaleSpline + j] = parameters[nodeScale + j]! * present * sum
      if (trainable.nodeScale)
        gradient[nodeScale + j] =
          gradient[nodeScale + j]! +
          present * (parameters[scaleSpline + j]! * sum + parameters[scaleBase + j]! * g[last + j]!)
    }
  }
}
