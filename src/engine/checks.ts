import { ConfigError, DataError, ShapeError } from '../errors.ts'
import { nodeCount, sumCount } from '../model/shape.ts'
import type { LayerLayout, LayerShape, Layout } from '../model/shape.ts'
import { checkSymbolicEdges } from '../model/symbolic.ts'
import { checkKnots } from '../spline/knots.ts'
import type { AdamPlan, OptimizerPlan, PenaltyPlan, Plan, Rows, TrainingState, Upload } from './engine.ts'
import { checkKernelChoice } from './kernelchoice.ts'
import { checkMask } from './mask.ts'
import { memoryLengths } from './memory.ts'
import { rowSets } from './rowsets.ts'

/** Throws ConfigError unless the plan's sizes are whole numbers in range and its layers fit each other. */
export function checkPlan(plan: Plan): void {
  const { layers, models, rows, batch, validationRows, evaluateEvery, patience, optimizer } = plan
  checkSize('models', models, 1)
  checkSize('rows', rows, 0)
  checkSize('validationRows', validationRows, 0)
  if (rows > 2 ** 30)
    throw new ConfigError(`rows is ${rows}; the shuffle takes at most ${2 ** 30}. Train on fewer rows.`)
  if (rows > 0) checkSize('batch', batch, 1, rows)
  checkSize('evaluateEvery', evaluateEvery, 1)
  checkSize('patience', patience, 0)
  checkOptimizer(optimizer, rows, batch)
  if (plan.huberDelta !== undefined && !(plan.huberDelta > 0 && plan.huberDelta < Infinity))
    throw new ConfigError(`huberDelta is ${plan.huberDelta}; it must be a positive number.`)
  if (plan.penalty) checkPenalty(plan.penalty)
  checkKernelChoice(plan.kernels)
  layers.forEach((layer, l) => {
    const before = layers[l - 1]
    if (before !== undefined && nodeCount(before) !== layer.inputs)
      throw new ConfigError(
        `Layer ${l} has ${layer.inputs} inputs, but layer ${l - 1} has ${nodeCount(before)} outputs; make them equal.`,
      )
    checkSize(`layers[${l}].inputs`, layer.inputs, 1)
    checkSize(`layers[${l}].outputs`, layer.outputs, 1)
    checkProducts(l, layer)
    checkSize(`layers[${l}].intervals`, layer.intervals, 1)
    checkSize(`layers[${l}].degree`, layer.degree, 1, 5)
    checkSymbolicEdges(layer, `layers[${l}]`)
  })
}

/** A product has at least two factors, and all of them are outputs. */
function checkProducts(l: number, layer: LayerShape): void {
  const { outputs, products = [] } = layer
  products.forEach((factors, p) => checkSize(`layers[${l}].products[${p}]`, factors, 2))
  if (sumCount(layer) < 0)
    throw new ConfigError(
      `layers[${l}] has ${outputs} outputs, and its products need ${outputs - sumCount(layer)} factors; give at least as many outputs.`,
    )
}

function checkOptimizer(optimizer: OptimizerPlan, rows: number, batch: number): void {
  if (optimizer.kind === 'adam') {
    for (const name of ['beta1', 'beta2'] as const)
      if (!(optimizer[name] >= 0 && optimizer[name] < 1))
        throw new ConfigError(`adam.${name} is ${optimizer[name]}; it must be at least 0 and less than 1.`)
    if (!(optimizer.epsilon > 0))
      throw new ConfigError(`adam.epsilon is ${optimizer.epsilon}; it must be a positive number.`)
    checkAdditions(optimizer)
  } else if (batch !== rows)
    throw new ConfigError(
      `batch is ${batch} of ${rows} rows; the optimizer '${optimizer.kind}' needs all rows in each step: leave batch out.`,
    )
}

