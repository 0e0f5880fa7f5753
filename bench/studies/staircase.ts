/**
 * The staircase of the KAN paper (section 3.1): f = exp(sin(pi x1) + x2^2) on [2, 1, 1], grid after grid, each moved to the samples and
 * refined from the one before. With fit's defaults: Levenberg-Marquardt in float64 on the CPU, L-BFGS in float32 on the GPU.
 */
import { createCpuEngine } from 'webkan'
import { toyFunction } from 'webkan/data'
import { requestNodeEngine } from 'webkan/node'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { climb, ladderTable } from './climb.ts'
import type { ClimbResult, Ladder } from './climb.ts'

const problem = toyFunction('exp-sin')

/** A group of staircases, and what is asked of each grid. */
interface Group extends Ladder {
  readonly title: string
  readonly device: 'cpu' | 'webgpu'
  readonly seeds: number
  readonly wanted: readonly number[]
}

const stairs = { problem, width: [2, 1, 1], samples: 1000, draw: 0 } as const

const groups: readonly Group[] = [
  {
    ...stairs,
    title: '1000 samples, CPU',
    device: 'cpu',
    grids: [3, 5, 10, 20, 50, 100, 200],
    seeds: 20,
    wanted: [2e-2, 8e-3, 6e-4, 6e-5, 2e-6, 2e-6],
  },
  ...[1, 2, 3, 4, 5].map(draw => ({
    ...stairs,
    title: `1000 other samples (draw ${draw}), CPU`,
    device: 'cpu' as const,
    draw,
    grids: [3, 5, 10, 20, 50, 100, 200],
    seeds: 5,
    wanted: [2e-2, 8e-3, 6e-4, 6e-5, 2e-6, 2e-6],
  })),
  {
    ...stairs,
    title: '3000 samples, CPU',
    device: 'cpu',
    samples: 3000,
    grids: [3, 5, 10, 20, 50, 100],
    seeds: 10,
    wanted: [2e-2, 8e-3, 6e-4, 6e-5, 4.9e-7, 3.3e-8],
  },
  {
    ...stairs,
    title: '1000 samples, WebGPU',
    device: 'webgpu',
    grids: [3, 5, 10, 20, 50, 100],
    seeds: 10,
    wanted: [2e-2, 8e-3, 6e-4, 6e-5, 1e-5, 1e-5],
    options: { optimizer: 'lbfgs' },
  },
]

function keyOf({ title }: Group, seed: number): string {
  return `${title}, seed ${seed}`
}

export const staircaseRuns: readonly StudyRun<ClimbResult>[] = groups.flatMap(group =>
  Array.from({ length: group.seeds }, (_, seed) => ({
    key: keyOf(group, seed),
    run: async () => {
      await using engine =
        group.device === 'cpu' ? createCpuEngine() : await requestNodeEngine({ device: 'webgpu' })
      return await climb(group, seed, engine)
    },
  })),
)

/** A table a group, and its seconds. Single starts are counted by the study of that name. */
export function summariseStaircase(file: StudyFile<ClimbResult>): string {
  return groups
    .map(group => {
      const results = Array.from({ length: group.seeds }, (_, seed) => file.results[keyOf(group, seed)]!)
      const seconds = median(results.map(result => result.seconds)).toFixed(1)
      return [
        `### ${group.title}`,
        '',
        ladderTable(group.grids, results, group.wanted),
        '',
        `${seconds} s for all grids (median).`,
      ].join('\n')
    })
    .join('\n\n')
}
