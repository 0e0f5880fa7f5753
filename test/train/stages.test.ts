import { describe, expect, test } from 'vitest'
import { sampleFunction, toyFunction } from '../../src/data/functions.ts'
import type { Plan, Upload } from '../../src/engine/engine.ts'
import { DeviceLostError, NonFiniteError } from '../../src/errors.ts'
import { KAN, loadCheckpoint, saveCheckpoint } from '../../src/kan.ts'
import { Random } from '../../src/random.ts'
import type { FitOptions } from '../../src/train/options.ts'
import { toySamples, wrappedEngine } from './toy.ts'

const f = toyFunction('exp-sin')
const train = sampleFunction(f, 1000, 0)
const fresh = sampleFunction(f, 1000, 1)
const small = toySamples(64)
const lm = { optimizer: 'lm', restarts: 1 } as const

function grids(kan: KAN): number[] {
  return kan.config.layers.map(layer => layer.intervals)
}

describe('refine', () => {
  test('climbs the staircase of exp(sin(pi x1) + x2^2) on [2, 1, 1]', { timeout: 60_000 }, async () => {
    const kan = new KAN({ width: [2, 1, 1], grid: 3 })
    const report = await kan.fit(train, { optimizer: 'lm', refine: [3, 5, 10, 20] })
    // Measured for seeds 0 to 7: 1.65e-5 to 5.2e-5.
    expect((await kan.evaluate(fresh)).rmse).toBeLessThan(6e-5)
    expect(report.stages.map(({ intervals }) => intervals[0])).toEqual([3, 5, 10, 20])
    expect(report.starts).toHaveLength(6)
    expect(report.optimizer).toBe('lm')
    expect(grids(kan)).toEqual([20, 20])
    // Everything is counted through all grids.
    const { stages, losses, evaluations, best, functionEvaluations } = report
    expect(stages.reduce((sum, { steps }) => sum + steps, 0)).toBe(report.steps)
    expect(losses).toHaveLength(report.steps)
    expect(evaluations.map(({ step }) => step)).toEqual(
      losses.reduce<number[]>((to, _, s) => [...to, s + 1], []),
    )
    expect(stages.reduce((sum, stage) => sum + stage.functionEvaluations, 0)).toBe(functionEvaluations)
    expect(best).toEqual(stages.at(-1)!.best)
    // Every step of 'lm' looks at one loss before and at least one after.
    expect(functionEvaluations).toBeGreaterThanOrEqual(2 * (report.steps - 4))
    // The model is whole: statistics of its grid, and a file.
    expect(kan.statistics!.layers[0]!.histogram).toHaveLength(2 * (kan.layout.layers[0]!.knotsPerInput + 1))
    expect(await KAN.load(kan.save()).predict(fresh.x)).toEqual(await kan.predict(fresh.x))
  })

  test('does by one call what updateGrid, refine and fit do by hand', async () => {
    const options = { ...lm, steps: 6 }
    const once = new KAN({ width: [2, 3, 1], grid: 3 })
    await once.fit(small, { ...options, refine: [[4, 5]] })
    const first = new KAN({ width: [2, 3, 1], grid: 3 })
    await first.fit(small, options)
    const byHand = first.updateGrid(small.x).refine([4, 5], { x: small.x })
    await byHand.fit(small, options)
    expect(grids(once)).toEqual([4, 5])
    expect(once).toEqual(byHand)
  })

  test('progress names the grid and counts on', async () => {
    const run = new KAN({ width: [2, 2, 1], grid: 3 }).fit(small, {
      ...lm,
      steps: 4,
      refine: [3, 5, 7],
      progressEvery: 0,
    })
    const seen: [step: number, stage: number, grid: number][] = []
    const losses: number[] = []
    for await (const progress of run) {
      expect(progress).toMatchObject({ steps: 12, stages: 3 })
      seen.push([progress.step, progress.stage, progress.intervals[0]!])
      losses.push(...progress.losses)
    }
    expect(seen).toEqual(
      [3, 5, 7].flatMap((grid, s) => [1, 2, 3, 4].map(step => [4 * s + step, s + 1, grid])),
    )
    const report = await run
    expect(report.losses).toEqual(Float64Array.from(losses))
  })

  test('keeps the grid with the lowest validation loss', async () => {
    // 40 noisy rows: a fine grid learns the noise.
    const random = new Random(3)
    const noisy = (rows: number): { x: Float64Array; y: Float64Array } => {
      const { x, y } = toySamples(rows, 7)
      return { x, y: y.map(value => value + random.uniform() - 0.5) }
    }
    const validation = noisy(40)
    const kan = new KAN({ width: [2, 2, 1], grid: 3 })
    const report = await kan.fit(noisy(40), { ...lm, steps: 12, validation, refine: [20] })
    const [coarse, fine] = report.stages
    expect(fine!.best.loss).toBeGreaterThan(coarse!.best.loss)
    expect(grids(kan)).toEqual([3, 3])
    expect(report.best).toEqual(coarse!.best)
    // Sums of 40 terms in another order.
    expect((await kan.evaluate(validation)).loss).toBeCloseTo(report.best.loss, 12)
    expect(kan.statistics?.rows).toBe(40)
  })

  test('an abort on the second grid ends all, with valid weights; the rest can be resumed', async () => {
    const options = { ...lm, steps: 5, refine: [5, 10] }
    const whole = new KAN({ width: [2, 2, 1], grid: 3 })
    const expected = await whole.fit(small, options)
    const controller = new AbortController()
    const kan = new KAN({ width: [2, 2, 1], grid: 3 })
    const run = kan.fit(small, { ...options, progressEvery: 0, signal: controller.signal })
    for await (const { stage, step } of run) if (stage === 2 && step === 8) controller.abort()
    const report = await run
    expect(report).toMatchObject({ stop: 'aborted', steps: 8 })
    expect(report.stages.map(({ steps, stop }) => [steps, stop])).toEqual([
      [5, 'steps'],
      [3, 'aborted'],
    ])
    expect(grids(kan)).toEqual([5, 5])
    expect((await kan.evaluate(small)).loss).toBeCloseTo(report.best.loss, 13)

    const loaded = loadCheckpoint(saveCheckpoint(kan, report.checkpoint))
    const rest = await loaded.kan.fit(small, { ...options, resume: loaded.checkpoint })
    expect(rest.stages.map(({ intervals, steps }) => [intervals[0], steps])).toEqual([
      [5, 5],
      [10, 5],
    ])
    expect(loaded.kan).toEqual(whole)
    expect(rest.losses).toEqual(expected.losses.slice(5))
  })

  test('a failure on the second grid leaves the best weights there are', async () => {
    const first = new KAN({ width: [2, 2, 1], grid: 3 })
    await first.fit(small, { ...lm, steps: 5 })
    first.statistics = undefined
    const failing = (fail: () => Promise<void> | void): ReturnType<typeof wrappedEngine> =>
      wrappedEngine((session, { layers }) => ({
        run: async steps => {
          if (layers[0]!.intervals === 5) await fail()
          return session.run(steps)
        },
      }))
    const options = { ...lm, steps: 5, refine: [5] }
    const lost = new KAN({ width: [2, 2, 1], grid: 3 })
    const gone = failing(() => {
      throw new DeviceLostError('The GPU was lost.')
    })
    await expect(lost.fit(small, { ...options, engine: gone })).rejects.toThrow(
      /The GPU was lost\. The model holds the weights of step 5\./,
    )
    expect(lost).toEqual(first)
    const broken = new KAN({ width: [2, 2, 1], grid: 3 })
    const engine = wrappedEngine((session, { layers }) => ({
      upload: contents =>
        session.upload(
          layers[0]!.intervals === 5 && contents.parameters
            ? { ...contents, parameters: contents.parameters.map(() => NaN) }
            : contents,
        ),
    }))
    const run = broken.fit(small, { ...options, engine })
    await expect(run).rejects.toThrow(NonFiniteError)
    await expect(run).rejects.toThrow(/NaN at step 6 with the optimizer 'lm'.*holds the weights of step 5\./)
    expect(broken).toEqual(first)
  })
})

