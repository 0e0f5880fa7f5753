import { describe, expect, test } from 'vitest'
import { NonFiniteError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { startSeeds } from '../../src/model/initialize.ts'
import type { FitReport } from '../../src/train/options.ts'
import { smallest } from '../../src/train/starts.ts'
import { poisoned, toySamples, wrappedEngine } from './toy.ts'

const small = toySamples(64)
const network = { width: [2, 1, 1], grid: 3, seed: 0 } as const

/** What the generator gives; another machine, or another version, must not give other models. */
const SEEDS = [6573906521052601, 224768522383348, 5383472987540154]

test('seeds of starts: the same on every machine, however many are asked for', () => {
  expect(startSeeds(0, 3)).toEqual(SEEDS)
  expect(startSeeds(0, 2)).toEqual(SEEDS.slice(0, 2))
  expect(startSeeds(1, 1)).not.toEqual(SEEDS.slice(0, 1))
})

test('the smallest number, whatever is not one', () => {
  expect([smallest([3, 1, 1]), smallest([NaN, 2, 1]), smallest([NaN, NaN]), smallest([])]).toEqual([
    1, 2, 0, 0,
  ])
})

describe('restarts', () => {
  test.each(['lm', 'lbfgs'] as const)(
    'are runs of their own, side by side, of which a third goes on after a quarter: %s',
    async optimizer => {
      const seeds = [0, ...startSeeds(0, 3)]
      const alone = (steps: number): Promise<{ kan: KAN; report: FitReport }[]> =>
        Promise.all(
          seeds.map(async seed => {
            const kan = new KAN({ ...network, seed })
            return { kan, report: await kan.fit(small, { optimizer, steps, restarts: 1 }) }
          }),
        )
      const whole = await alone(15)
      const quarter = await alone(4)
      const losses = quarter.map(({ report }) => report.losses.at(-1)!)
      const limit = losses.toSorted((a, b) => a - b)[1]!
      const expected = whole.map((run, m) => (losses[m]! <= limit ? run : quarter[m]!))

      const kan = new KAN(network)
      const report = await kan.fit(small, { optimizer, steps: 15, restarts: 4 })
      expect(report.starts).toEqual(expected.map(({ report: { best } }) => best.loss))
      const best = expected[smallest(report.starts)]!
      expect(report.best).toEqual(best.report.best)
      expect(report.losses).toEqual(best.report.losses)
      expect(report.checkpoint.state).toEqual(best.report.checkpoint.state)
      expect(kan.parameters).toEqual(best.kan.parameters)
      expect(kan.statistics).toEqual(best.kan.statistics)
      // A start at rest, or one that has stalled, costs nothing while the others go on.
      const each = expected.map(({ report: { functionEvaluations } }) => functionEvaluations)
      expect(report.functionEvaluations).toBe(each.reduce((sum, count) => sum + count))
      // The test is worth something only where the starts differ.
      expect(new Set(report.starts).size).toBeGreaterThan(1)
    },
  )

  test("six for a new model with 'lm' or 'lbfgs', else one", async () => {
    const kan = new KAN(network)
    expect((await kan.fit(small, { optimizer: 'lm', steps: 2 })).starts).toHaveLength(6)
    expect((await kan.fit(small, { optimizer: 'lm', steps: 2 })).starts).toHaveLength(1)
    expect((await new KAN(network).fit(small, { optimizer: 'lbfgs', steps: 2 })).starts).toHaveLength(6)
    expect((await new KAN(network).fit(small, { optimizer: 'adam', steps: 2 })).starts).toHaveLength(1)
    const large = { width: [2, 40, 1], grid: 10 }
    expect((await new KAN(large).fit(small, { optimizer: 'lbfgs', steps: 2 })).starts).toHaveLength(1)
  })

  test('are judged by the training rows, also where validation chooses the weights', async () => {
    const kan = new KAN(network)
    const validation = toySamples(16, 4)
    const report = await kan.fit(small, { optimizer: 'adam', steps: 30, restarts: 3, validation })
    const chosen = smallest(report.starts)
    // Sums of 64 and 16 terms in another order.
    expect((await kan.evaluate(small)).loss).toBeCloseTo(report.starts[chosen]!, 13)
    expect((await kan.evaluate(validation)).loss).toBeCloseTo(report.best.loss, 13)
  })

  test('show the best loss as progress', async () => {
    const run = new KAN(network).fit(small, { optimizer: 'lm', steps: 8, restarts: 4, progressEvery: 0 })
    for await (const { losses, loss } of run) expect(loss).toBe(losses.at(-1))
    const { losses, starts } = await run
    const read: number[] = []
    for await (const progress of run) read.push(...progress.losses)
    expect(read).toHaveLength(losses.length)
    read.forEach((loss, step) => expect(loss).toBeLessThanOrEqual(losses[step]!))
    expect(Math.min(...starts)).toBeLessThanOrEqual(read.at(-1)!)
  })

  test('with patience each start has its own, and the run ends when none is left', async () => {
    const options = {
      optimizer: 'adam',
      learningRate: 0.3,
      patience: 2,
      evaluateEvery: 5,
      steps: 400,
    } as const
    const kan = new KAN({ width: [2, 3, 1], grid: 3 })
    const outcome = async (progressEvery: number): Promise<unknown> => {
      const validation = toySamples(8, 4)
      const report = await kan.copy().fit(small, { ...options, validation, restarts: 3, progressEvery })
      expect(report.stop).toBe('patience')
      expect(report.steps).toBeLessThan(400)
      return { ...report, seconds: 0 }
    }
    expect(await outcome(0)).toEqual(await outcome(1e9))
  })

  test('keep what is not trainable', async () => {
    const kan = new KAN({ ...network, trainable: { scaleBase: false } })
    const own = kan.layer(0).values.scaleBase.slice()
    await kan.fit(small, { optimizer: 'lm', steps: 3, restarts: 5 })
    expect(kan.layer(0).values.scaleBase).toEqual(own)
  })

  test.each(['lm', 'adam'] as const)('a start that fails is out of the race (%s)', async optimizer => {
    const options = { optimizer, restarts: 3, steps: 12 }
    const whole = await new KAN(network).fit(small, options)
    const kan = new KAN(network)
    const engine = wrappedEngine(session => poisoned(session, [0]))
    const report = await kan.fit(small, { ...options, engine })
    expect(report.starts).toEqual([NaN, whole.starts[1], whole.starts[2]])
    expect(report.losses.every(Number.isFinite)).toBe(true)
    expect((await kan.evaluate(small)).loss).toBeCloseTo(Math.min(whole.starts[1]!, whole.starts[2]!), 13)
  })

  test('the run fails only when all of them do', async () => {
    const kan = new KAN(network)
    const initial = kan.copy()
    const engine = wrappedEngine(session => poisoned(session, [0, 1, 2]))
    const run = kan.fit(small, { optimizer: 'lm', restarts: 3, engine })
    await expect(run).rejects.toThrow(NonFiniteError)
    await expect(run).rejects.toThrow(/NaN at step 1, the last of 3 starts.*holds the weights it had before/)
    expect(kan).toEqual(initial)
    expect((await engine.memory()).bytes).toBe(0)
  })
})
