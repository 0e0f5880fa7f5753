import { ConfigError } from '../errors.ts'
import type { FitReport } from '../train/options.ts'
import type { MemberReport, PopulationReport } from '../train/population/options.ts'
import type { TrainingOptions } from './settings.ts'

/** What the summary and --json say of a run; fit reports it of one network. */
export type TrainingReport = Pick<
  FitReport,
  'stop' | 'steps' | 'best' | 'starts' | 'stages' | 'functionEvaluations' | 'kernels' | 'seconds'
>

/** Throws ConfigError for --seeds beside options of a single network. */
export function checkSeeds({ seeds, restarts, refine }: TrainingOptions): void {
  if (seeds === undefined || seeds === 1) return
  if (restarts !== undefined)
    throw new ConfigError(
      `--seeds ${seeds} trains that many networks to their ends and keeps the best; --restarts ${restarts} lets one of them go on ` +
        `by its training loss. Leave one of them out.`,
    )
  if (refine !== undefined)
    throw new ConfigError(
      `--refine climbs grids with one network, and --seeds ${seeds} trains that many. Leave one of them out, or choose ` +
        `--restarts, the best of which climbs.`,
    )
}

/** The kept member's run, as the run of a single network would be reported. */
export function reportOfKept(population: PopulationReport, intervals: readonly number[]): TrainingReport {
  const { members, order, steps, seconds, functionEvaluations, kernels } = population
  const kept = members[order[0]!]!
  const stop = population.stop === 'aborted' ? 'aborted' : kept.stop === 'failed' ? 'steps' : kept.stop
  return {
    stop,
    steps,
    best: kept.best,
    starts: [],
    stages: [{ intervals, steps, best: kept.best, functionEvaluations, stop }],
    functionEvaluations,
    kernels,
    seconds,
  }
}

/**
 * What --json says of a population: `loss` is of the best weights, on validation rows if there are any, `trainingLoss` of the
 * last step.
 */
export function seedsJson(
  { members, order, spread, failed, waves }: PopulationReport,
  validated: boolean,
): object {
  const finite = (loss = NaN): number | null => (Number.isFinite(loss) ? loss : null)
  const reason = (stop: MemberReport['stop']): string => (stop === 'aborted' ? 'interrupted' : stop)
  return {
    kept: members[order[0]!]!.seed,
    network: order[0]! + 1,
    lossOf: validated ? 'validation' : 'training',
    loss: spread,
    failed,
    waves,
    members: members.map(({ seed, best, stop, steps, losses }) => ({
      seed,
      loss: finite(best.loss),
      trainingLoss: finite(losses.at(-1)),
      steps,
      bestStep: best.step,
      stop: reason(stop),
    })),
  }
}
