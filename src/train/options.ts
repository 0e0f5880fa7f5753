import type {
  Engine,
  EngineDescription,
  KernelChoice,
  Loss,
  OptimizerPlan,
  PenaltyPlan,
  SchedulePlan,
  TrainingState,
} from '../engine/engine.ts'

/**
 * A list of rows: flat and row-major, or nested. A single column may be a flat list of numbers. Every value must be finite.
 */
export type RowValues = ArrayLike<number> | ArrayLike<ArrayLike<number>>

/** Rows with targets. For cross-entropy, y holds one class index (0, 1, ...) a row. */
export interface Samples {
  /** [rows][inputs], in the table's own units. */
  readonly x: RowValues
  /** [rows][outputs], in the table's own units, or [rows] class indices. */
  readonly y: RowValues
  /** [rows], not negative (default 1 each). */
  readonly weights?: ArrayLike<number>
}

/** Weights of the parts of the penalty that lambda multiplies, each at least 0: see PenaltyPlan for the formulas. */
export interface PenaltyOptions {
  /** How the size of an edge is measured (default 'paper'). */
  readonly metric?: PenaltyPlan['metric']
  /** Default 1 each, the KAN paper's mu1 and mu2. */
  readonly l1?: number
  readonly entropy?: number
  /** Default 0 each. */
  readonly coef?: number
  readonly coefdiff?: number
}

/** When grids follow the samples during training (KAN paper, section 2.4). */
export interface GridSchedule {
  /** Steps between updates. */
  readonly every: number
  /** No update comes after more steps than these (default: half of `steps`). */
  readonly until?: number
  /** Share of evenly spaced knots, 0 to 1; the rest follows the samples' quantiles (default 0.7). */
  readonly eps?: number
}

/** See FitOptions.schedule. */
export type ScheduleName = SchedulePlan['kind']

/** Adam's constants, and what may be added to it. */
export interface AdamOptions {
  /** Defaults 0.9, 0.999 and 1e-8, its authors'. */
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  /** Share of every weight that a step takes away, times the learning rate: AdamW (default 0; frozen weights stay). */
  readonly weightDecay?: number
  /** The longest gradient: one whose 2-norm is longer is shortened to it (default: none is). */
  readonly clip?: number
}

