import { bsplineRow } from './bspline.ts'

/**
 * A whole KAN, forward and backward, by the formula and the plain chain rule over dense loops: no local support, no
 * shared buffers, nothing clever. It judges the CPU engine, which judges the shaders.
 *
 *     out_j = nodeScale_j * sum_i phi_ij(x_i) + nodeBias_j
 *     phi_ij(x) = mask_ij * (scaleBase_ij * base(x) + scaleSpline_ij * sum_m coef_imj * B_im(x)),   or c f(a x + b) + d
 *
 * The nodes after a layer are its outputs, but for the last ones of a layer with products, which are multiplied in groups.
 */
export interface OracleLayer {
  inputs: number
  outputs: number
  intervals: number
  degree: number
  base: 'silu' | 'identity' | 'zero'
  /** [in][G + 2k + 1] */
  knots: number[][]
  /** [in][G + k][out] */
  coef: number[][][]
  /** [in][out] */
  scaleBase: number[][]
  scaleSpline: number[][]
  mask: number[][]
  /** [out] */
  nodeScale: number[]
  nodeBias: number[]
  /** Factors of each product node. */
  products?: number[]
  /** Edges that are c f(a x + b) + d, by ascending i * outputs + j; their masks are 0. */
  symbolic?: OracleSymbolic[]
}

/** A function with its derivative as code, and as a name and a formula that is none of the oracle's business. */
export interface OracleSymbolic {
  i: number
  j: number
  name: string
  formula: string
  f: (u: number) => number
  slope: (u: number) => number
  /** a, b, c, d. */
  affine: number[]
}

export interface OracleModel {
  layers: OracleLayer[]
}

/** Rows weighted by w: loss = sum_b w_b l_b / sum_b w_b; every weight 1 if left out. */
export type OracleLoss =
  /** l_b = mean over outputs of (y - target)^2; target [rows][out]. */
  | { kind: 'mse'; target: number[][]; weights?: number[] }
  /** l_b = mean over outputs of |y - target|. */
  | { kind: 'mae'; target: number[][]; weights?: number[] }
  /** l_b = mean over outputs of h(y - target), h(e) = e^2 / 2 up to |e| = delta and the tangent's line beyond. */
  | { kind: 'huber'; delta: number; target: number[][]; weights?: number[] }
  /** l_b = -log softmax(y)[label]; labels [rows]. */
  | { kind: 'crossEntropy'; labels: number[]; weights?: number[] }

export interface OracleLayerGradient {
  coef: number[][][]
  scaleBase: number[][]
  scaleSpline: number[][]
  nodeScale: number[]
  nodeBias: number[]
  /** [symbolic edges][4], where there are any. */
  affine?: number[][]
}

export interface OracleGradient {
  loss: number
  layers: OracleLayerGradient[]
  /** [rows][in] */
  x: number[][]
}

/** The network's outputs [rows][out] for x [rows][in]. */
export function oracleForward(model: OracleModel, x: number[][]): number[][] {
  return oracleActivations(model, x).at(-1)!
}

/** Node values of every level: [0] is x, the last is the output; [level][rows][nodes]. */
export function oracleActivations(model: OracleModel, x: number[][]): number[][][] {
  const levels = [x]
  for (const layer of model.layers) levels.push(levels.at(-1)!.map(row => forwardLayer(layer, row)))
  return levels
}

/** The value of phi_ij at x. */
export function oracleEdge(layer: OracleLayer, i: number, j: number, x: number): number {
  const symbolic = symbolicAt(layer, i, j)
  if (symbolic) return symbolicValue(symbolic, x)
  return edge(layer, i, j, bsplineRow(layer.knots[i]!, layer.degree, x), baseValue(layer.base, x))
}

/** The loss of a batch. */
export function oracleLoss(model: OracleModel, x: number[][], loss: OracleLoss): number {
  return lossAndGradient(oracleForward(model, x), loss).loss
}

/** The loss and its gradients with respect to every parameter and to x. */
export function oracleGradient(model: OracleModel, x: number[][], loss: OracleLoss): OracleGradient {
  const levels = oracleActivations(model, x)
  const top = lossAndGradient(levels.at(-1)!, loss)
  const { layers, x: dx } = oracleBackward(model, x, top.dOutput)
  return { loss: top.loss, layers, x: dx }
}

