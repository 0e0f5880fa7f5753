/**
 * How often one start is enough: f = exp(sin(pi x1) + x2^2) on [2, 1, 1], G 3, 1000 samples, one start a seed, trained to the
 * end. (The report of a fit with restarts cannot say it: most of its starts rest after a quarter of the steps.)
 */
import { KAN, createCpuEngine } from 'webkan'
import type { FitOptions } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

const SEEDS = 100
// Scaled units: a network in a bad basin stays above 0.1, one in the good basin comes below 1e-3.
const GOOD = 1e-2

const problem = toyFunction('exp-sin')
const train = sampleFunction(problem, 1000, 0)
const test = sampleFunction(problem, 1000, 1)

interface Group {
  readonly title: string
  readonly options: FitOptions
}

const groups: readonly Group[] = [
  { title: 'Levenberg-Marquardt, 50 steps', options: { optimizer: 'lm', steps: 50 } },
  { title: 'L-BFGS, the default steps', options: { optimizer: 'lbfgs' } },
]

export interface StartResult {
  /** Training loss at the end, scaled units; null where it was not finite. */
  readonly loss: number | null
  readonly rmse: number
  readonly steps: number
  readonly functionEvaluations: number
  readonly seconds: number
}

function keyOf({ title }: Group, seed: number): string {
  return `${title}, seed ${seed}`
}

async function start({ options }: Group, seed: number): Promise<StartResult> {
  await using engine = createCpuEngine()
  const kan = new KAN({ width: [2, 1, 1], grid: 3, seed })
  const report = await kan.fit(train, { engine, restarts: 1, ...options })
  const loss = report.starts[0]!
  return {
    loss: Number.isFinite(loss) ? loss : null,
    rmse: (await kan.evaluate(test)).rmse!,
    steps: report.steps,
    functionEvaluations: report.functionEvaluations,
    seconds: report.seconds,
  }
}

export const startRuns: readonly StudyRun<StartResult>[] = groups.flatMap(group =>
  Array.from({ length: SEEDS }, (_, seed) => ({ key: keyOf(group, seed), run: () => start(group, seed) })),
)

/** One line an optimizer: the share of good starts, and what the good and the other ones reach. */
export function summariseStarts(file: StudyFile<StartResult>): string {
  return markdownTable(
    ['', `loss below ${GOOD}`, 'median RMSE of these', 'of the others', 'most evaluations', 'seconds'],
    groups.map(group => {
      const results = Array.from({ length: SEEDS }, (_, seed) => file.results[keyOf(group, seed)]!)
      const isGood = ({ loss }: StartResult): boolean => loss !== null && loss < GOOD
      const good = results.filter(isGood)
      const middle = (some: readonly StartResult[]): string =>
        some.length > 0 ? median(some.map(({ rmse }) => rmse)).toExponential(1) : ''
      return [
        group.title,
        `${good.length} of ${SEEDS}`,
        middle(good),
        middle(results.filter(result => !isGood(result))),
        String(Math.max(...results.map(result => result.functionEvaluations))),
        median(results.map(result => result.seconds)).toFixed(2),
      ]
    }),
  )
}
