import type { Engine, Loss, SchedulePlan, TrainingState } from '../engine/engine.ts'

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
  /** Where to train (default: a CPU engine of its own, destroyed at the end). */
  readonly engine?: Engine
  /**
   * Default: what the model was fitted with before, else 'cross-entropy' where its table has classes, else 'mse'. For targets
   * with outliers 'huber' or 'mae': a row counts by its error there, not by its square.
   */
  readonly loss?: Loss
  /** Where the loss 'huber' turns from squared to absolute error, in standard deviations of the training targets (default 1). */
  readonly huberDelta?: number
  /**
   * 'adam' (default), on every engine; 'lm', Levenberg and Marquardt's second-order method in float64 on the CPU engine: far
   * more accurate for networks of up to about a thousand parameters.
   */
  readonly optimizer?: 'adam' | 'lm'
  /** Optimizer steps in all, those of a resumed run included (default 1000; 50 with 'lm'). */
  readonly steps?: number
  /** Learning rate (default 0.01). */
  readonly learningRate?: number
  /**
   * How Adam's learning rate falls over the run's `steps` (default 'constant'): 'cosine', half a cosine down to 0; 'exponential',
   * by equal factors down to a hundredth. `floor` says down to which share of the rate instead. A schedule is as long as the run it was
   * made for, so a checkpoint of a run with one is resumed with the same `steps`. Formulas: SchedulePlan.
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
  /** Evaluate after every so many steps (default 10; 1 with 'lm'). A run that ends before the first evaluates its last weights. */
  readonly evaluateEvery?: number
  /** Stop after this many evaluations in a row without a better one (default 0: never). */
  readonly patience?: number
  /** Seed of the shuffle and of the validation split: a whole number of at least 0 (default: the model's). */
  readonly seed?: number
  /** Weight of each class (cross-entropy): a list, or 'balanced' for rows / (classes present * rows of the class). */
  readonly classWeights?: ArrayLike<number> | 'balanced'
  /** Stops the run as Run.abort does: it fulfils with `stop: 'aborted'`. */
  readonly signal?: AbortSignal
  /** Go on from a checkpoint of a run with the same model shape, samples and options. */
  readonly resume?: Checkpoint
  /** Milliseconds between progress reports and read-backs (default 100; 0: each step). Results do not depend on it. */
  readonly progressEvery?: number
}

/** One progress report; `step` counts from 1. Losses are in the network's (scaled) units. */
export interface FitProgress {
  readonly step: number
  readonly steps: number
  /** Passes over the training rows, the current one included. */
  readonly epoch: number
  /** Loss of the last step's batch. */
  readonly loss: number
  /** Losses of all steps since the previous report that this reader took, oldest first. */
  readonly losses: Float64Array
  /** Last evaluation so far: validation loss, or the training loss where there is no validation part. */
  readonly evaluation: number | undefined
  readonly seconds: number
  readonly stepsPerSecond: number
}

/** How a run ended. The model holds the best weights by evaluation. */
export interface FitReport {
  /**
   * 'steps': all steps done; 'patience': no better evaluation for a while; 'stalled': the optimizer found no way down (a
   * minimum, as far as float64 can tell); 'aborted': by signal or `break`.
   */
  readonly stop: 'steps' | 'patience' | 'stalled' | 'aborted'
  /** Steps done since the beginning, before a resumption too. */
  readonly steps: number
  /** Every step's loss (of its batch, before its update), and the evaluations. */
  readonly losses: Float64Array
  readonly evaluations: readonly { readonly step: number; readonly loss: number }[]
  readonly best: { readonly step: number; readonly loss: number }
  readonly seconds: number
  /** For `fit(..., { resume })`, and to save with saveCheckpoint. */
  readonly checkpoint: Checkpoint
}

/** A run's whole state: plain data. */
export interface Checkpoint {
  readonly state: TrainingState
  readonly losses: Float64Array
  readonly evaluations: readonly { readonly step: number; readonly loss: number }[]
  /** Shapes, options and digests of the samples that must agree on resume: see train/fingerprint.ts. */
  readonly fingerprint: string
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
}
