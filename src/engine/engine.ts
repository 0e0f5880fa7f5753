/// <reference lib="esnext.disposable" preserve="true" />
import type { Loss } from '../model/model.ts'
import type { LayerShape, Trainable } from '../model/shape.ts'
import type { LayerStatistics } from '../model/statistics.ts'

/** The formulas: engine/cpu/loss.ts and shaders/loss.wgsl. */
export type { Loss } from '../model/model.ts'

/**
 * How Adam's learning rate changes: the factor of step t, counted from 0, of `steps` steps (from then on `floor`).
 *
 *     constant      1
 *     cosine        floor + (1 - floor) (1 + cos(pi t / steps)) / 2      (Loshchilov and Hutter, arXiv 1608.03983, eq. 5)
 *     exponential   floor^(t / steps)
 */
export type SchedulePlan =
  | { readonly kind: 'constant' }
  | { readonly kind: 'cosine' | 'exponential'; readonly steps: number; readonly floor: number }

/** Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) and what may be added to it. */
export interface AdamPlan {
  readonly kind: 'adam'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Default: constant. */
  readonly schedule?: SchedulePlan | undefined
  /** Decoupled weight decay, relative to the learning rate (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2); default 0. */
  readonly weightDecay?: number | undefined
  /** A gradient longer than this (2-norm over a model's trainable parameters) is shortened to it; default: none is. */
  readonly clip?: number | undefined
}

/** Levenberg and Marquardt's method on the Gauss-Newton curvature: full batch, CPU engine only (engine/cpu/lm). */
export interface LevenbergPlan {
  readonly kind: 'lm'
}

/**
 * Limited-memory BFGS with a strong-Wolfe line search (Nocedal and Wright, "Numerical optimization", 2nd ed., algorithms 7.5
 * and 3.5): full batch, every engine. A step is an iteration: one or more evaluations of loss and gradient along a direction.
 */
export interface LbfgsPlan {
  readonly kind: 'lbfgs'
}

export type OptimizerPlan = AdamPlan | LevenbergPlan | LbfgsPlan

/** How the weights are found: train/options.ts says what each is good for. */
export type OptimizerName = OptimizerPlan['kind']

/**
 * What is added to the loss, times each model's lambda:
 *
 *     sum over layers of ( l1 * N + entropy * S ) + coef * C + coefdiff * D
 *
 * N is the sum of the layer's edge norms and S the entropy of their shares; the metric says what a norm and a share are:
 *
 * - 'paper' (KAN paper, arXiv 2404.19756, eq. 2.17-2.19): norm = mean over the rows of |phi|, S = - sum p ln p with
 *   p = norm / N over all edges of the layer (0 ln 0 = 0);
 * - 'edge_forward_spline_n' (pykan): norm = std(phi) / (std(x) + 0.1), both with N - 1; S = the mean over output nodes of
 *   - sum p log2(p + 1e-4), p = norm / (1 + the node's incoming norms), and the same over input nodes and outgoing norms.
 *
 * Rows count by their weights w: means are sum w v / W, W = sum w, and N - 1 is W - sum w^2 / W. phi includes the mask but no
 * node scale. Sizes that are 0 have derivative 0.
 *
 * C = sum over the layer's inputs and bases of the mean over its outputs of |coef|; D the same of the differences of
 * neighbouring coefficients (pykan's coef and coefdiff).
 */
export interface PenaltyPlan {
  readonly metric: 'paper' | 'edge_forward_spline_n'
  readonly l1: number
  readonly entropy: number
  readonly coef: number
  readonly coefdiff: number
}

/** Where Huber's loss turns from squared to absolute error unless the plan says otherwise (as in torch's HuberLoss). */
export const HUBER_DELTA = 1

/**
 * Why a model takes part in no further step: `patience` ran out, its optimizer found no way down, or others beside it went
 * further (a state says so, no engine). 0: it goes on.
 */
export const STOPPED = { patience: 1, stalled: 2, outrun: 3 } as const

/**
 * Which variant of each kernel a session runs, by the kernel's name: plain data, to record beside a result and to pin, since bits
 * are the same only for the same choice.
 */
export type KernelChoice = Readonly<Record<string, string>>

/** Everything a session must know before it allocates: shapes, sizes, loss, optimizer. Plain data. */
export interface Plan {
  readonly layers: readonly LayerShape[]
  readonly trainable: Trainable
  /** M, models of one shape trained side by side. */
  readonly models: number
  /** Rows of the training set (0: the session only predicts). */
  readonly rows: number
  /** Whether every model has training and validation rows of its own, [M][rows][...] in Rows; default: all models share them. */
  readonly ownRows?: boolean | undefined
  /**
   * Rows a step sees. Equal to rows: full batch, in the order given. Less: shuffled mini-batches, every row once an epoch. In a
   * session that only predicts: rows at a time, or 0 for the engine's choice.
   */
  readonly batch: number
  /** Rows of the validation set. 0: evaluations look at the training rows instead. */
  readonly validationRows: number
  readonly loss: Loss
  /** Where 'huber' turns from squared to absolute error, in the units of y; default HUBER_DELTA. */
  readonly huberDelta?: number | undefined
  /** Default: none. */
  readonly penalty?: PenaltyPlan | undefined
  readonly optimizer: OptimizerPlan
  /** Seed of the shuffle. */
  readonly seed: number
  /** Evaluations happen after every step whose number is a multiple of this. */
  readonly evaluateEvery: number
  /** A model stops improving after this many evaluations in a row without a better one (0: never). */
  readonly patience: number
  /**
   * Kernel variants to run, by the kernel's name or for one layer by `name.layer`. Those that are not named follow from the shapes, the
   * same every time; one that the device or the plan cannot have is refused. 'tune': the engine times variants on this device
   * first, once a shape; Session.kernels says what it found.
   */
  readonly kernels?: KernelChoice | 'tune' | undefined
}

