/**
 * exp(sin(pi x1) + x2^2) found again: one call of discover with its defaults a seed, from the network [2, 5, 1] alone and by the
 * whole search. 1000 samples; success is a relative error of the printed formula of at most 1e-9 on 1000 fresh points.
 */
import { discover } from 'webkan'
import type { Discovery, DiscoverOptions } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'
import { evaluateRows, parse } from 'webkan/formula'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

const SEEDS = 50
const EXACT = 1e-9
const WANTED = 45

const problem = toyFunction('exp-sin')

interface Group {
  readonly title: string
  readonly options: DiscoverOptions
}

const groups: readonly Group[] = [
  { title: 'from [2, 5, 1]', options: { width: [2, 5, 1] } },
  { title: 'the whole search', options: {} },
]

/** What is kept of a Discovery. */
export interface DiscoverResult {
  readonly formula: string
  readonly complexity: number
  /** The largest relative error of the printed formula on fresh points, and its RMSE and the spline network's there. */
  readonly worst: number
  readonly rmse: number
  readonly network: number
  readonly starts: number
  readonly stop: Discovery['stop']
  readonly seconds: number
}

function keyOf({ title }: Group, seed: number): string {
  return `${title}, seed ${seed}`
}

async function find({ options }: Group, seed: number): Promise<DiscoverResult> {
  const train = sampleFunction(problem, 1000, 2 * seed)
  const test = sampleFunction(problem, 1000, 2 * seed + 1)
  const found = await discover(train, { ...options, test, seed })
  const values = evaluateRows(parse(found.text), ['x1', 'x2'], test.x, 1000)
  const worst = values.reduce((most, value, r) => Math.max(most, Math.abs(value / test.y[r]! - 1)), 0)
  const { text: formula, complexity, starts, stop, seconds } = found
  const network = found.network.test!.rmse
  return { formula, complexity, worst, rmse: found.test!.rmse, network, starts, stop, seconds }
}

export const discoverRuns: readonly StudyRun<DiscoverResult>[] = groups.flatMap(group =>
  Array.from({ length: SEEDS }, (_, seed) => ({ key: keyOf(group, seed), run: () => find(group, seed) })),
)

const NOTE = `${WANTED} of ${SEEDS} are asked for, with at most 16 starts and 120 seconds a call. Errors are of the printed formula,
the largest relative one of 1000 fresh points.`

/** One line a group: how many are exact, and after how many networks. */
export function summariseDiscover(file: StudyFile<DiscoverResult>): string {
  const table = markdownTable(
    [
      '',
      `relative error at most ${EXACT}`,
      'with the first network',
      'most networks',
      'largest error of these',
      'median seconds',
      'most',
      'not finite',
    ],
    groups.map(group => {
      const results = Array.from({ length: SEEDS }, (_, seed) => file.results[keyOf(group, seed)]!)
      // JSON keeps an infinite error as null, and null <= 1e-9 holds.
      const exact = results.filter(({ worst }) => Number.isFinite(worst) && worst <= EXACT)
      const seconds = results.map(result => result.seconds)
      return [
        group.title,
        `${exact.length} of ${SEEDS}`,
        `${exact.filter(({ starts }) => starts === 1).length} of ${SEEDS}`,
        String(Math.max(...results.map(({ starts }) => starts))),
        Math.max(...exact.map(({ worst }) => worst)).toExponential(1),
        median(seconds).toFixed(1),
        Math.max(...seconds).toFixed(1),
        String(results.filter(({ worst }) => !Number.isFinite(worst)).length),
      ]
    }),
  )
  const counts = new Map<string, number>()
  for (const { formula } of Object.values(file.results)) counts.set(formula, (counts.get(formula) ?? 0) + 1)
  const formulas = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([formula, count]) => `${count} times \`${formula}\``)
  return `${table}\n\n${NOTE}\n\nPrinted: ${formulas.join(', ')}.`
}
