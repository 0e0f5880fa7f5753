import type { Engine, KernelChoice, Plan, Session, TrainingState } from '../engine/engine.ts'
import type { Config } from '../model/config.ts'
import type { Network } from '../model/model.ts'
import type { LayerStatistics } from '../model/statistics.ts'
import type { FitSettings } from './defaults.ts'
import { NumberList } from './history.ts'
import type { Checkpoint, EvaluatedStep, FitStop } from './options.ts'
import type { RunControl } from './run.ts'
import type { Task } from './task.ts'

/** A run under way, whatever it trains. */
export interface Trainer {
  /** The rows in the network's coordinates. */
  readonly task: Pick<Task, 'training' | 'validation'>
  readonly settings: FitSettings
  readonly engine: Engine
  readonly control: Pick<RunControl, 'aborted'>
  /** When it began, as performance.now() has it. */
  readonly started: number
}

/** A run of fit under way: what its stages share. */
export interface Training extends Trainer {
  readonly task: Task
  readonly control: RunControl
  /** How many grids there are to train on. */
  readonly stages: number
  readonly finished: StageOutcome[]
  /** Good weights of a stage that failed, in steps of the stage. */
  lastGood: Kept | undefined
}

/** A network with the step and the evaluation loss of its weights. */
export interface Kept {
  readonly network: Network
  readonly step: number
  readonly loss: number
}

/** Training on one grid: one session, for one model or several side by side. Arrays [M] have an entry a model. */
export interface Course {
  readonly training: Trainer
  readonly session: Session
  readonly plan: Plan
  /** Of all models but for their seeds. */
  readonly config: Config
  /** [M][edges], and [M][knots] as the session has them. */
  readonly masks: Float64Array
  readonly knots: Float64Array
  /** Of every model. */
  readonly losses: readonly NumberList[]
  readonly evaluations: { readonly step: number; readonly losses: Float64Array }[]
  /** [M]: whether a loss was not finite. */
  readonly failed: boolean[]
  /** Steps done on this grid. */
  step: number
  bestStep: Float64Array
  stopped: Float64Array
  /** [M]: in this session, and before it where the stage was resumed. */
  functionEvaluations: Float64Array
  readbacks: number
  /** The best weights before the last grid update, and the knots they belong to. */
  older: { readonly best: TrainingState['best']; readonly knots: Float64Array } | undefined
}

/** A course of fit: the starts of one network, of which one is chosen. */
export interface Stage extends Course {
  readonly training: Training
  /** As the stage began: configuration and mask stay, knots of the first start until grids move. */
  readonly network: Network
  readonly fingerprint: string
}

/** What is known at the beginning of a course. */
export type CourseStart = Pick<Course, 'training' | 'session' | 'plan' | 'config' | 'masks' | 'knots'>

/** A course before its first step. */
export function beginCourse(start: CourseStart): Course {
  const { models } = start.plan
  return {
    ...start,
    losses: Array.from({ length: models }, () => new NumberList()),
    evaluations: [],
    failed: Array.from({ length: models }, () => false),
    step: 0,
    bestStep: new Float64Array(models),
    stopped: new Float64Array(models),
    functionEvaluations: new Float64Array(models),
    readbacks: 0,
    older: undefined,
  }
}

/** Steps of all stages before the one under way. */
export function stepsBefore({ finished }: Training): number {
  return finished.reduce((sum, { steps }) => sum + steps, 0)
}

/** [M]: whether a model takes part in no further step. */
export function atRest({ stopped, failed }: Course): boolean[] {
  return failed.map((out, m) => out || stopped[m] !== 0)
}

/** What a stage leaves: the start that was chosen, and how it went. Steps are counted from the stage's beginning. */
export interface StageOutcome {
  /** With the weights that are kept, and the knots they belong to. */
  readonly network: Network
  /** On the training rows. */
  readonly statistics: readonly LayerStatistics[]
  readonly stop: FitStop
  readonly steps: number
  readonly losses: Float64Array
  readonly evaluations: readonly EvaluatedStep[]
  readonly best: EvaluatedStep
  /** Training loss of every start, NaN where it did not stay finite. */
  readonly starts: readonly number[]
  /** Over all starts. */
  readonly functionEvaluations: number
  readonly readbacks: number
  readonly kernels: KernelChoice
  readonly checkpoint: Checkpoint
}
