/**
 * The staircase of the KAN paper (section 3.1): f = exp(sin(pi x1) + x2^2) on [2, 1, 1], grid after grid, each moved to the
 * samples and refined from the one before. With fit's defaults: Levenberg-Marquardt in float64 on the CPU, L-BFGS in float32
 * on the GPU.
 */
import { createCpuEngine } from 'webkan'
import { toyFunction } from 'webkan/data'
import { requestNodeEngine } from 'webkan/node'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { climb, ladderTable } from './climb.ts'
import type { ClimbResult, Ladder, PeerErrors } from './climb.ts'

const problem = toyFunction('exp-sin')

/** A group of staircases, and what is asked of each grid. */
interface Group extends Ladder {
  readonly title: string
  readonly device: 'cpu' | 'webgpu'
  readonly seeds: number
  readonly wanted: readonly number[]
  readonly peers?: readonly PeerErrors[]
}

/** The budget of a grid, all starts of the first one included. */
const EVALUATIONS = 1000

// pykan 0.2.8, L-BFGS with 50 steps a grid of up to 25 evaluations each, seeds 0 to 4; as good as its good seeds get.
const measured: PeerErrors = {
  title: 'pykan 0.2.8, float64, best of the 2 good seeds of 5',
  errors: [1.7e-2, 4.7e-3, 4.7e-4, 4.8e-5, 2.0e-6, 1.2e-6, 1.1e-2],
}
const measuredSingle: PeerErrors = {
  title: 'pykan 0.2.8, float32, best of the 3 good seeds of 5',
  errors: [1.4e-2, 7.2e-3, 4.9e-4, 5.3e-5, 7.1e-6, 5.0e-6],
}
const published: PeerErrors = {
  title: 'pykan, published, 3000 samples, older version',
  errors: [undefined, undefined, undefined, undefined, 4.9e-7, 3.3e-8],
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
    peers: [measured],
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
    peers: [published],
  },
  {
    ...stairs,
    title: '1000 samples, WebGPU',
    device: 'webgpu',
    grids: [3, 5, 10, 20, 50, 100],
    seeds: 20,
    wanted: [2e-2, 8e-3, 6e-4, 6e-5, 1e-5, 1e-5],
    peers: [measuredSingle],
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

const NOTE = `"Met" are the runs that reach the asked RMSE with at most ${EVALUATIONS} evaluations on that grid, all starts
counted. pykan's figures are our measurements of version 0.2.8 on this function and shape, unless they are called published:
1000 samples, 50 L-BFGS steps a grid of up to 25 evaluations each, five seeds in float64 and five in float32, 40 to 80 CPU
seconds for all grids. Five of those ten runs are stuck above 0.3 at G 10; the columns show the best of the good ones.`

/** A table a group, and its seconds. Single starts are counted by the study of that name. */
export function summariseStaircase(file: StudyFile<ClimbResult>): string {
  const tables = groups.map(group => {
    const results = Array.from({ length: group.seeds }, (_, seed) => file.results[keyOf(group, seed)]!)
    const asked = { errors: group.wanted, functionEvaluations: EVALUATIONS }
    return [
      `### ${group.title}`,
      '',
      ladderTable(group.grids, results, { asked, peers: group.peers ?? [] }),
      '',
      `${median(results.map(result => result.seconds)).toFixed(1)} s for all grids (median).`,
    ].join('\n')
  })
  return [NOTE, ...tables].join('\n\n')
}