/** Chain rule from dOutput [rows][out] (the gradient of any scalar) back to the parameters and x. */
export function oracleBackward(
  model: OracleModel,
  x: number[][],
  dOutput: number[][],
): { layers: OracleLayerGradient[]; x: number[][] } {
  const levels = oracleActivations(model, x)
  const layers: OracleLayerGradient[] = []
  let dNode = dOutput
  for (let l = model.layers.length - 1; l >= 0; l--) {
    const layer = model.layers[l]!
    const gradient = zeroGradient(layer)
    dNode = levels[l]!.map((row, b) => {
      const dOut = backwardProducts(layer, oracleOutputs(layer, row), dNode[b]!)
      return backwardLayer(layer, row, dOut, gradient)
    })
    layers.unshift(gradient)
  }
  return { layers, x: dNode }
}

function forwardLayer(layer: OracleLayer, x: number[]): number[] {
  const out = oracleOutputs(layer, x)
  return nodeFactors(layer).map(factors => factors.reduce((product, j) => product * out[j]!, 1))
}

/** For each node of a layer the outputs that it is the product of: one for a sum. */
function nodeFactors({ outputs, products = [] }: OracleLayer): number[][] {
  const groups: number[][] = []
  const sums = outputs - products.reduce((sum, factors) => sum + factors, 0)
  for (let j = 0; j < sums; j++) groups.push([j])
  let next = sums
  for (const factors of products) {
    groups.push(Array.from({ length: factors }, (_, f) => next + f))
    next += factors
  }
  return groups
}

/** From the gradient by a layer's nodes to that by its outputs: the product of the other factors. */
function backwardProducts(layer: OracleLayer, out: number[], dNode: number[]): number[] {
  const dOut = out.map(() => 0)
  nodeFactors(layer).forEach((factors, n) => {
    for (const f of factors)
      dOut[f] = factors.filter(g => g !== f).reduce((product, g) => product * out[g]!, dNode[n]!)
  })
  return dOut
}

/** The sums and factors of a layer for one row. */
export function oracleOutputs(layer: OracleLayer, x: number[]): number[] {
  const out: number[] = []
  for (let j = 0; j < layer.outputs; j++) {
    let sum = 0
    for (let i = 0; i < layer.inputs; i++) sum += oracleEdge(layer, i, j, x[i]!)
    out.push(layer.nodeScale[j]! * sum + layer.nodeBias[j]!)
  }
  return out
}

/**
 * Adds one row's share to `gradient`, from dOut, that by the layer's outputs; returns the gradient with respect to the row's
 * inputs.
 */
function backwardLayer(
  layer: OracleLayer,
  x: number[],
  dOut: number[],
  gradient: OracleLayerGradient,
): number[] {
  const { inputs, outputs, intervals, degree } = layer
  const dx = Array<number>(inputs).fill(0)
  const bases = x.map((value, i) => bsplineRow(layer.knots[i]!, degree, value, 0))
  const slopes = x.map((value, i) => bsplineRow(layer.knots[i]!, degree, value, 1))
  for (let j = 0; j < outputs; j++) {
    let sum = 0
    for (let i = 0; i < inputs; i++) {
      const base = baseValue(layer.base, x[i]!)
      const dPhi = dOut[j]! * layer.nodeScale[j]!
      const symbolic = symbolicAt(layer, i, j)
      if (symbolic) {
        sum += symbolicValue(symbolic, x[i]!)
        dx[i]! += backwardSymbolic(
          symbolic,
          x[i]!,
          dPhi,
          gradient.affine![layer.symbolic!.indexOf(symbolic)]!,
        )
        continue
      }
      sum += edge(layer, i, j, bases[i]!, base)
      const mask = layer.mask[i]![j]!
      const scaleSpline = layer.scaleSpline[i]![j]!
      let spline = 0
      let splineSlope = 0
      for (let m = 0; m < intervals + degree; m++) {
        spline += layer.coef[i]![m]![j]! * bases[i]![m]!
        splineSlope += layer.coef[i]![m]![j]! * slopes[i]![m]!
        gradient.coef[i]![m]![j]! += dPhi * mask * scaleSpline * bases[i]![m]!
      }
      gradient.scaleBase[i]![j]! += dPhi * mask * base
      gradient.scaleSpline[i]![j]! += dPhi * mask * spline
      const baseSlope = baseDerivative(layer.base, x[i]!)
      dx[i]! += dPhi * mask * (layer.scaleBase[i]![j]! * baseSlope + scaleSpline * splineSlope)
    }
    gradient.nodeScale[j]! += dOut[j]! * sum
    gradient.nodeBias[j]! += dOut[j]!
  }
  return dx
}

