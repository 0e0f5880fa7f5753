import { HUBER_DELTA } from '../engine/engine.ts'
import type { LevenbergPlan, OptimizerPlan } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import { resolveAdam } from './adam.ts'
import { checkSeed } from '../model/config.ts'
import type { Loss, Model } from '../model/model.ts'
import { checkCallOptions } from './host.ts'
import { checkNumber, isPositive, POSITIVE } from './numbers.ts'
import type { FitOptions } from './options.ts'

/** What fit does unless told otherwise: the one place where these numbers stand. */
export const FIT_DEFAULTS = {
  steps: 1000,
  learningRate: 0.01,
  evaluateEvery: 10,
  /** Never stops early. */
  patience: 0,
  /** No rows held out. */
  validation: 0,
  progressEvery: 100,
} as const

/**
 * What differs for Levenberg-Marquardt: a step is a whole linear solve, so few are needed, and an evaluation after each
 * costs little beside it.
 */
export const LEVENBERG_DEFAULTS = { steps: 50, evaluateEvery: 1 } as const

/** Checked options, complete but for what depends on the samples. */
export interface FitSettings {
  readonly loss: Loss
  /** undefined for every loss but 'huber'. */
  readonly huberDelta: number | undefined
  readonly optimizer: OptimizerPlan
  readonly steps: number
  readonly learningRate: number
  /** undefined: all rows. */
  readonly batch: number | undefined
  /** Fraction of the rows to hold out; 0 where there is none, or validation samples were given. */
  readonly holdOut: number
  readonly evaluateEvery: number
  readonly patience: number
  readonly seed: number
  readonly progressEvery: number
}

const OPTION_NAMES = Object.keys({
  engine: true,
  loss: true,
  huberDelta: true,
  optimizer: true,
  steps: true,
  learningRate: true,
  schedule: true,
  adam: true,
  batch: true,
  validation: true,
  evaluateEvery: true,
  patience: true,
  seed: true,
  classWeights: true,
  signal: true,
  resume: true,
  progressEvery: true,
} satisfies Record<keyof FitOptions, true>)

function checkWhole(name: string, value: number, low: number, remedy: string): number {
  if (!Number.isSafeInteger(value) || value < low)
    throw new ConfigError(`${name} is ${value}; it must be a whole number of at least ${low}: ${remedy}.`)
  return value
}

/** The loss that goes with a model: the one it was fitted with, else cross-entropy where its table's target is a class, else mse. */
export function defaultLoss(model: Model): Loss {
  if (model.loss !== undefined) return model.loss
  return model.encoder?.task === 'classification' ? 'cross-entropy' : 'mse'
}

const LOSSES: ReadonlySet<Loss> = new Set(['mse', 'mae', 'huber', 'cross-entropy'])

/** The loss if it is one, and fits the network's outputs. Throws ConfigError. */
export function checkLoss(loss: Loss, model: Model): Loss {
  if (!LOSSES.has(loss))
    throw new ConfigError(
      `loss is '${loss}'; choose 'mse', 'mae' or 'huber' (regression) or 'cross-entropy' (classification).`,
    )
  if (loss === 'cross-entropy' && model.layout.outputs < 2)
    throw new ConfigError(
      `The loss is cross-entropy and the network has 1 output; it needs one a class: at least 2 at the end of width.`,
    )
  if (loss === 'cross-entropy' && model.scaling?.output.scale.some(scale => scale !== 1) === true)
    throw new ConfigError(
      `The loss is cross-entropy, but the model scales its outputs, as fitted to a regression; start from a new model.`,
    )
  return loss
}

/** Where Huber's loss bends; undefined for the others. Throws ConfigError. */
export function checkHuberDelta(delta: number | undefined, loss: Loss): number | undefined {
  if (loss === 'huber')
    return checkNumber('huberDelta', delta ?? HUBER_DELTA, isPositive, `${POSITIVE} (usually ${HUBER_DELTA})`)
  if (delta !== undefined)
    throw new ConfigError(`huberDelta is for the loss 'huber', and the loss is '${loss}'; leave it out.`)
  return undefined
}

function resolveLevenberg(options: FitOptions): LevenbergPlan {
  for (const name of ['learningRate', 'schedule', 'adam', 'batch'] as const)
    if (options[name] !== undefined)
      throw new ConfigError(
        `${name} is for the optimizer 'adam'; 'lm' finds its own step length on all rows: leave it out.`,
      )
  return { kind: 'lm' }
}

/**
 * Completes and checks the options of fit. Throws ConfigError with the value, the limit and the remedy; `batch` and
 * `classWeights` are checked against the samples later (task.ts).
 */
export function resolveFitOptions(model: Model, options: FitOptions): FitSettings {
  checkCallOptions('fit', options, OPTION_NAMES)
  const { optimizer = 'adam' } = options
  if (optimizer !== 'adam' && optimizer !== 'lm')
    throw new ConfigError(`optimizer is '${String(optimizer)}'; choose 'adam' or 'lm'.`)
  const defaults = { ...FIT_DEFAULTS, ...(optimizer === 'lm' ? LEVENBERG_DEFAULTS : {}) }
  const loss = checkLoss(options.loss ?? defaultLoss(model), model)
  const huberDelta = checkHuberDelta(options.huberDelta, loss)
  if (options.classWeights !== undefined && loss !== 'cross-entropy')
    throw new ConfigError(
      `classWeights are for the loss 'cross-entropy', and the loss is '${loss}'; leave them out.`,
    )
  if (model.trainableParameters === 0)
    throw new ConfigError(
      `Nothing is trainable; set at least one of the model's trainable flags, such as coef.`,
    )
  const validation = options.validation ?? FIT_DEFAULTS.validation
  const patience = options.patience ?? FIT_DEFAULTS.patience
  const steps = checkWhole(
    'steps',
    options.steps ?? defaults.steps,
    1,
    'each step is one update of the weights',
  )
  const learningRate = checkNumber(
    'learningRate',
    options.learningRate ?? FIT_DEFAULTS.learningRate,
    value => value > 0,
    `a positive number (usually ${FIT_DEFAULTS.learningRate})`,
  )
  return {
    loss,
    huberDelta,
    optimizer: optimizer === 'adam' ? resolveAdam(options, steps, learningRate) : resolveLevenberg(options),
    steps,
    learningRate,
    batch:
      options.batch === undefined
        ? undefined
        : checkWhole('batch', options.batch, 1, 'the rows that a step sees'),
    holdOut:
      typeof validation === 'number'
        ? checkNumber(
            'validation',
            validation,
            value => value >= 0 && value < 1,
            'samples, or a fraction of the rows from 0 up to, not including, 1',
          )
        : 0,
    evaluateEvery: checkWhole(
      'evaluateEvery',
      options.evaluateEvery ?? defaults.evaluateEvery,
      1,
      'the steps between evaluations',
    ),
    patience: checkWhole(
      'patience',
      patience,
      0,
      'evaluations without a better one before stopping, 0 for never',
    ),
    seed: checkSeed(options.seed ?? model.config.seed),
    progressEvery: checkNumber(
      'progressEvery',
      options.progressEvery ?? FIT_DEFAULTS.progressEvery,
      value => value >= 0,
      `a number of milliseconds (usually ${FIT_DEFAULTS.progressEvery})`,
    ),
  }
}
