/** Training grid after grid, as fit(samples, { refine }) does it at once; in pieces, for the test error on each grid. */
import { KAN } from 'webkan'
import type { Engine, FitOptions } from 'webkan'
import { sampleFunction } from 'webkan/data'
import type { ToyFunction } from 'webkan/data'
import { median } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

/** What is learned, by what network, on which grids. */
export interface Ladder {
  readonly problem: ToyFunction
  readonly width: readonly number[]
  readonly grids: readonly number[]
  /** Training samples, and which draw of them. */
  readonly samples: number
  readonly draw: number
  readonly options?: FitOptions
}

export interface ClimbResult {
  /** Test RMSE at each grid. */
  readonly errors: readonly number[]
  /** Evaluations of the training loss at each grid, those of all starts included. */
  readonly functionEvaluations: readonly number[]
  /** Training losses of the starts on the first grid, scaled units; most rest after a quarter of the steps. */
  readonly starts: readonly number[]
  readonly seconds: number
}

/** 1000 test samples; draw n has the seeds 2 n for training and 2 n + 1 for the test. */
export async function climb(ladder: Ladder, seed: number, engine: Engine): Promise<ClimbResult> {
  const { problem, width, grids, samples, draw, options } = ladder
  const train = sampleFunction(problem, samples, 2 * draw)
  const test = sampleFunction(problem, 1000, 2 * draw + 1)
  const began = performance.now()
  let kan = new KAN({ width, grid: grids[0]!, seed })
  let starts: readonly number[] = []
  const errors: number[] = []
  const functionEvaluations: number[] = []
  for (const [rung, intervals] of grids.entries()) {
    if (rung > 0) kan = kan.updateGrid(train.x).refine(intervals, { x: train.x })
    const report = await kan.fit(train, { engine, ...options, ...(rung > 0 ? { restarts: 1 } : {}) })
    if (rung === 0) ({ starts } = report)
    functionEvaluations.push(report.functionEvaluations)
    errors.push((await kan.evaluate(test)).rmse!)
  }
  return { errors, functionEvaluations, starts, seconds: (performance.now() - began) / 1000 }
}

/** What is asked of a ladder. */
export interface Asked {
  /** Largest test RMSE at each grid. */
  readonly errors: readonly number[]
  /** Most evaluations on a grid, those of all starts included. */
  readonly functionEvaluations?: number
}

/** What others reached, at the same grids as far as it goes. */
export interface PeerErrors {
  readonly title: string
  /** Test RMSE at each grid; undefined where there is none. */
  readonly errors: readonly (number | undefined)[]
}

const HEAD = ['grid', 'median RMSE', 'worst', 'best', 'most evaluations']

/**
 * One line a grid: median, worst and best test RMSE, the most evaluations, and the peers' RMSE. Where something is asked, also
 * how many runs meet the error and the number of evaluations on that grid.
 */
export function ladderTable(
  grids: readonly number[],
  results: readonly ClimbResult[],
  { asked, peers = [] }: { readonly asked?: Asked; readonly peers?: readonly PeerErrors[] },
): string {
  const met = (rung: number): string[] => {
    if (!asked) return []
    const limit = asked.errors[rung]
    if (limit === undefined) return ['', '']
    const good = results.filter(
      ({ errors, functionEvaluations }) =>
        errors[rung]! <= limit && functionEvaluations[rung]! <= (asked.functionEvaluations ?? Infinity),
    )
    return [limit.toExponential(1), `${good.length} of ${results.length}`]
  }
  return markdownTable(
    [...HEAD, ...(asked ? ['asked', 'met'] : []), ...peers.map(({ title }) => title)],
    grids.map((intervals, rung) => {
      const errors = results.map(result => result.errors[rung]!)
      return [
        String(intervals),
        median(errors).toExponential(1),
        Math.max(...errors).toExponential(1),
        Math.min(...errors).toExponential(1),
        String(Math.max(...results.map(result => result.functionEvaluations[rung]!))),
        ...met(rung),
        ...peers.map(peer => peer.errors[rung]?.toExponential(1) ?? ''),
      ]
    }),
  )
}
