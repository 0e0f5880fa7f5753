/** What the views draw: plain data that nobody changes once it is made. */
import type { EngineDescription, OptimizerName } from 'webkan'
import type { ToyFunction } from 'webkan/data'

/** phi of one edge over the values that its input takes. */
export interface EdgeCurve {
  readonly layer: number
  readonly input: number
  readonly output: number
  /** Sampled from the smallest to the largest value seen; in the first layer in the function's units. */
  readonly x: Float64Array
  readonly y: Float64Array
  /** The grid's knots between those values. */
  readonly knots: readonly number[]
  /** Mean of |phi| over the training rows. */
  readonly norm: number
  /** How much of the output passes through it: 1 is the output's whole variation. */
  readonly score: number
  /** 0 (invisible) to 1. */
  readonly opacity: number
}

/** A picture of the target and of what the network says, on a grid or a line of points. */
export interface Picture {
  /** Points along each of the first one or two inputs; further inputs stand at 0. */
  readonly points: number
  readonly target: Float64Array
  readonly prediction: Float64Array
}

/**
 * Training so far, as root mean squared errors in the function's units; with a penalty, the roots of squared error and penalty.
 */
export interface History {
  /** Entry i is the training error before step i + 1. */
  readonly training: readonly number[]
  readonly validation: readonly { readonly step: number; readonly error: number }[]
  /** Steps after which the network was changed, and into what. */
  readonly changes: readonly { readonly step: number; readonly label: string }[]
  /** Whether any of these steps had a penalty. */
  readonly isPenalized: boolean
}

export const noHistory: History = { training: [], validation: [], changes: [], isPenalized: false }

/** The network at one step. */
export interface Snapshot {
  readonly function: ToyFunction
  /** Nodes of each layer, inputs first. */
  readonly width: readonly number[]
  /** Grid intervals. */
  readonly grid: number
  readonly parameters: number
  /** Of the experiment: see Experiment.version. */
  readonly version: number
  readonly edges: readonly EdgeCurve[]
  readonly picture: Picture
  /** Root mean squared error on rows that training never saw. */
  readonly testError: number
}

export type Phase = 'starting' | 'ready' | 'training' | 'changing' | 'failed'

/** What changes more often than the network's picture. */
export interface Progress {
  readonly phase: Phase
  readonly step: number
  /** The step at which the present training stops. */
  readonly goal: number
  /** The step at which a whole training ends, should it be paused before. */
  readonly planEnd: number
  /** The optimizer found no way down from here. */
  readonly isAtRest: boolean
  readonly optimizer: OptimizerName
  readonly functionEvaluations: number
  /** The grid that refining leads to, or why there is none. */
  readonly finer: number | string
  readonly stepsPerSecond: number | undefined
  readonly history: History
  readonly engine: EngineDescription | undefined
  /** Whether the engine runs in a worker. */
  readonly inWorker: boolean
  /** What went wrong, or could not be done, and what to do. */
  readonly failure: string | undefined
}

export interface State {
  readonly progress: Progress
  readonly snapshot: Snapshot | undefined
}