/** What fit may be told; the defaults stand in train/defaults.ts. */
export interface FitOptions {
  /** Where to train (default: a CPU engine of its own, destroyed at the end). Symbolic edges train on the CPU alone. */
  readonly engine?: Engine
  /**
   * Default: what the model was fitted with before, else 'cross-entropy' where its table has classes, else 'mse'. For targets
   * with outliers 'huber' or 'mae': a row counts by its error there, not by its square.
   */
  readonly loss?: Loss
  /** Where the loss 'huber' turns from squared to absolute error, in standard deviations of the training targets (default 1). */
  readonly huberDelta?: number
  /**
   * 'adam', on every engine; 'lbfgs', on every engine and all rows at a time; 'lm', Levenberg and Marquardt's second-order method in
   * float64 on the CPU engine: far more accurate for networks of up to about a thousand parameters. 'auto' (default) takes Adam where
   * learningRate, schedule, adam or batch is given, else 'lm' where it suits (small networks, and larger ones with symbolic
   * edges: see train/optimizer.ts), else Adam.
   */
  readonly optimizer?: 'auto' | OptimizerPlan['kind']
  /** Optimizer steps on each grid, those of a resumed run included (default 1000; 50 with 'lm', 280 with 'lbfgs'). */
  readonly steps?: number
  /** Learning rate (default 0.01). */
  readonly learningRate?: number
  /**
   * How Adam's learning rate falls over the run's `steps` (default 'constant'): 'cosine', half a cosine down to 0; 'exponential',
   * by equal factors down to a hundredth. `floor` says down to which share of the rate instead. A schedule is as long as the
   * run it was made for, so a checkpoint of a run with one is resumed with the same `steps`. Formulas: SchedulePlan.
   */
  readonly schedule?: ScheduleName | { readonly kind: ScheduleName; readonly floor?: number }
  readonly adam?: AdamOptions
  /** Rows a step: all by default; fewer makes shuffled mini-batches. */
  readonly batch?: number
  /**
   * Rows to choose the best weights by: samples, or a fraction of the rows to hold out from training, seeded, and with
   * nearly equal shares of each class (default 0: the training rows).
   */
  readonly validation?: Samples | number
  /**
   * Evaluate after every so many steps (default 10; 1 with 'lm' and 'lbfgs'). A run that ends before the first evaluates its
   * last weights.
   */
  readonly evaluateEvery?: number
  /** Stop after this many evaluations in a row without a better one (default 0: never). */
  readonly patience?: number
  /** Seed of the shuffle and of the validation split: a whole number of at least 0 (default: the model's). */
  readonly seed?: number
  /** Weight of each class (cross-entropy): a list, or 'balanced' for rows / (classes present * rows of the class). */
  readonly classWeights?: ArrayLike<number> | 'balanced'
  /**
   * What the penalty is multiplied by before it is added to the loss (default 0: there is none). Losses, evaluations and the choice
   * of the best weights then include it, on validation rows too; kan.evaluate does not.
   */
  readonly lambda?: number
  readonly penalty?: PenaltyOptions
  /**
   * Grids to climb after the model's own, `steps` on each: before each of them the grids follow the training rows (unless
   * `gridUpdate` is false), and are then refined to so many intervals (one number for all layers, or a list of one a layer). A
   * first entry that the model has already is skipped. The model ends on the grid with the lowest best evaluation.
   */
  readonly refine?: readonly (number | readonly number[])[]
  /**
   * Moves the knots to where the samples are during training, the curves refitted (default: none). The best weights are looked for
   * after the last such update, as older ones belong to other grids. A run with it is resumed with the same `until`. `false`
   * keeps the knots where they are, also before grids are refined.
   */
  readonly gridUpdate?: GridSchedule | false
  /**
   * Initialisations to train side by side on the first grid; the one with the smallest training loss goes on. With 'lm' and 'lbfgs'
   * only the best third of them takes all the steps: the others rest after a quarter. The first has the
   * model's own weights, the others fresh ones by its seed. Default: 6 with 'lm' and 'lbfgs' for a
   * model of up to 1000 parameters that was never fitted, else 1. A resumed run goes on with the start that was chosen. Symbolic
   * edges start where they were put, in every start, and the default is 1 for a model that has any.
   */
  readonly restarts?: number
  /** Stops the run as Run.abort does: it fulfils with `stop: 'aborted'`. */
  readonly signal?: AbortSignal
  /**
   * Go on from a checkpoint of a run with the same model shape, samples and options. Where that run climbed grids, with the
   * grid of the checkpoint (which the model must be on, as saveCheckpoint stores it), and then those that `refine` names after it.
   */
  readonly resume?: Checkpoint
  /**
   * Variants of kernels: those of a report, to get its bits again on the same device; or 'tune', to let a GPU's be timed on
   * this device first (default: by the shapes alone, the same every time; a resumed run's are its checkpoint's). What the device
   * or a grid cannot have is refused before training.
   */
  readonly kernels?: KernelChoice | 'tune'
  /** Milliseconds between progress reports and read-backs (default 100; 0: each step). Results do not depend on it. */
  readonly progressEvery?: number
}

/**
 * One progress report; `step` counts from 1, through all grids. Losses are in the network's (scaled) units; where several starts are
 * trained, each is the best one's.
 */
export interface FitProgress {
  readonly step: number
  /** Steps in all, as far as is known: fewer once a grid has taken fewer than it might. */
  readonly steps: number
  /** Which grid is trained, from 1, of how many, and its intervals in each layer. */
  readonly stage: number
  readonly stages: number
  readonly intervals: readonly number[]
  /** Passes over the training rows on this grid, the current one included. */
  readonly epoch: number
  /** Evaluations of the training loss so far, over all starts and grids. */
  readonly functionEvaluations: number
  /** Loss of the last step's batch. */
  readonly loss: number
  /** Losses of all steps since the previous report that this reader took, oldest first. */
  readonly losses: Float64Array
  /** Last evaluation so far: validation loss, or the training loss where there is no validation part. */
  readonly evaluation: number | undefined
  readonly seconds: number
  readonly stepsPerSecond: number
}