function checkAdditions({ weightDecay = 0, clip, schedule }: AdamPlan): void {
  if (!(weightDecay >= 0 && weightDecay < Infinity))
    throw new ConfigError(`adam.weightDecay is ${weightDecay}; it must be 0 or a positive number.`)
  if (clip !== undefined && !(clip > 0 && clip < Infinity))
    throw new ConfigError(`adam.clip is ${clip}; it must be a positive number, or left out.`)
  if (schedule === undefined || schedule.kind === 'constant') return
  checkSize('schedule.steps', schedule.steps, 1)
  const { kind, floor } = schedule
  if (!(floor >= 0 && floor <= 1) || (kind === 'exponential' && floor === 0))
    throw new ConfigError(
      `schedule.floor is ${floor}; for '${kind}' it must be ${kind === 'cosine' ? 'at least 0' : 'more than 0'} and at most 1.`,
    )
}

/** Throws ConfigError for a metric that is none, and for a weight that is negative or not finite. */
function checkPenalty(penalty: PenaltyPlan): void {
  const metric: string = penalty.metric
  if (metric !== 'paper' && metric !== 'edge_forward_spline_n')
    throw new ConfigError(`penalty.metric is '${metric}'; it must be 'paper' or 'edge_forward_spline_n'.`)
  for (const name of ['l1', 'entropy', 'coef', 'coefdiff'] as const)
    if (!(penalty[name] >= 0 && penalty[name] < Infinity))
      throw new ConfigError(`penalty.${name} is ${penalty[name]}; it must be 0 or a finite positive number.`)
}

function checkSize(name: string, value: number, low: number, high: number = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new ConfigError(
      `${name} is ${value}; it must be a whole number of at least ${low}${high < 2 ** 31 ? ` and at most ${high}` : ''}.`,
    )
}

/** Throws ShapeError unless the array has the length that `meaning` explains. */
function checkLength(name: string, array: Float64Array, length: number, meaning: string): void {
  if (array.length !== length)
    throw new ShapeError(
      `${name} has ${array.length} values; this session needs exactly ${length}, ${meaning}.`,
    )
}

/** The number of rows of x [rows][inputs]; throws ShapeError when the length is no multiple of the inputs. */
export function countRows(x: Float64Array, inputs: number): number {
  if (x.length % inputs !== 0)
    throw new ShapeError(
      `x has ${x.length} values; with ${inputs} inputs a row it must be a multiple of ${inputs}.`,
    )
  return x.length / inputs
}

/** Throws ConfigError (see checkKnots) unless the knots of every input of every model strictly increase. */
export function checkAllKnots(layout: Layout, models: number, knots: Float64Array): void {
  const checkLayer = (layer: LayerLayout, from: number): void => {
    for (let i = 0; i < layer.inputs; i++) {
      const start = from + i * layer.knotsPerInput
      checkKnots(knots.subarray(start, start + layer.knotsPerInput), layer.intervals, layer.degree)
    }
  }
  for (let m = 0; m < models; m++)
    for (const layer of layout.layers) checkLayer(layer, m * layout.knots + layer.knots)
}

/**
 * Throws ShapeError unless the arrays of a set, `rows` rows for all models or for each, fit the plan; DataError for a weight that is
 * negative or not finite, weights of a model that are all 0, and a class label that is not one of 0 .. outputs - 1.
 */
function checkRows(name: string, set: Rows, rows: number, layout: Layout, plan: Plan): void {
  const { inputs, outputs } = layout
  const { loss, models } = plan
  const sets = rowSets(plan)
  const each = sets > 1 ? `, for each of ${models} models` : ''
  const count = sets * rows
  checkLength(`${name}.x`, set.x, count * inputs, `${rows} rows of ${inputs} inputs${each}`)
  if (loss === 'cross-entropy') checkLength(`${name}.y`, set.y, count, `one class label a row${each}`)
  else checkLength(`${name}.y`, set.y, count * outputs, `${rows} rows of ${outputs} outputs${each}`)
  checkLength(`${name}.weights`, set.weights, count, `one weight a row${each}`)
  for (let first = 0; first < count; first += rows) checkSet(name, set, first, rows, outputs, loss)
}

