/** What the views draw: plain data that nobody changes once it is made. */
import type { EngineDescription, KAN, OptimizerName } from 'webkan'
import type { ToyFunction } from 'webkan/data'
import type { RowSets } from './samples.ts'

/** phi of one edge over the values that its input takes. */
export interface EdgeCurve {
  readonly layer: number
  readonly input: number
  readonly output: number
  /** Sampled from the smallest to the largest value seen, in the network's coordinates. */
  readonly u: Float64Array
  /** The same points; in the first layer in the function's units. */
  readonly x: Float64Array
  readonly y: Float64Array
  /** The grid's knots between those values; none of a known function. */
  readonly knots: readonly number[]
  /** The name of the known function that it is; undefined for a learned curve. */
  readonly known: string | undefined
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
  readonly rowSets: RowSets
  /** Nodes of each layer, inputs first. */
  readonly width: readonly number[]
  /** The number of factors of each product, which are the last nodes behind a layer: [layers][products]. */
  readonly products: readonly (readonly number[])[]
  /** Grid intervals. */
  readonly grid: number
  readonly parameters: number
  /** Of the experiment: see Experiment.version. */
  readonly version: number
  /** The network itself, calibrated. Nobody changes it. */
  readonly model: KAN
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
  /** Whether an edge is a known function, so that only Levenberg and Marquardt's method trains the network. */
  readonly hasKnown: boolean
  /** What undoing takes back, where there is something. */
  readonly undoes: string | undefined
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
