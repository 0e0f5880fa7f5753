import type { Engine, OptimizerName } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import { resolveConfig, withIntervals } from '../model/config.ts'
import type { Config, KANOptions } from '../model/config.ts'
import { countTrainable, createLayout } from '../model/shape.ts'
import type { WidthEntry } from '../model/width.ts'
import type { NodeDevice } from '../node/engine.ts'
import { usualStarts } from '../train/defaults.ts'
import { suitsLevenberg } from '../train/optimizer.ts'
import type { FitOptions, ScheduleName } from '../train/options.ts'
import { PENALTY_DEFAULTS } from '../train/penalty.ts'
import type { PopulationFitOptions } from '../train/population/options.ts'
import { fitDefaults, gridUpdateSteps } from './defaults.ts'
import type { RegressionLoss } from './defaults.ts'
import type { FitSettings } from './fitresult.ts'
import { logScaling } from './logscale.ts'
import type { PreparedTable } from './prepare.ts'
import { checkMembers } from '../train/population/seeds.ts'
import { checkSeeds } from './seeds.ts'

/** The options of `webkan fit` that say what to train and how, as typed; what is absent comes from defaults.ts. */
export interface TrainingOptions {
  readonly hidden?: WidthEntry[]
  /** Factors of every product. */
  readonly arity?: number
  readonly grid?: number
  readonly degree?: number
  readonly optimizer?: 'auto' | OptimizerName
  readonly steps?: number
  readonly lr?: number
  readonly schedule?: ScheduleName
  readonly loss?: RegressionLoss
  readonly batch?: number
  readonly lambda?: number
  readonly entropy?: number
  readonly refine?: number[]
  /** true: as often as usual. */
  readonly gridUpdate?: number | true
  readonly restarts?: number
  /** Networks to train side by side, of which the best is kept. */
  readonly seeds?: number
  readonly seed: number
  readonly device: NodeDevice
  /** Columns to put on a logarithmic scale. */
  readonly log?: readonly string[]
  /** Most threads of the CPU engine. */
  readonly threads?: number
}

export const LEVENBERG_DEVICE = '--optimizer lm runs on the CPU only.'

/** Options that only Adam reads. */
const adamOptions = ['lr', 'schedule', 'batch'] as const

/** Throws ConfigError for options that contradict the optimizer, or one another. */
export function checkTraining(options: TrainingOptions): void {
  const { optimizer, device, threads, lambda, entropy } = options
  checkSeeds(options)
  if (options.arity !== undefined && !options.hidden?.some(entry => typeof entry === 'object'))
    throw new ConfigError(
      `--arity ${options.arity} is the number of factors of products, and there are none. Give --hidden sums and products, such as 3+2.`,
    )
  if (entropy !== undefined && lambda === undefined)
    throw new ConfigError(
      `--entropy is the entropy's weight in the penalty that --lambda multiplies, and there is none. Give --lambda too, such as 1e-3.`,
    )
  if (threads !== undefined && device === 'webgpu')
    throw new ConfigError(
      `--threads are the CPU engine's, and --device webgpu takes a GPU. Leave one of them out.`,
    )
  if (optimizer !== 'lm' && optimizer !== 'lbfgs') return
  if (optimizer === 'lm' && device === 'webgpu')
    throw new ConfigError(
      `${LEVENBERG_DEVICE} Leave --device webgpu out, or choose --optimizer adam or lbfgs.`,
    )
  const foreign = adamOptions.find(name => options[name] !== undefined)
  if (foreign !== undefined)
    throw new ConfigError(
      `--${foreign} is for --optimizer adam; ${optimizer} finds its own step length on all rows. Leave it out.`,
    )
}

/** What is trained: the network on its first grid, and on the finest one it comes to. */
interface TrainingNetwork {
  readonly options: KANOptions
  readonly first: Config
  readonly finest: Config
}

/**
 * The network, and how it is trained: what was typed, else the defaults. Throws ConfigError for a --loss that is not of the task.
 * @param formula whether a function is learned
 */
