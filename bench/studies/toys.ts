/** The other toy functions of the KAN paper (section 3.1), grid after grid with fit's defaults, 3000 samples. */
import { createCpuEngine } from 'webkan'
import { toyFunction } from 'webkan/data'
import type { ToyFunction } from 'webkan/data'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { climb, ladderTable } from './climb.ts'
import type { ClimbResult, Ladder, PeerErrors } from './climb.ts'

/** exp of the mean of sin^2(pi x_i / 2) over 100 inputs. */
const hundred: ToyFunction = {
  name: 'hundred-inputs',
  label: 'exp(mean of sin^2(pi x_i / 2))',
  inputs: 100,
  range: [-1, 1],
  evaluate: x => {
    let sum = 0
    for (let i = 0; i < 100; i++) sum += Math.sin((Math.PI * x[i]!) / 2) ** 2
    return Math.exp(sum / 100)
  },
}

interface Group extends Ladder {
  readonly seeds: number
  /** What is asked of the finest grid: the most that the median and the best test RMSE may be. */
  readonly wanted?: { readonly median: number; readonly best: number }
  readonly peers?: readonly PeerErrors[]
}

// Our measurements of it, 50 L-BFGS steps a grid of up to 25 evaluations each.
const MEASURED = 'pykan 0.2.8, float64, measured'

const usual = { samples: 3000, draw: 0, seeds: 10 } as const

const groups: readonly Group[] = [
  {
    ...usual,
    problem: toyFunction('bessel'),
    width: [1, 1],
    grids: [3, 5, 10, 20, 50, 100],
    peers: [{ title: MEASURED, errors: [0.27, 0.21, 0.18, 1.0e-2, 8.7e-4, 6.2e-3] }],
  },
  {
    ...usual,
    problem: toyFunction('product'),
    width: [2, 2, 1],
    grids: [3, 5, 10, 20, 50],
    peers: [{ title: MEASURED, errors: [2.9e-3, 1.7e-3, 1.2e-3, 7.3e-4] }],
  },
  {
    ...usual,
    problem: toyFunction('four-inputs'),
    width: [4, 2, 1, 1],
    grids: [3, 5, 10, 20, 50],
    wanted: { median: 1e-3, best: 3.8e-5 },
    peers: [
      { title: 'pykan, published', errors: [9.2e-3, 3.3e-3, 1.1e-3, 3.8e-4, 3.8e-5] },
      { title: 'pykan, published, older version', errors: [4.6e-3, 1.8e-3, 1.5e-4, 1.1e-5, 5.1e-7] },
    ],
  },
  // 1500 parameters at G 10: fewer seeds, and L-BFGS, whose steps do not grow with their cube.
  {
    ...usual,
    seeds: 3,
    problem: hundred,
    width: [100, 1, 1],
    grids: [3, 5, 10],
    options: { optimizer: 'lbfgs' },
  },
]

function keyOf({ problem, width }: Group, seed: number): string {
  return `${problem.label} on [${width.join(', ')}], seed ${seed}`
}

export const toyRuns: readonly StudyRun<ClimbResult>[] = groups.flatMap(group =>
  Array.from({ length: group.seeds }, (_, seed) => ({
    key: keyOf(group, seed),
    run: async () => {
      await using engine = createCpuEngine()
      return await climb(group, seed, engine)
    },
  })),
)

/** What is asked of the finest grid, and whether it is reached. */
function verdicts({ grids, wanted }: Group, results: readonly ClimbResult[]): string[] {
  if (!wanted) return []
  const errors = results.map(result => result.errors.at(-1)!)
  const verdict = (name: string, reached: number, limit: number): string => {
    const answer = `${reached <= limit ? 'yes' : 'NO'} (${reached.toExponential(1)})`
    return `${name} at G ${grids.at(-1)} asked at or below ${limit.toExponential(1)}: ${answer}.`
  }
  return [
    verdict('Median', median(errors), wanted.median),
    verdict('Best', Math.min(...errors), wanted.best),
    '',
  ]
}

export function summariseToys(file: StudyFile<ClimbResult>): string {
  return groups
    .map(group => {
      const results = Array.from({ length: group.seeds }, (_, seed) => file.results[keyOf(group, seed)]!)
      return [
        `### ${group.problem.label}, [${group.width.join(', ')}]`,
        '',
        ladderTable(group.grids, results, { peers: group.peers ?? [] }),
        '',
        ...verdicts(group, results),
        `${median(results.map(result => result.seconds)).toFixed(1)} s for all grids (median).`,
      ].join('\n')
    })
    .join('\n\n')
}