describe('lambda', () => {
  test('reaches the engine, with the weights of the paper', async () => {
    const plans: Plan[] = []
    const uploads: Upload[] = []
    const engine = wrappedEngine((session, plan) => {
      plans.push(plan)
      return {
        upload: contents => {
          uploads.push(contents)
          return session.upload(contents)
        },
      }
    })
    const options = { optimizer: 'adam', steps: 20, lambda: 1e-3, penalty: { entropy: 2 } } as const
    const kan = new KAN({ width: [2, 2, 1], grid: 3 })
    const { checkpoint } = await kan.fit(small, { ...options, engine, restarts: 2 })
    expect(plans[0]!.penalty).toEqual({ metric: 'paper', l1: 1, entropy: 2, coef: 0, coefdiff: 0 })
    expect(uploads[0]!.lambda).toEqual(Float64Array.of(1e-3, 1e-3))
    await expect(kan.fit(small, { optimizer: 'adam', steps: 20, resume: checkpoint })).rejects.toThrow(
      /penalty is absent, and was .*; lambda is absent, and was 0\.001/,
    )
  })

  test.each<[string, FitOptions]>([
    ['all rows', {}],
    ['validation rows', { validation: 0.25 }],
    ['mini-batches', { batch: 16 }],
    ['Levenberg-Marquardt', { optimizer: 'lm' }],
    ['L-BFGS', { optimizer: 'lbfgs' }],
  ])('is in losses, evaluations and what starts are judged by: %s', async (_, more) => {
    const common = { steps: 30, evaluateEvery: 10, lambda: 0.01, ...more }
    const options: FitOptions = { optimizer: 'adam', ...common }
    const kan = new KAN({ width: [2, 2, 1], grid: 3 })
    const report = await kan.fit(small, { ...options, restarts: 2 })
    const plain = await kan.evaluate(small)
    expect(report.best.loss).toBe(Math.min(...report.evaluations.map(({ loss }) => loss)))
    // A paper's penalty is at least lambda times the L1 norms of the edges; twice that is more than what rows differ by.
    const norms = kan.statistics!.layers.flatMap(({ edgeL1 }) => [...edgeL1])
    const least = 0.01 * norms.reduce((sum, norm) => sum + norm, 0)
    expect(Math.min(...report.starts) - plain.loss).toBeGreaterThan(least * 0.5)
    expect(report.best.loss).toBeGreaterThan(least * 0.5)
  })

  test.each<[string, FitOptions, number]>([
    // Sums in another order.
    ['all rows', {}, 1e-12],
    ['all rows, L-BFGS', { optimizer: 'lbfgs' }, 1e-12],
    // The penalty is then the training rows', or a batch's; the loss, most of it here, is exact.
    ['validation rows', { validation: 0.25 }, 0.02],
    ['mini-batches', { batch: 32 }, 0.02],
  ])('is in the look at a run that ends before its first evaluation: %s', async (_, more, tolerance) => {
    const loss = async (evaluateEvery: number): Promise<number> => {
      const options: FitOptions = { optimizer: 'adam', steps: 4, lambda: 0.01, ...more }
      const kan = new KAN({ width: [2, 2, 1], grid: 3 })
      const { evaluations } = await kan.fit(small, { ...options, evaluateEvery })
      return evaluations.at(-1)!.loss
    }
    const byEngine = await loss(4)
    expect(Math.abs((await loss(9)) / byEngine - 1)).toBeLessThan(tolerance)
  })

  test('0 is no penalty', async () => {
    let seen: Plan | undefined
    const engine = wrappedEngine((_, plan) => {
      seen = plan
      return {}
    })
    await new KAN({ width: [2, 1] }).fit(small, { engine, optimizer: 'adam', steps: 1, lambda: 0 })
    expect(seen!.penalty).toBeUndefined()
  })
})
