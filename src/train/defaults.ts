import { HUBER_DELTA } from '../engine/engine.ts'
import type { KernelChoice, OptimizerPlan, PenaltyPlan } from '../engine/engine.ts'
import { checkKernelChoice } from '../engine/kernelchoice.ts'
import { ConfigError } from '../errors.ts'
import { resolveAdam } from './adam.ts'
import { isCheckpoint } from './checkpoint.ts'
import { checkSeed } from '../model/config.ts'
import type { Config } from '../model/config.ts'
import type { Loss, Model } from '../model/model.ts'
import { createLayout, hasSymbolic } from '../model/shape.ts'
import type { Layout } from '../model/shape.ts'
import { resolveGridUpdate, resolveRefine } from './gridoptions.ts'
import type { GridUpdatePlan } from './gridoptions.ts'
import { checkCallOptions } from './host.ts'
import { checkNumber, checkWhole, isPositive, POSITIVE } from './numbers.ts'
import { chooseOptimizer, LEVENBERG_LIMITS } from './optimizer.ts'
import type { FitOptions } from './options.ts'
import { resolvePenalty } from './penalty.ts'

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

/** An iteration of L-BFGS is a few evaluations of loss and gradient. */
export const LBFGS_DEFAULTS = { steps: 280, evaluateEvery: 1 } as const

/**
 * Starts of a run on a new network. On [2, 1, 1] (exp(sin(pi x1) + x2^2), G 3) 88 of 100 single ones end in the good basin with
 * 'lm', and 71 with 'lbfgs' (bench/studies/starts.ts): all of six hardly ever miss it. Six starts of 280 iterations, four of
 * which rest after 70 (race.ts), take less than 1000 evaluations.
 */
export const STARTS = { adam: 1, lm: 6, lbfgs: 6 } as const

/** The usual starts on a new network with so many trainable parameters: one where more would cost too much. */
export function usualStarts(optimizer: OptimizerPlan['kind'], parameters: number): number {
  return parameters <= LEVENBERG_LIMITS.parameters ? STARTS[optimizer] : 1
}

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
  /** undefined: a checkpoint's, or the engine's choice. */
  readonly kernels: KernelChoice | 'tune' | undefined
  readonly lambda: number
  readonly penalty: PenaltyPlan | undefined
  /** Grids to climb after the model's own. */
  readonly refine: readonly Config[]
  readonly gridUpdate: GridUpdatePlan | undefined
  readonly restarts: number
}

/** What fit takes. */
export const OPTION_NAMES = Object.keys({
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
  kernels: true,
  lambda: true,
  penalty: true,
  refine: true,
  gridUpdate: true,
  restarts: true,
} satisfies Record<keyof FitOptions, true>)

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
  if (loss === 'cross-entropy' && (model.config.scaling.log?.outputs.length ?? 0) > 0)
    throw new ConfigError(
      `The loss is cross-entropy, and scaling.log puts outputs on a logarithmic scale, which is for the targets of a regression; leave output out of it.`,
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

/** The kernels as they are. Throws ConfigError. */
function checkKernels(kernels: FitOptions['kernels']): FitOptions['kernels'] {
  checkKernelChoice(kernels)
  return kernels
}

const OPTIMIZER_DEFAULTS = { adam: {}, lm: LEVENBERG_DEFAULTS, lbfgs: LBFGS_DEFAULTS } as const

/**
 * Completes and checks the options of fit. Throws ConfigError with the value, the limit and the remedy; `batch` and
 * `classWeights` are checked against the samples later (task.ts).
 *
 * @param rows of the samples, by which 'auto' chooses an optimizer, as by the `networks` that are trained side by side
 */
export function resolveFitOptions(
  model: Model,
  options: FitOptions,
  rows: number,
  networks = 1,
): FitSettings {
  checkCallOptions('fit', options, OPTION_NAMES)
  if (options.resume !== undefined && !isCheckpoint(options.resume))
    throw new ConfigError(
      'resume takes a checkpoint of a run: { resume: report.checkpoint }, or what loadCheckpoint gives.',
    )
  const loss = checkLoss(options.loss ?? defaultLoss(model), model)
  const refine = resolveRefine(model.config, options)
  const optimizer = chooseOptimizer(options, {
    layout: largestLayout(model, refine),
    trainable: model.config.trainable,
    rows,
    engine: options.engine?.description.kind ?? 'cpu',
    networks,
  })
  const defaults = { ...FIT_DEFAULTS, ...OPTIMIZER_DEFAULTS[optimizer] }
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
    optimizer: optimizer === 'adam' ? resolveAdam(options, steps, learningRate) : { kind: optimizer },
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
    kernels: checkKernels(options.kernels),
    progressEvery: checkNumber(
      'progressEvery',
      options.progressEvery ?? FIT_DEFAULTS.progressEvery,
      value => value >= 0,
      `a number of milliseconds (usually ${FIT_DEFAULTS.progressEvery})`,
    ),
    ...resolvePenalty(options),
    refine,
    gridUpdate: resolveGridUpdate(options, steps),
    restarts: resolveRestarts(model, options, optimizer),
  }
}

/** The largest network that a run trains. */
function largestLayout(model: Model, refine: readonly Config[]): Layout {
  return refine
    .map(({ layers }) => createLayout(layers))
    .reduce((largest, layout) => (layout.parameters > largest.parameters ? layout : largest), model.layout)
}

function resolveRestarts(model: Model, options: FitOptions, optimizer: OptimizerPlan['kind']): number {
  const fresh = model.scaling === undefined && !hasSymbolic(model.config.layers)
  const usual = fresh ? usualStarts(optimizer, model.trainableParameters) : 1
  const restarts = checkWhole('restarts', options.restarts ?? usual, 1, 'the initialisations to train')
  // A checkpoint is of the start that was chosen.
  return options.resume ? 1 : restarts
}
