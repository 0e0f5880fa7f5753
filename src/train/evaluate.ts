import type { Engine, Rows, Session } from '../engine/engine.ts'
import { explainAllocation, networkBytes } from '../model/memory.ts'
import type { Loss, Model } from '../model/model.ts'
import { scaleRows, unscaleRows } from '../model/scaling.ts'
import type { ColumnScaling } from '../model/scaling.ts'
import { checkHuberDelta, checkLoss, defaultLoss } from './defaults.ts'
import { checkCallOptions, withEngine } from './host.ts'
import { accuracy, meanLoss, rootMeanSquare, rSquared } from './metrics.ts'
import type { Evaluation, LogEvaluation, RowValues, Samples } from './options.ts'
import { predictorPlan, withSession } from './predictor.ts'
import { toRows } from './rows.ts'
import { checkSamples } from './samples.ts'

/** A session that holds the model's weights and only predicts; closed when `use` is done, also on error. */
async function withPredictor<T>(
  model: Model,
  rows: number,
  engine: Engine | undefined,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  return withEngine(engine, host =>
    withSession(host, predictorPlan(model.config, rows), async session => {
      await session.upload({ parameters: model.parameters, knots: model.knots, mask: model.mask })
      return use(session)
    }),
  )
}

/** The outcome of `run`; rejects with OutOfMemoryError where the process has no room for an array. */
export async function withMemory<T>(work: string, model: Model, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw explainAllocation(error, work, networkBytes(model.layout))
  }
}

/** x in the network's coordinates: by the model's scaling, or as it is before the first fit. */
export function toNetworkInputs(model: Model, x: Float64Array): Float64Array {
  return model.scaling ? scaleRows(x, model.scaling.input) : x.slice()
}

async function networkOutputs(
  model: Model,
  x: Float64Array,
  engine: Engine | undefined,
): Promise<Float64Array> {
  const rows = x.length / model.layout.inputs
  return withPredictor(model, rows, engine, session => session.predict(toNetworkInputs(model, x)))
}

/**
 * The model's outputs for x [rows][inputs], both in the table's own units, as one flat array [rows][outputs]: output j of row
 * r is at r * outputs + j. For a classification they are logits z: the class is the largest one's index, and its probability
 * softmax(z)_j = exp(z_j) / sum_c exp(z_c).
 *
 * Throws ConfigError for an engine or an option that is none, ShapeError and DataError for x, and what the engine throws.
 */
export async function predict(
  model: Model,
  x: RowValues,
  options: { readonly engine?: Engine } = {},
): Promise<Float64Array> {
  checkCallOptions('predict', options, ['engine'])
  return withMemory('Predicting with', model, async () => {
    const rows = toRows(x, { name: 'x', columns: model.layout.inputs })
    const outputs = await networkOutputs(model, rows, options.engine)
    return model.scaling ? unscaleRows(outputs, model.scaling.output) : outputs
  })
}

/** What evaluate may be told. */
export interface EvaluateOptions {
  readonly engine?: Engine
  readonly loss?: Loss
  /** As in FitOptions; a model does not remember it. */
  readonly huberDelta?: number
}

/**
 * The model's errors on samples, in the table's own units: see Evaluation, and metrics.ts for the formulas. The loss is the
 * one the model was fitted with unless `loss` says otherwise; for cross-entropy, y [rows] holds class indices from 0.
 *
 * Throws as predict does, ConfigError for a loss that does not fit the model, and ShapeError and DataError for the samples.
 */
export async function evaluate(
  model: Model,
  samples: Samples,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkCallOptions('evaluate', options, ['engine', 'loss', 'huberDelta'])
  return withMemory('Evaluating', model, () => errorsOn(model, samples, options))
}

async function errorsOn(model: Model, samples: Samples, options: EvaluateOptions): Promise<Evaluation> {
  const { inputs, outputs: columns } = model.layout
  const loss = checkLoss(options.loss ?? defaultLoss(model), model)
  const delta = checkHuberDelta(options.huberDelta, loss)
  const rows = checkSamples(samples, { inputs, outputs: columns, loss })
  const outputs = await networkOutputs(model, rows.x, options.engine)
  const count = rows.weights.length
  if (loss === 'cross-entropy')
    return {
      rows: count,
      loss: meanLoss(loss, outputs, rows),
      rmse: undefined,
      mae: undefined,
      r2: undefined,
      accuracy: accuracy(outputs, rows),
    }
  const scaling = model.scaling?.output
  const own = scaling ? unscaleRows(outputs, scaling) : outputs
  const scaled = scaling ? { ...rows, y: scaleRows(rows.y, scaling, 'y') } : rows
  return {
    rows: count,
    loss: meanLoss(loss, outputs, scaled, delta),
    rmse: rootMeanSquare(own, rows),
    mae: meanLoss('mae', own, rows),
    r2: rSquared(own, rows),
    accuracy: undefined,
    ...(scaling?.log ? { log: logErrors(outputs, rows, scaling, scaling.log) } : {}),
  }
}

/**
 * Errors of the natural logarithms of the outputs on a logarithmic scale: of log value = shift + scale u itself, which cannot
 * overflow.
 */
function logErrors(
  outputs: Float64Array,
  rows: Rows,
  { shift, scale }: ColumnScaling,
  log: readonly boolean[],
): LogEvaluation {
  const isLog = (_: number, p: number): boolean => log[p % log.length]!
  const said = unscaleRows(outputs, { shift, scale }).filter(isLog)
  const asked = { ...rows, y: rows.y.filter(isLog).map(Math.log) }
  return {
    rmse: rootMeanSquare(said, asked),
    mae: meanLoss('mae', said, asked),
    r2: rSquared(said, asked),
  }
}

/**
 * Sets the model's statistics (see LayerStatistics) to what its layers do on x [rows][inputs], in the table's own units.
 * Throws as predict does.
 */
export async function calibrate(
  model: Model,
  x: RowValues,
  options: { readonly engine?: Engine } = {},
): Promise<void> {
  checkCallOptions('calibrate', options, ['engine'])
  await withMemory('Calibrating', model, async () => {
    const rows = toRows(x, { name: 'x', columns: model.layout.inputs })
    const count = rows.length / model.layout.inputs
    await withPredictor(model, count, options.engine, async session => {
      const [layers] = await session.statistics(toNetworkInputs(model, rows))
      model.statistics = { rows: count, layers: layers! }
    })
  })
}