function symbolicAt(layer: OracleLayer, i: number, j: number): OracleSymbolic | undefined {
  return layer.symbolic?.find(own => own.i === i && own.j === j)
}

function symbolicValue({ f, affine }: OracleSymbolic, x: number): number {
  return affine[2]! * f(affine[0]! * x + affine[1]!) + affine[3]!
}

/** Adds the gradient by a, b, c and d to `gradient`; returns that by x. */
function backwardSymbolic(
  { f, slope, affine }: OracleSymbolic,
  x: number,
  dPhi: number,
  gradient: number[],
): number {
  const u = affine[0]! * x + affine[1]!
  gradient[0]! += dPhi * affine[2]! * slope(u) * x
  gradient[1]! += dPhi * affine[2]! * slope(u)
  gradient[2]! += dPhi * f(u)
  gradient[3]! += dPhi
  return dPhi * affine[2]! * slope(u) * affine[0]!
}

function edge(layer: OracleLayer, i: number, j: number, bases: number[], base: number): number {
  let spline = 0
  for (let m = 0; m < bases.length; m++) spline += layer.coef[i]![m]![j]! * bases[m]!
  return layer.mask[i]![j]! * (layer.scaleBase[i]![j]! * base + layer.scaleSpline[i]![j]! * spline)
}

function baseValue(base: OracleLayer['base'], x: number): number {
  if (base === 'zero') return 0
  if (base === 'identity') return x
  return x / (1 + Math.exp(-x))
}

function baseDerivative(base: OracleLayer['base'], x: number): number {
  if (base === 'zero') return 0
  if (base === 'identity') return 1
  const sigmoid = 1 / (1 + Math.exp(-x))
  return sigmoid * (1 + x * (1 - sigmoid))
}

function lossAndGradient(y: number[][], loss: OracleLoss): { loss: number; dOutput: number[][] } {
  const weights = loss.weights ?? y.map(() => 1)
  const totalWeight = weights.reduce((sum, w) => sum + w, 0)
  let total = 0
  const dOutput = y.map((row, b) => {
    const share = weights[b]! / totalWeight
    if (loss.kind !== 'crossEntropy') {
      const errors = row.map((value, j) => errorAndSlope(loss, value - loss.target[b]![j]!))
      total += (share * errors.reduce((sum, [value]) => sum + value, 0)) / row.length
      return errors.map(([, slope]) => (share * slope) / row.length)
    }
    const most = Math.max(...row)
    const sum = row.reduce((s, value) => s + Math.exp(value - most), 0)
    total -= share * (row[loss.labels[b]!]! - most - Math.log(sum))
    return row.map((value, j) => share * (Math.exp(value - most) / sum - (j === loss.labels[b] ? 1 : 0)))
  })
  return { loss: total, dOutput }
}

/** A residual's part in the loss, and the derivative. */
function errorAndSlope(loss: Exclude<OracleLoss, { kind: 'crossEntropy' }>, e: number): [number, number] {
  if (loss.kind === 'mse') return [e * e, 2 * e]
  if (loss.kind === 'mae') return [Math.abs(e), Math.sign(e)]
  if (Math.abs(e) <= loss.delta) return [(e * e) / 2, e]
  return [loss.delta ** 2 / 2 + loss.delta * (Math.abs(e) - loss.delta), loss.delta * Math.sign(e)]
}

function zeroGradient({ inputs, outputs, intervals, degree, symbolic }: OracleLayer): OracleLayerGradient {
  const zeros = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, () => Array<number>(columns).fill(0))
  return {
    coef: Array.from({ length: inputs }, () => zeros(intervals + degree, outputs)),
    scaleBase: zeros(inputs, outputs),
    scaleSpline: zeros(inputs, outputs),
    nodeScale: Array<number>(outputs).fill(0),
    nodeBias: Array<number>(outputs).fill(0),
    ...(symbolic ? { affine: zeros(symbolic.length, 4) } : {}),
  }
}
