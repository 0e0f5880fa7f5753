import type { Plan, Rows } from '../engine/engine.ts'
import { ConfigError, DataError } from '../errors.ts'
import type { Model } from '../model/model.ts'
import { checkPositive, fitScaling, logScales, scaleRows } from '../model/scaling.ts'
import type { Scaling } from '../model/scaling.ts'
import type { FitSettings } from './defaults.ts'
import type { FitOptions, Samples } from './options.ts'
import { checkSamples, holdOut, resolveClassWeights, weighClasses } from './samples.ts'
import type { SampleShape } from './samples.ts'

/** What a session needs to train a model on samples: copies, in the network's coordinates. */
export interface Task {
  readonly plan: Plan
  readonly training: Rows
  readonly validation: Rows | undefined
  readonly scaling: Scaling
}

/** Where values overflow on the way (a spread beyond 1.8e308, a variance beyond it), or a spread is too small to divide by. */
function checkScaling(scaling: Scaling): Scaling {
  for (const side of ['input', 'output'] as const)
    scaling[side].scale.forEach((scale, c) => {
      if (!(scale > 0) || !Number.isFinite(scale) || !Number.isFinite(scaling[side].shift[c]!))
        throw new DataError(
          `${side === 'input' ? 'x' : 'y'}: column ${c + 1} cannot be scaled (its spread is ${scale}); bring its values between about 1e-150 and 1e150.`,
        )
    })
  return scaling
}

function toNetwork(rows: Rows, scaling: Scaling, shape: SampleShape): Rows {
  return {
    x: scaleRows(rows.x, scaling.input),
    y: shape.loss === 'cross-entropy' ? rows.y.slice() : scaleRows(rows.y, scaling.output),
    weights: rows.weights.slice(),
  }
}

/**
 * Throws DataError for rows whose logarithm the network should see or say and that have none, before any is held out: messages
 * then count rows as the caller does.
 */
function checkLogarithms(model: Model, { x, y }: Rows, classes: boolean, name = ''): void {
  const scales = model.scaling ?? logScales(model.config, classes)
  checkPositive(x, scales.input, `${name}x`)
  if (!classes) checkPositive(y, scales.output, `${name}y`)
}

/**
 * Checks and copies samples, holds out validation rows, folds class weights into row weights and scales: by the model's
 * scaling, or by a new one from the training rows where it has none. Throws ConfigError, ShapeError and DataError.
 */
export function createTask(model: Model, samples: Samples, settings: FitSettings, options: FitOptions): Task {
  const { inputs, outputs } = model.layout
  const shape: SampleShape = { inputs, outputs, loss: settings.loss }
  const classes = settings.loss === 'cross-entropy'
  const all = checkSamples(samples, shape)
  checkLogarithms(model, all, classes)
  let training = all
  let validation: Rows | undefined
  if (settings.holdOut > 0) ({ training, validation } = holdOut(all, shape, settings.holdOut, settings.seed))
  else if (typeof options.validation === 'object') {
    validation = checkSamples(options.validation, shape, 'validation.')
    checkLogarithms(model, validation, classes, 'validation.')
  }
  if (options.classWeights !== undefined) {
    const classWeights = resolveClassWeights(options.classWeights, training.y, outputs)
    training = weighClasses(training, classWeights, 'the training rows')
    validation &&= weighClasses(validation, classWeights, 'the validation rows')
  }
  const rows = training.weights.length
  const batch = settings.batch ?? rows
  if (batch > rows) {
    const held = all.weights.length - rows
    throw new ConfigError(
      `batch is ${batch}, and there are ${rows} training rows${held > 0 ? ` (${held} of ${all.weights.length} are held out)` : ''}; lower it, or leave it out to see all rows in each step.`,
    )
  }
  const scaling =
    model.scaling ?? checkScaling(fitScaling(model.config, training.x, classes ? undefined : training.y))
  return {
    plan: {
      layers: model.config.layers,
      trainable: model.config.trainable,
      models: 1,
      rows,
      batch,
      validationRows: validation?.weights.length ?? 0,
      loss: settings.loss,
      ...(settings.penalty ? { penalty: settings.penalty } : {}),
      ...(settings.huberDelta === undefined ? {} : { huberDelta: settings.huberDelta }),
      optimizer: settings.optimizer,
      seed: settings.seed,
      evaluateEvery: settings.evaluateEvery,
      patience: settings.patience,
    },
    training: toNetwork(training, scaling, shape),
    validation: validation && toNetwork(validation, scaling, shape),
    scaling,
  }
}
