import type { KernelChoice, OptimizerPlan } from '../../engine/engine.ts'
import type { EvaluatedStep, FitOptions, FitStop, Samples } from '../options.ts'
import type { Spread } from './spread.ts'

/** What a population's fit may be told: as FitOptions, and for some options a number a member. */
export interface PopulationFitOptions extends Omit<
  FitOptions,
  'learningRate' | 'lambda' | 'validation' | 'refine' | 'restarts' | 'resume'
> {
  /** Learning rate of all members, or of each (default 0.01). */
  readonly learningRate?: number | ArrayLike<number>
  /** What the penalty is multiplied by, for all members, or for each (default 0). */
  readonly lambda?: number | ArrayLike<number>
  /**
   * Rows to choose weights and members by: samples for all members, samples for each, or a fraction of the rows to hold out, the
   * same ones for all (default 0: the training rows).
   */
  readonly validation?: Samples | readonly Samples[] | number
  /** Seed of the shuffle and of the validation split, of all members (default: the first member's). */
  readonly seed?: number
}

/** One progress report. Members are trained in waves where they do not all fit the engine's memory. */
export interface PopulationProgress {
  /** Steps done, from 1, and steps in all, through all waves: fewer once a wave has taken fewer than it might. */
  readonly step: number
  readonly steps: number
  /** Which wave is trained, from 1, and how many there are as far as is known. */
  readonly wave: number
  readonly waves: number
  /** [M]: loss of each member's last step, and its last evaluation; NaN where there is none yet, or the member has failed. */
  readonly losses: Float64Array
  readonly evaluations: Float64Array
  /** Of these losses, and of these evaluations once there are any. */
  readonly loss: Spread
  readonly evaluation: Spread | undefined
  /** Of each member's best evaluation so far, once there are any: what the report's `spread` will be of. */
  readonly best: Spread | undefined
  /** Members that have failed so far. */
  readonly failed: number
  /** Evaluations of the training loss so far, over all members. */
  readonly functionEvaluations: number
  readonly seconds: number
  /** Steps of the whole wave a second, in this wave. */
  readonly stepsPerSecond: number
}

/** How a member's training ended: as a run of fit does, or 'failed' where its loss did not stay finite. */
export type MemberStop = FitStop | 'failed'

/** How one member fared. */
export interface MemberReport {
  readonly seed: number
  /** 0 with an optimizer that takes none. */
  readonly learningRate: number
  readonly lambda: number
  readonly stop: MemberStop
  /** Step and evaluation of the weights that the member holds; the loss is NaN where it was not trained, or has failed. */
  readonly best: EvaluatedStep
  /** Steps that the member took, up to its own stop; others of its wave may have gone on. */
  readonly steps: number
  /** Loss of each of these steps, before the step's update, penalty included. */
  readonly losses: Float64Array
  /** Up to its own stop, too. */
  readonly evaluations: readonly EvaluatedStep[]
  /** Evaluations of the training loss. */
  readonly functionEvaluations: number
}

/** How a population's fit ended. */
export interface PopulationReport {
  /** 'aborted': by signal or `break`; members of waves that had not begun are as they were. */
  readonly stop: 'done' | 'aborted'
  readonly optimizer: OptimizerPlan['kind']
  /** In the order of the population. */
  readonly members: readonly MemberReport[]
  /** Numbers of the members that can be chosen, the smallest evaluation first. */
  readonly order: readonly number[]
  /** Best evaluations of the members in `order`. */
  readonly spread: Spread
  /** How many members have failed. */
  readonly failed: number
  /** Members in each wave: one entry where all were trained side by side. */
  readonly waves: readonly number[]
  /** Steps that were run, the sum over the waves, each as long as its last member: all members of a wave take a step at once. */
  readonly steps: number
  /** Evaluations of the training loss, over all members. */
  readonly functionEvaluations: number
  /** Times this run waited for results of its steps from the engine. */
  readonly readbacks: number
  /** Kernel variants that ran, in the first wave: see FitOptions.kernels. */
  readonly kernels: KernelChoice
  readonly seconds: number
}
