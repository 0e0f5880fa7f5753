import type { Table, TableEncoder } from '../data/index.ts'
import type { Engine, Loss, OptimizerName } from '../engine/engine.ts'
import type { KAN } from '../kan.ts'
import type { Evaluation, ScheduleName } from '../train/options.ts'
import type { PopulationReport } from '../train/population/options.ts'
import type { FitDefaults } from './defaults.ts'
import type { TrainingReport } from './seeds.ts'

/** What a run uses: what was typed, else the defaults. */
export interface FitSettings extends FitDefaults {
  readonly optimizer: OptimizerName
  /** 0: no penalty. */
  readonly lambda: number
  /** mu2, the weight of the entropy; mu1 is 1. */
  readonly entropy: number
  /** Grids to climb after the first. */
  readonly refine: readonly number[]
  /** Steps between grid updates, if there are any. */
  readonly gridUpdate: number | undefined
  readonly loss: Loss
  readonly schedule: ScheduleName
  /** Initialisations that compete on the first grid. */
  readonly restarts: number
  /** Networks trained side by side, of which the best is kept; undefined: one network. */
  readonly seeds: number | undefined
  readonly seed: number
}

/** What is known once training has ended. */
export interface FitResult {
  readonly settings: FitSettings
  readonly table: Table
  /** The formula, where a function was sampled. */
  readonly formula: string | undefined
  readonly kan: KAN
  readonly encoder: TableEncoder
  readonly engine: Pick<Engine, 'description'>
  readonly report: TrainingReport
  /** With --seeds: how all of them fared. */
  readonly population: PopulationReport | undefined
  /** Whether there were validation rows to choose the best weights by. */
  readonly validated: boolean
  readonly train: Evaluation
  /** Absent with --test 0. */
  readonly test: Evaluation | undefined
  readonly out: string | undefined
}
