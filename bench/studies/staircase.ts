/**
 * The staircase of the KAN paper (section 3.1): f = exp(sin(pi x1) + x2^2) on [2, 1, 1], grid after grid, each refined from the one
 * before and trained on with Levenberg-Marquardt in float64. 1000 training samples of one draw, 1000 test samples, 20 seeds.
 */
import { KAN, createCpuEngine } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed)
const GRIDS = [3, 5, 10, 20, 50, 100, 200]
/** What the reference implementation's better runs reach, rounded up: see the README of test/reference and peers. */
const WANTED = [2e-2, 8e-3, 6e-4, 6e-5, 2e-6, 2e-6]

const f = toyFunction('exp-sin')
const train = sampleFunction(f, 1000, 0)
const test = sampleFunction(f, 1000, 1)

export interface StaircaseResult {
  /** Test RMSE at each grid. */
  readonly errors: number[]
  readonly seconds: number
  /** Evaluations of the training loss at each grid, those of all starts included. */
  readonly functionEvaluations: number[]
  /** Training losses of the starts on the first grid, scaled units. */
  readonly starts: readonly number[]
}

/** fit with its defaults on each grid. What fit(train, { refine }) does at once, in pieces: the test error is wanted on each grid. */
async function climb(seed: number): Promise<StaircaseResult> {
  const began = performance.now()
  const engine = createCpuEngine()
  let kan = new KAN({ width: [2, 1, 1], grid: GRIDS[0]!, seed })
  let starts: readonly number[] = []
  const errors: number[] = []
  const functionEvaluations: number[] = []
  for (const [rung, intervals] of GRIDS.entries()) {
    if (rung > 0) kan = kan.updateGrid(train.x).refine(intervals, { x: train.x })
    const report = await kan.fit(train, { engine })
    if (rung === 0) ({ starts } = report)
    functionEvaluations.push(report.functionEvaluations)
    errors.push((await kan.evaluate(test, { engine })).rmse!)
  }
  await engine.destroy()
  return { errors, functionEvaluations, seconds: (performance.now() - began) / 1000, starts }
}

export const staircaseRuns: readonly StudyRun<StaircaseResult>[] = SEEDS.map(seed => ({
  key: `seed ${seed}`,
  run: () => climb(seed),
}))

/** One line a grid: median, worst and best test RMSE, and how many seeds reach what is asked for. */
export function summariseStaircase(file: StudyFile<StaircaseResult>): string {
  const results = SEEDS.map(seed => file.results[`seed ${seed}`]!)
  const lines = GRIDS.map((intervals, rung) => {
    const errors = results.map(result => result.errors[rung]!)
    const wanted = WANTED[rung]
    return [
      String(intervals),
      median(errors).toExponential(1),
      Math.max(...errors).toExponential(1),
      Math.min(...errors).toExponential(1),
      wanted?.toExponential(0) ?? '',
      wanted === undefined ? '' : `${errors.filter(error => error <= wanted).length} of ${errors.length}`,
    ]
  })
  const head = ['grid', 'median RMSE', 'worst', 'best', 'asked', 'met']
  const starts = results.flatMap(result => result.starts)
  const good = starts.filter(loss => loss < 1e-3).length
  return [
    ...[head, head.map(() => '---'), ...lines].map(cells => `| ${cells.join(' | ')} |`),
    '',
    `${good} of ${starts.length} single starts reach the good basin; a staircase takes ${median(results.map(result => result.seconds)).toFixed(1)} s (median).`,
  ].join('\n')
}