/** The weights and labels of the rows from `first` on, those of one model. */
function checkSet(
  name: string,
  set: Rows,
  first: number,
  rows: number,
  outputs: number,
  loss: Plan['loss'],
): void {
  let sum = 0
  for (let row = first; row < first + rows; row++) {
    const weight = set.weights[row]!
    if (!Number.isFinite(weight) || weight < 0)
      throw new DataError(`${name}.weights[${row}] is ${weight}; weights must be finite and not negative.`)
    sum += weight
    const label = set.y[row]!
    if (loss === 'cross-entropy' && (!Number.isInteger(label) || label < 0 || label >= outputs))
      throw new DataError(
        `${name}.y[${row}] is ${label}; a class label must be a whole number from 0 to ${outputs - 1}, one for each output.`,
      )
  }
  if (sum === 0) {
    const whose = first > 0 ? ` of model ${first / rows}` : ''
    throw new DataError(
      `${name}.weights${whose} are all 0; give at least one of the ${rows} rows a positive weight.`,
    )
  }
}

/** Throws ConfigError unless a run of so many steps makes sense. */
export function checkSteps(steps: number): void {
  if (!Number.isSafeInteger(steps) || steps < 1)
    throw new ConfigError(`steps is ${steps}; a run takes a whole number of steps, at least 1.`)
}

/** The number of rows that statistics are asked for; throws DataError when there are none. */
export function countStatisticsRows(x: Float64Array, inputs: number): number {
  const rows = countRows(x, inputs)
  if (rows === 0) throw new DataError('x has no rows; statistics need at least one.')
  return rows
}

/** Throws ConfigError where the plan has no training rows, and so nothing to run, read or differentiate. */
export function checkTrains(plan: Plan): void {
  if (plan.rows === 0)
    throw new ConfigError(
      'The plan has 0 training rows, so the session only predicts; open one with rows to train.',
    )
}

function checkState(state: TrainingState, plan: Plan, layout: Layout): void {
  checkTrains(plan)
  const { models, optimizer } = plan
  if (!Number.isSafeInteger(state.step) || state.step < 0)
    throw new ShapeError(`state.step is ${state.step}; it must be the number of steps done, 0 or more.`)
  if (state.kind !== optimizer.kind)
    throw new ConfigError(
      `The state is of the optimizer '${state.kind}', and the plan's is '${optimizer.kind}'; resume with the same one.`,
    )
  const perParameter = models * layout.parameters
  const { best } = state
  checkLength('state.parameters', state.parameters, perParameter, 'as the plan has models and parameters')
  checkLength('state.best.parameters', best.parameters, perParameter, 'as the plan has models and parameters')
  for (const [name, length] of memoryLengths(optimizer.kind, layout.parameters)) {
    const values = state.optimizer[name] ?? new Float64Array(0)
    checkLength(`state.optimizer.${name}`, values, models * length, `${length} a model`)
  }
  for (const name of ['loss', 'step', 'stale', 'stopped'] as const)
    checkLength(`state.best.${name}`, best[name], models, 'one a model')
}

/** Throws ConfigError, ShapeError or DataError for what does not fit the plan: an engine calls it before it changes anything. */
export function checkUpload(contents: Upload, plan: Plan, layout: Layout): void {
  const { parameters, knots, mask, training, validation, learningRate, lambda, state } = contents
  const { models } = plan
  const whole = (name: string, values: Float64Array | undefined, size: number): void => {
    if (values) checkLength(name, values, models * size, `${size} a model for ${models} models`)
  }
  whole('parameters', parameters, layout.parameters)
  whole('knots', knots, layout.knots)
  whole('mask', mask, layout.edges)
  whole('learningRate', learningRate, 1)
  whole('lambda', lambda, 1)
  lambda?.forEach((value, m) => {
    if (!(value >= 0 && value < Infinity))
      throw new ConfigError(`lambda[${m}] is ${value}; it must be 0 or a finite positive number.`)
  })
  if (mask) checkMask(layout, mask)
  if (knots) checkAllKnots(layout, models, knots)
  if (training) checkRows('training', training, plan.rows, layout, plan)
  if (validation) checkRows('validation', validation, plan.validationRows, layout, plan)
  if (state) checkState(state, plan, layout)
}
