/** The other toy functions of the KAN paper (section 3.1), grid after grid with fit's defaults, 3000 samples. */
import { createCpuEngine } from 'webkan'
import { toyFunction } from 'webkan/data'
import type { ToyFunction } from 'webkan/data'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { climb, ladderTable } from './climb.ts'
import type { ClimbResult, Ladder } from './climb.ts'

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
  readonly wanted?: readonly number[]
}

const usual = { samples: 3000, draw: 0, seeds: 10 } as const

const groups: readonly Group[] = [
  { ...usual, problem: toyFunction('bessel'), width: [1, 1], grids: [3, 5, 10, 20, 50, 100] },
  { ...usual, problem: toyFunction('product'), width: [2, 2, 1], grids: [3, 5, 10, 20, 50] },
  {
    ...usual,
    problem: toyFunction('four-inputs'),
    width: [4, 2, 1, 1],
    grids: [3, 5, 10, 20, 50],
    wanted: [Infinity, Infinity, Infinity, Infinity, 1e-3],
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

export function summariseToys(file: StudyFile<ClimbResult>): string {
  return groups
    .map(group => {
      const results = Array.from({ length: group.seeds }, (_, seed) => file.results[keyOf(group, seed)]!)
      const seconds = median(results.map(result => result.seconds)).toFixed(1)
      return [
        `### ${group.problem.label}, [${group.width.join(', ')}]`,
        '',
        ladderTable(group.grids, results, group.wanted),
        '',
        `${seconds} s for all grids (median).`,
      ].join('\n')
    })
    .join('\n\n')
}