/** Rows with their targets and weights; shared by all models of a session, or, with ownRows, [M][rows][...]. */
export interface Rows {
  /** [rows][inputs], in the network's coordinates. */
  readonly x: Float64Array
  /** [rows][outputs]; for cross-entropy [rows], the class of each row. */
  readonly y: Float64Array
  /** [rows], not negative. */
  readonly weights: Float64Array
}

/** The best weights by evaluation loss, kept inside the session, and how the evaluations went. Per model. */
export interface BestState {
  /** [M][parameters]. */
  readonly parameters: Float64Array
  /** [M]: loss of the best evaluation (Infinity before the first), its step, evaluations since it, and why it STOPPED. */
  readonly loss: Float64Array
  readonly step: Float64Array
  readonly stale: Float64Array
  readonly stopped: Float64Array
}

/** All that a resumed run needs to go on as if it had never stopped. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number
  readonly kind: OptimizerName
  /** [M][parameters]. */
  readonly parameters: Float64Array
  /** The optimizer's memory, by name: see memory.ts. */
  readonly optimizer: Readonly<Record<string, Float64Array>>
  readonly best: BestState
}

/**
 * What may be uploaded; each part stays until it is uploaded again. After any upload without a state L-BFGS starts anew: its
 * history, gradient and loss belong to what was there before. Adam's moments and the damping of 'lm' stay.
 */
export interface Upload {
  /** [M][parameters], [M][knots], [M][edges]: see model/shape.ts. */
  readonly parameters?: Float64Array
  readonly knots?: Float64Array
  readonly mask?: Float64Array
  readonly training?: Rows
  readonly validation?: Rows
  /** [M]: learning rate of each model, and what its penalty is multiplied by (0 until it is uploaded). */
  readonly learningRate?: Float64Array
  readonly lambda?: Float64Array
  readonly state?: TrainingState
}

/** What `run` brings home: one read-back's worth. */
export interface Progress {
  /** Number of the last step done. */
  readonly step: number
  /** [steps][M]: loss of the batch, penalty included, before each step's update. */
  readonly losses: Float64Array
  /** Evaluations in this run: their step numbers, and losses [evaluations][M]. */
  readonly evaluationSteps: Float64Array
  readonly evaluationLosses: Float64Array
  /** [M]: best evaluation so far, its step, and why the model STOPPED. */
  readonly bestLoss: Float64Array
  readonly bestStep: Float64Array
  readonly stopped: Float64Array
  /**
   * [M]: evaluations of the training loss since the session's beginning; a step of L-BFGS or
   * Levenberg-Marquardt takes several.
   */
  readonly functionEvaluations: Float64Array
  /** Times the engine waited for results of this session's steps, from the beginning. */
  readonly readbacks: number
}

/** Loss and gradients at the current parameters, over the first batch of the training rows. */
export interface Gradients {
  /** [M]. */
  readonly loss: Float64Array
  /** [M][parameters]; groups that are not trainable have zeros. */
  readonly parameters: Float64Array
  /** [M][batch][inputs]: derivative of the loss by the inputs. */
  readonly inputs: Float64Array
}

/** A plan in execution. Calls are made one after another: await each before the next. */
export interface Session {
  readonly plan: Plan
  /** The variant of every kernel that has several: given back as Plan.kernels it pins them. */
  readonly kernels: KernelChoice
  upload(contents: Upload): Promise<void>
  /**
   * Takes `steps` optimizer steps, in as many submissions as keep the device responsive, with one read-back at the end. Where
   * `isOver` says so in between, engines that can leave off; a step that was under way has then not been taken.
   */
  run(steps: number, isOver?: () => boolean): Promise<Progress>
  /** Loss and gradients without an update. */
  gradients(): Promise<Gradients>
  /** Outputs [M][rows][outputs] for any number of rows [rows][inputs], with the current parameters. */
  predict(x: Float64Array): Promise<Float64Array>
  /** What every layer does on the rows [rows][inputs]: [M][layers], with the current parameters. */
  statistics(x: Float64Array): Promise<LayerStatistics[][]>
  read(): Promise<TrainingState>
  /** Frees every byte; later calls throw. */
  close(): Promise<void>
}

/** What an engine runs on, and why it was chosen. */
export interface EngineDescription {
  readonly kind: 'webgpu' | 'cpu'
  /** Such as 'NVIDIA H100' or 'CPU, float64, up to 8 threads'. */
  readonly device: string
  /** A GPU that is emulated by the CPU. */
  readonly software: boolean
  /** One sentence: why this engine. */
  readonly reason: string
}

export interface MemoryUse {
  /** Bytes held now, and the most held at any time. */
  readonly bytes: number
  readonly peak: number
  readonly buffers: number
}

/** Where networks are evaluated and trained. Only engines own device memory. */
export interface Engine extends AsyncDisposable {
  readonly description: EngineDescription
  /** Allocates everything the plan needs. Throws ConfigError, OutOfMemoryError (with nothing left allocated), DeviceLostError. */
  open(plan: Plan): Promise<Session>
  /** Buffers of all open sessions, counted exactly. */
  memory(): Promise<MemoryUse>
  /** Closes every session and frees every byte. Safe to call twice. */
  destroy(): Promise<void>
}
