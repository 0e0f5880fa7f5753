import type { Plan, Rows } from '../../src/engine/engine.ts'
import { createLayout, parameterGroups } from '../../src/model/shape.ts'
import type { LayerLayout, Layout, LayerShape, Trainable } from '../../src/model/shape.ts'
import type { OracleLayer, OracleLayerGradient, OracleLoss, OracleModel } from '../oracle/kan.ts'

/** A model as engines take it: flat arrays in the layout of src/model/shape.ts. */
export interface FlatModel {
  layout: Layout
  parameters: Float64Array
  knots: Float64Array
  mask: Float64Array
}

/** The oracle's nested model, made flat. */
export function flatten(model: OracleModel): FlatModel {
  const layout = createLayout(model.layers.map(oracleShape))
  return {
    layout,
    parameters: flattenParameters(layout, model.layers.map(withAffine)),
    knots: Float64Array.from(model.layers.flatMap(layer => layer.knots.flat())),
    mask: Float64Array.from(model.layers.flatMap(layer => layer.mask.flat())),
  }
}

/** Parameters, or gradients by them, made flat; groups that are left out become zeros. */
export function flattenParameters(layout: Layout, layers: Partial<OracleLayerGradient>[]): Float64Array {
  const flat = new Float64Array(layout.parameters)
  layers.forEach((layer, l) => {
    const at = layout.layers[l]!
    flat.set(layer.coef?.flat(2) ?? [], at.coef)
    flat.set(layer.scaleBase?.flat() ?? [], at.scaleBase)
    flat.set(layer.scaleSpline?.flat() ?? [], at.scaleSpline)
    flat.set(layer.nodeScale ?? [], at.nodeScale)
    flat.set(layer.nodeBias ?? [], at.nodeBias)
    flat.set(layer.affine?.flat() ?? [], at.affine)
  })
  return flat
}

/** The other way round: a copy of the oracle's model with these flat parameters. */
export function withParameters(model: OracleModel, flat: Float64Array): OracleModel {
  const { layers } = createLayout(model.layers.map(oracleShape))
  return { layers: model.layers.map((layer, l) => withNumbers(layer, nestParameters(layers[l]!, flat))) }
}

/** The layer with other parameters, those of its symbolic edges included. */
function withNumbers(layer: OracleLayer, { affine = [], ...numbers }: OracleLayerGradient): OracleLayer {
  const { symbolic } = layer
  return {
    ...layer,
    ...numbers,
    ...(symbolic && { symbolic: symbolic.map((own, e) => ({ ...own, affine: affine[e]! })) }),
  }
}

function withAffine({ symbolic = [], ...layer }: OracleLayer): OracleLayerGradient {
  return { ...layer, affine: symbolic.map(({ affine }) => affine) }
}

function nestParameters(layer: LayerLayout, flat: Float64Array): OracleLayerGradient {
  const { inputs, outputs, bases } = layer
  const table = (start: number, rows: number): number[][] =>
    Array.from({ length: rows }, (_, r) => [...flat.subarray(start + r * outputs, start + (r + 1) * outputs)])
  return {
    coef: Array.from({ length: inputs }, (_, i) => table(layer.coef + i * bases * outputs, bases)),
    scaleBase: table(layer.scaleBase, inputs),
    scaleSpline: table(layer.scaleSpline, inputs),
    nodeScale: table(layer.nodeScale, 1)[0]!,
    nodeBias: table(layer.nodeBias, 1)[0]!,
    affine: (layer.symbolic ?? []).map((_, e) => [
      ...flat.subarray(layer.affine + 4 * e, layer.affine + 4 * e + 4),
    ]),
  }
}

function oracleShape({ symbolic, ...layer }: OracleLayer): LayerShape {
  const edges = symbolic?.map(({ i, j, name, formula }) => ({ edge: i * layer.outputs + j, name, formula }))
  return shapeOf({ ...layer, ...(edges && { symbolic: edges }) })
}

function shapeOf({ inputs, outputs, intervals, degree, base, products, symbolic }: LayerShape): LayerShape {
  return {
    inputs,
    outputs,
    intervals,
    degree,
    base,
    ...(products ? { products } : {}),
    ...(symbolic && { symbolic }),
  }
}

/**
 * The model with every number rounded to float32, so that a float32 engine starts from the same numbers as the float64
 * oracle and their difference is arithmetic alone.
 */
export function roundModel(model: OracleModel): OracleModel {
  return { layers: model.layers.map(layer => roundNumbers(layer)) }
}

function roundNumbers<T>(value: T): T
function roundNumbers(value: unknown): unknown {
  if (typeof value === 'number') return Math.fround(value)
  if (Array.isArray(value)) return value.map(item => roundNumbers<unknown>(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, roundNumbers<unknown>(item)]))
}

export const ALL_TRAINABLE: Trainable = {
  coef: true,
  scaleBase: true,
  scaleSpline: true,
  nodeScale: true,
  nodeBias: true,
  affine: true,
}

/** A plan with everything at its plainest; `changes` says what a test is about. */
export function planFor(layout: Layout, rows: number, changes: Partial<Plan> = {}): Plan {
  return {
    layers: layout.layers.map(shapeOf),
    trainable: ALL_TRAINABLE,
    models: 1,
    rows,
    batch: rows,
    validationRows: 0,
    loss: 'mse',
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    seed: 0,
    evaluateEvery: 1000,
    patience: 0,
    ...changes,
  }
}

/** The oracle's loss as a plan names it. */
export function lossPlan(loss: OracleLoss): Pick<Plan, 'loss' | 'huberDelta'> {
  if (loss.kind === 'huber') return { loss: 'huber', huberDelta: loss.delta }
  return { loss: loss.kind === 'crossEntropy' ? 'cross-entropy' : loss.kind }
}

/** Rows for an engine from what the oracle takes. */
export function flatRows(x: number[][], loss: OracleLoss): Rows {
  return {
    x: Float64Array.from(x.flat()),
    y: Float64Array.from(loss.kind === 'crossEntropy' ? loss.labels : loss.target.flat()),
    weights: Float64Array.from(loss.weights ?? x.map(() => 1)),
  }
}

/** Arrays of several models one after another. */
export function concatenate(arrays: readonly Float64Array[]): Float64Array {
  return Float64Array.from(arrays.flatMap(array => [...array]))
}

/** Largest |actual - expected| over the largest |expected|; 0 for two arrays of zeros, NaN or Infinity for worse. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity
  let difference = 0
  let largest = 0
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!)
    if (Number.isNaN(error)) return Number.NaN
    difference = Math.max(difference, error)
    largest = Math.max(largest, Math.abs(expected[i]!))
  }
  return difference === 0 ? 0 : difference / largest
}

/** The worst relativeError over the parameter groups of all layers, each against its own largest value. */
export function worstGroupError(layout: Layout, actual: Float64Array, expected: Float64Array): number {
  const errors = layout.layers.flatMap(parameterGroups).map(({ start, size }) => {
    const end = start + size
    return relativeError(actual.subarray(start, end), expected.subarray(start, end))
  })
  return errors.some(Number.isNaN) ? Number.NaN : Math.max(...errors)
}
