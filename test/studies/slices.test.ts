/**
 * Small slices of the studies in bench/studies, which take too long to run whole: a few seeds of each, held to the
 * same limits.
 */
import { describe, expect, it } from 'vitest'
import { sampleFunction, toyFunction } from '../../src/data/index.ts'
import { KAN } from '../../src/index.ts'

const problem = toyFunction('exp-sin')
const train = sampleFunction(problem, 1000, 0)
const test = sampleFunction(problem, 1000, 1)

async function testError(kan: KAN): Promise<number> {
  return (await kan.evaluate(test)).rmse!
}

describe('exp(sin(pi x1) + x2^2)', () => {
  it.each([0, 1])('L-BFGS with lambda 1e-3 and at most 1000 evaluations, seed %i', async seed => {
    const kan = new KAN({ width: [2, 5, 1], grid: 3, seed })
    const { functionEvaluations } = await kan.fit(train, {
      optimizer: 'lbfgs',
      steps: 850,
      lambda: 1e-3,
      restarts: 1,
    })
    expect(functionEvaluations).toBeLessThanOrEqual(1000)
    expect(await testError(kan)).toBeLessThan(2.5e-2)
  })

  it.each([0, 1, 2])('50 steps of Levenberg-Marquardt, seed %i', async seed => {
    const kan = new KAN({ width: [2, 5, 1], grid: 3, seed })
    await kan.fit(train, { optimizer: 'lm', steps: 50, restarts: 1 })
    expect(await testError(kan)).toBeLessThan(1e-2)
  })

  it.each([0, 1])('becomes [2, 1, 1] with three edges by sparsity and pruning, seed %i', async seed => {
    const kan = new KAN({ width: [2, 5, 1], grid: 3, seed })
    await kan.fit(train, { optimizer: 'lm', lambda: 1e-2, steps: 60, restarts: 1 })
    const pruned = kan.prune().updateGrid(train.x)
    expect(pruned.width).toEqual([2, 1, 1])
    expect([...pruned.mask]).toEqual([1, 1, 1])
    await pruned.fit(train, { optimizer: 'lm', steps: 50 })
    expect(await testError(pruned)).toBeLessThanOrEqual(2 * (await testError(kan)))
  })

  it('climbs the staircase with the defaults of fit', async () => {
    const kan = new KAN({ width: [2, 1, 1], grid: 3, seed: 0 })
    const { stages } = await kan.fit(train, { refine: [5, 10, 20, 50, 100] })
    expect(stages.map(({ intervals }) => intervals[0])).toEqual([3, 5, 10, 20, 50, 100])
    for (const { functionEvaluations } of stages) expect(functionEvaluations).toBeLessThanOrEqual(1000)
    expect(await testError(kan)).toBeLessThanOrEqual(2e-6)
  })

  it.each([0, 1e-3, 1e-2])('is never NaN: 8 starts side by side, lambda %d', async lambda => {
    for (const optimizer of ['lm', 'lbfgs'] as const) {
      const kan = new KAN({ width: [2, 5, 1], grid: 3, seed: 100 })
      const { starts } = await kan.fit(train, { optimizer, steps: 15, restarts: 8, lambda })
      expect(starts).toHaveLength(8)
      expect(starts.every(Number.isFinite)).toBe(true)
      expect(Number.isFinite(await testError(kan))).toBe(true)
    }
  })
})