export function chooseTraining(
  prepared: PreparedTable,
  options: TrainingOptions,
  formula: boolean,
): { readonly network: TrainingNetwork; readonly settings: FitSettings } {
  const { encoder, split } = prepared
  const rows = split.train.length
  const { loss } = options
  if (loss !== undefined && encoder.task !== 'regression')
    throw new ConfigError(
      `--loss ${loss} is for a regression, and this is a ${encoder.task}, whose loss is the cross-entropy. Leave it out, or ` +
        `say --task regression.`,
    )
  const usual = fitDefaults(encoder.task, rows)
  const { hidden = usual.hidden, grid = usual.grid, degree = usual.degree, refine = [], seed } = options
  const outputs = encoder.target.labels?.length ?? 1
  const network = createNetwork(
    {
      width: [encoder.inputs.length, ...hidden, outputs],
      grid,
      degree,
      seed,
      ...(options.arity === undefined ? {} : { arity: options.arity }),
      ...(options.log ? { scaling: logScaling(options.log, encoder) } : {}),
    },
    refine,
  )
  const optimizer = chooseOptimizer(network.finest, rows, options, formula)
  const defaults = fitDefaults(encoder.task, rows, optimizer)
  const steps = options.steps ?? defaults.steps
  const { gridUpdate, seeds } = options
  if (seeds !== undefined) checkMembers(seeds, network.first)
  return {
    network,
    settings: {
      hidden,
      grid,
      degree,
      optimizer,
      steps,
      learningRate: options.lr ?? defaults.learningRate,
      schedule: options.schedule ?? 'constant',
      loss: encoder.task === 'classification' ? 'cross-entropy' : (loss ?? 'mse'),
      batch: Math.min(options.batch ?? defaults.batch, rows),
      evaluateEvery: defaults.evaluateEvery,
      patience: defaults.patience,
      restarts:
        options.restarts ??
        (seeds === undefined ? undefined : 1) ??
        usualStarts(optimizer, countTrainable(createLayout(network.first.layers), network.first.trainable)),
      // One network is a plain fit.
      seeds: seeds === 1 ? undefined : seeds,
      lambda: options.lambda ?? 0,
      entropy: options.entropy ?? PENALTY_DEFAULTS.entropy,
      // As fit does: the network is on its first grid already.
      refine: refine[0] === grid ? refine.slice(1) : refine,
      gridUpdate: gridUpdate === true ? gridUpdateSteps(steps) : gridUpdate,
      seed,
    },
  }
}

function createNetwork(options: KANOptions, refine: readonly number[]): TrainingNetwork {
  const first = resolveConfig(options)
  const intervals = first.layers[0]!.intervals
  const most = Math.max(intervals, ...refine)
  return { options, first, finest: most === intervals ? first : withIntervals(first, most) }
}

/**
 * 'auto': for a function Levenberg-Marquardt where it suits and nothing speaks for Adam or a GPU. Tables stay with Adam, whose
 * settings were chosen by test errors (bench/studies/tables.ts): the most accurate fit is not the one that generalises best.
 */
function chooseOptimizer(
  { layers, trainable }: Config,
  rows: number,
  options: TrainingOptions,
  formula: boolean,
): OptimizerName {
  const { optimizer = 'auto', device } = options
  if (optimizer !== 'auto') return optimizer
  const layout = createLayout(layers)
  const free = device !== 'webgpu' && adamOptions.every(name => options[name] === undefined)
  return formula &&
    free &&
    suitsLevenberg({ layout, trainable, rows, engine: 'cpu', networks: options.seeds ?? 1 })
    ? 'lm'
    : 'adam'
}

/** The settings as fit takes them. */
export function fitOptions(
  prepared: PreparedTable,
  settings: FitSettings,
  engine: Engine,
): FitOptions & RunLength {
  const { restarts, refine } = settings
  return { ...sharedOptions(prepared, settings, engine), restarts, refine }
}

/** How long a run may take, and with what steps: what a progress display asks. */
export interface RunLength {
  readonly steps: number
  readonly optimizer: OptimizerName
  /** Rows that networks are chosen by, where there are any. */
  readonly validation?: FitOptions['validation'] | PopulationFitOptions['validation']
}

/** The settings as the fit of a population takes them. */
export function sharedOptions(
  { split, validation }: PreparedTable,
  settings: FitSettings,
  engine: Engine,
): PopulationFitOptions & RunLength & Pick<FitOptions, 'learningRate' | 'lambda' | 'validation'> {
  const { loss, optimizer, steps, learningRate, schedule, batch, evaluateEvery, patience, seed, lambda } =
    settings
  return {
    engine,
    loss,
    optimizer,
    steps,
    evaluateEvery,
    seed,
    // Only Adam takes these.
    ...(learningRate === undefined ? {} : { learningRate, schedule, batch }),
    ...(lambda > 0 ? { lambda, penalty: { entropy: settings.entropy } } : {}),
    ...(settings.gridUpdate === undefined ? {} : { gridUpdate: { every: settings.gridUpdate } }),
    // Without validation rows the training loss decides, which hardly ever stops improving: all steps are taken.
    ...(split.validation.length > 0 ? { validation, patience } : {}),
  }
}
