/**
 * Sparsity, then pruning: f = exp(sin(pi x1) + x2^2) from [2, 5, 1]. One documented setting: Levenberg-Marquardt, lambda 1e-2,
 * 60 steps, one start; prune with its defaults; grids that follow the samples; 50 steps without a penalty. Asked: [2, 1, 1]
 * with three edges, and a test RMSE after the last fit of at most twice the unpruned one. That can be read in two ways, and
 * both are counted: the sparse network as it was before pruning, or the whole network after as many steps without a penalty.
 */
import { KAN, createCpuEngine } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'
import { median } from '../resumable.ts'
import type { WidthEntry } from 'webkan'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

const SEEDS = 100
const GRIDS = [3, 5]

const problem = toyFunction('exp-sin')
const train = sampleFunction(problem, 1000, 0)
const test = sampleFunction(problem, 1000, 1)

export interface SparsityResult {
  readonly width: readonly WidthEntry[]
  readonly edges: number
  /** Test RMSE of the sparse network before pruning, of the pruned one after its fit, and of the whole one fitted as long. */
  readonly sparse: number
  readonly pruned: number
  readonly unpruned: number
  readonly seconds: number
}

async function sparsify(grid: number, seed: number): Promise<SparsityResult> {
  const began = performance.now()
  await using engine = createCpuEngine()
  const kan = new KAN({ width: [2, 5, 1], grid, seed })
  await kan.fit(train, { engine, optimizer: 'lm', lambda: 1e-2, steps: 60, restarts: 1 })
  // The nodes that are left vary over a part of their grids only: the knots follow them.
  const pruned = kan.prune().updateGrid(train.x)
  const fitted = async (network: KAN): Promise<number> => {
    await network.fit(train, { engine, optimizer: 'lm', steps: 50 })
    return (await network.evaluate(test)).rmse!
  }
  const prunedError = await fitted(pruned)
  const seconds = (performance.now() - began) / 1000
  return {
    width: pruned.width,
    edges: pruned.mask.reduce((sum, present) => sum + present, 0),
    sparse: (await kan.evaluate(test)).rmse!,
    pruned: prunedError,
    unpruned: await fitted(kan.copy()),
    seconds,
  }
}

function keyOf(grid: number, seed: number): string {
  return `G ${grid}, seed ${seed}`
}

export const sparsityRuns: readonly StudyRun<SparsityResult>[] = GRIDS.flatMap(grid =>
  Array.from({ length: SEEDS }, (_, seed) => ({ key: keyOf(grid, seed), run: () => sparsify(grid, seed) })),
)

const NOTE = `The test RMSE of the pruned network after its fit is held to twice that of (a) the sparse network before
pruning, and of (b) the whole network fitted for as many steps without a penalty. RMSE are medians.`

/** One line a grid: how many have the shape, and the shape and the error by either reading. */
export function summariseSparsity(file: StudyFile<SparsityResult>): string {
  const table = markdownTable(
    [
      'grid',
      '[2, 1, 1] with 3 edges',
      'and RMSE at most twice (a)',
      'and RMSE at most twice (b)',
      '(a) sparse, before pruning',
      '(b) whole, fitted as long',
      'pruned, fitted',
      'seconds',
    ],
    GRIDS.map(grid => {
      const results = Array.from({ length: SEEDS }, (_, seed) => file.results[keyOf(grid, seed)]!)
      const found = results.filter(({ width, edges }) => width.join() === '2,1,1' && edges === 3)
      const middle = (pick: (result: SparsityResult) => number): string =>
        median(results.map(pick)).toExponential(1)
      return [
        String(grid),
        `${found.length} of ${SEEDS}`,
        `${found.filter(({ sparse, pruned }) => pruned <= 2 * sparse).length} of ${SEEDS}`,
        `${found.filter(({ unpruned, pruned }) => pruned <= 2 * unpruned).length} of ${SEEDS}`,
        middle(result => result.sparse),
        middle(result => result.unpruned),
        middle(result => result.pruned),
        median(results.map(result => result.seconds)).toFixed(1),
      ]
    }),
  )
  return `${NOTE}\n\n${table}`
}
