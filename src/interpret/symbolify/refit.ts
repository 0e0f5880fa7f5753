import type { Engine } from '../../engine/engine.ts'
import { NonFiniteError } from '../../errors.ts'
import { Model } from '../../model/model.ts'
import { fit } from '../../train/fit.ts'
import type { WeightedRows } from '../errors/rowerrors.ts'

/** A network with some known functions. */
export interface State {
  readonly model: Model
  /** Mean squared error over the variance of the targets, both in the network's units, on the rows it was fitted to. */
  readonly error: number
}

/** What refitting needs. */
export interface Refitting {
  readonly engine: Engine
  readonly signal?: AbortSignal
}

/**
 * Fits all of a network's splines and affine parameters to the rows, in float64 by Levenberg and Marquardt's method: a copy.
 * Undefined where the network has no value on some row, as a logarithm may, and where it has no edge. Spline coefficients are
 * left out where all edges are known functions.
 */
export async function refit(
  start: Model,
  rows: WeightedRows,
  steps: number,
  { engine, signal }: Refitting,
): Promise<State | undefined> {
  const hasSplines = start.mask.some(present => present !== 0)
  const trainable = {
    coef: hasSplines,
    scaleBase: hasSplines,
    scaleSpline: false,
    nodeScale: false,
    nodeBias: false,
    affine: true,
  }
  const { config, parameters, knots, mask, scaling, encoder } = start
  const model = new Model({ config: { ...config, trainable }, parameters, knots, mask, scaling, encoder })
  if (model.trainableParameters === 0) return undefined
  try {
    const report = await fit(model, rows, {
      engine,
      loss: 'mse',
      optimizer: 'lm',
      steps,
      restarts: 1,
      gridUpdate: false,
      ...(signal ? { signal } : {}),
    })
    return { model, error: report.best.loss / targetVariance(model, rows) }
  } catch (error) {
    if (error instanceof NonFiniteError) return undefined
    throw error
  }
}

/** The mean over the outputs of the variance of their targets, in the network's units. */
function targetVariance({ scaling }: Model, { y, weights }: WeightedRows): number {
  const rows = weights.length
  const outputs = y.length / rows
  let total = 0
  for (const weight of weights) total += weight
  let all = 0
  for (let j = 0; j < outputs; j++) {
    const values = Float64Array.from({ length: rows }, (_, r) => {
      const value = y[r * outputs + j]!
      return (scaling?.output.log?.[j] === true ? Math.log(value) : value) / (scaling?.output.scale[j] ?? 1)
    })
    let mean = 0
    for (let r = 0; r < rows; r++) mean += (weights[r]! * values[r]!) / total
    for (let r = 0; r < rows; r++) all += (weights[r]! * (values[r]! - mean) ** 2) / total
  }
  return all / outputs || 1
}
