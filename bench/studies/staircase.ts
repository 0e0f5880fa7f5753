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
/** First starts that compete by training loss: about one in three ends in a bad basin. */
const STARTS = 6
const STEPS = 50

const f = toyFunction('exp-sin')
const train = sampleFunction(f, 1000, 0)
const test = sampleFunction(f, 1000, 1)

export interface StaircaseResult {
  /** Test RMSE at each grid. */
  readonly errors: number[]
  readonly seconds: number
  /** Training losses of the starts, scaled units. */
  readonly starts: number[]
}

async function climb(seed: number): Promise<StaircaseResult> {
  const began = performance.now()
  const engine = createCpuEngine()
  const starts: { kan: KAN; loss: number }[] = []
  for (let start = 0; start < STARTS; start++) {
    const kan = new KAN({ width: [2, 1, 1], grid: GRIDS[0]!, seed: seed * STARTS + start })
    const { best } = await kan.fit(train, { engine, optimizer: 'lm', steps: STEPS })
    starts.push({ kan, loss: best.loss })
  }
  let { kan } = starts.reduce((best, start) => (start.loss < best.loss ? start : best))
  const errors: number[] = []
  for (const [rung, intervals] of GRIDS.entries()) {
    if (rung > 0) {
      kan = kan.updateGrid(train.x).refine(intervals, { x: train.x })
      await kan.fit(train, { engine, optimizer: 'lm', steps: STEPS })
    }
    errors.push((await kan.evaluate(test, { engine })).rmse!)
  }
  await engine.destroy()
  return { errors, seconds: (performance.now() - began) / 1000, starts: starts.map(({ loss }) => loss) }
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
  const good = results.flatMap(result => result.starts.filter(loss => loss < 1e-3)).length
  return [
    ...[head, head.map(() => '---'), ...lines].map(cells => `| ${cells.join(' | ')} |`),
    '',
    `${good} of ${results.length * STARTS} single starts reach the good basin; a staircase takes ${median(results.map(result => result.seconds)).toFixed(1)} s (median).`,
  ].join('\n')
}