/** Why training on a grid ended. */
export type FitStop = 'steps' | 'patience' | 'stalled' | 'aborted'

/** An evaluation: after which step of the run, and its loss. */
export interface EvaluatedStep {
  readonly step: number
  readonly loss: number
}

/** Training on one grid. Steps are counted through the whole run. */
export interface FitStage {
  /** Grid intervals of each layer. */
  readonly intervals: readonly number[]
  /** Steps done on this grid. */
  readonly steps: number
  readonly best: EvaluatedStep
  /** Evaluations of the training loss, over all starts. */
  readonly functionEvaluations: number
  readonly stop: FitStop
}

/** How a run ended. The model holds the best weights by evaluation. */
export interface FitReport {
  /**
   * 'steps': all steps done; 'patience': no better evaluation for a while; 'stalled': the optimizer found no way down (a
   * minimum, as far as the engine's numbers can tell); 'aborted': by signal or `break`. Of the last grid, where there are several.
   */
  readonly stop: FitStop
  /** Which optimizer ran. */
  readonly optimizer: OptimizerPlan['kind']
  /** Steps done since the beginning, through all grids, before a resumption too (of its grid). */
  readonly steps: number
  /** Every step's loss (of its batch, before its update, penalty included), and the evaluations: of the start that was chosen. */
  readonly losses: Float64Array
  readonly evaluations: readonly EvaluatedStep[]
  /** The weights that the model holds. */
  readonly best: EvaluatedStep
  /** Training loss of each start at the end of the first grid, penalty included; NaN where it did not stay finite. */
  readonly starts: readonly number[]
  /** One entry a grid, in the order in which they were climbed. */
  readonly stages: readonly FitStage[]
  /** Evaluations of the training loss, over all starts and grids. */
  readonly functionEvaluations: number
  /** Times this run waited for results of its steps from the engine. */
  readonly readbacks: number
  readonly seconds: number
  /** Variants of kernels that ran, on the grid that the model holds: see FitOptions.kernels. */
  readonly kernels: KernelChoice
  /**
   * For `fit(..., { resume })`, and to save with saveCheckpoint: of the grid that the model holds, as if it had been a run of
   * its own.
   */
  readonly checkpoint: Checkpoint
}

/** A run's whole state: plain data. */
export interface Checkpoint {
  readonly state: TrainingState
  readonly losses: Float64Array
  readonly evaluations: readonly EvaluatedStep[]
  /** Evaluations of the training loss so far. */
  readonly functionEvaluations: number
  /** Shapes, options and digests of the samples that must agree on resume: see train/fingerprint.ts. */
  readonly fingerprint: string
  /** The engine and the variants of its kernels that ran: going on with others gives other bits. */
  readonly engine: EngineDescription['kind']
  readonly kernels: KernelChoice
}

/** Errors of a model on rows, in the table's own units. */
export interface Evaluation {
  readonly rows: number
  /** Mean loss, in the network's units. */
  readonly loss: number
  /** Regression: root of the mean squared error over all outputs; undefined for classification. */
  readonly rmse: number | undefined
  /** Regression: mean absolute error over all outputs; undefined for classification. */
  readonly mae: number | undefined
  /** Regression: 1 - residual / total sum of squares, averaged over outputs; NaN where a target is constant. */
  readonly r2: number | undefined
  /** Classification: share of rows whose largest output is their class. */
  readonly accuracy: number | undefined
  /** Outputs on a logarithmic scale, where there are any. */
  readonly log?: LogEvaluation
}

/** Errors of the natural logarithms of outputs: an error of e is a value that is off by the factor exp(e). */
export interface LogEvaluation {
  readonly rmse: number
  readonly mae: number
  readonly r2: number
}
