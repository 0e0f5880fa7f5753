import { ConfigError } from '../errors.ts'
import { withIntervals } from '../model/config.ts'
import type { Config } from '../model/config.ts'
import { GRID_EPS } from '../model/gridupdate.ts'
import { checkOptionNames } from '../model/optionnames.ts'
import { checkNumber, checkWhole } from './numbers.ts'
import type { FitOptions, GridSchedule } from './options.ts'

/** When grids follow the samples within a stage. */
export interface GridUpdatePlan {
  readonly every: number
  /** No update comes after more steps than these. */
  readonly until: number
  readonly eps: number
}

const NAMES = Object.keys({ every: true, until: true, eps: true } satisfies Record<keyof GridSchedule, true>)

/** The schedule of grid updates for stages of so many steps, if there is one. Throws ConfigError. */
export function resolveGridUpdate(options: FitOptions, steps: number): GridUpdatePlan | undefined {
  const { gridUpdate } = options
  if (gridUpdate === undefined || gridUpdate === false) return undefined
  checkOptionNames('gridUpdate', gridUpdate, NAMES, 'fit(samples, { gridUpdate: { every: 10 } })')
  const { every, until = Math.floor(steps / 2), eps = GRID_EPS } = gridUpdate
  return {
    every: checkWhole('gridUpdate.every', every, 1, 'the steps between updates of the grids'),
    until: checkWhole('gridUpdate.until', until, 0, 'the last step after which the grids are updated'),
    eps: checkNumber(
      'gridUpdate.eps',
      eps,
      value => value >= 0 && value <= 1,
      'from 0 (quantiles of the samples) to 1 (evenly spaced)',
    ),
  }
}

/** The eps of the update before each refinement: that of gridUpdate where it says one; undefined with `gridUpdate: false`. */
export function climbingEps({ gridUpdate }: FitOptions): number | undefined {
  return gridUpdate === false ? undefined : (gridUpdate?.eps ?? GRID_EPS)
}

function sameGrid(a: Config, b: Config): boolean {
  return a.layers.every((layer, l) => layer.intervals === b.layers[l]!.intervals)
}

/**
 * The grids to climb after the model's own, as configurations. A first entry that is the model's own grid is skipped; in a resumed
 * run, all up to the last one that is: they were climbed before. Throws ConfigError for intervals out of range.
 */
export function resolveRefine(config: Config, { refine = [], resume }: FitOptions): Config[] {
  if (!Array.isArray(refine))
    throw new ConfigError(
      `refine is ${JSON.stringify(refine)}; give a list of grids to climb, such as [5, 10, 20].`,
    )
  const grids = (refine as NonNullable<FitOptions['refine']>).map((intervals, entry) =>
    withIntervals(config, intervals, `refine[${entry}]`),
  )
  const own = (grid: Config | undefined): boolean => grid !== undefined && sameGrid(grid, config)
  if (resume) return grids.slice(grids.findLastIndex(own) + 1)
  return own(grids[0]) ? grids.slice(1) : grids
}
