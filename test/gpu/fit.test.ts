import { afterAll, describe, expect, test } from 'vitest'
import { relativeError } from '../../src/engine/parity/ledger.ts'
import { tolerances } from '../../src/engine/parity/tolerances.ts'
import { requestEngine } from '../../src/engine/request.ts'
import { ConfigError, NonFiniteError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import type { FitOptions, Samples } from '../../src/index.ts'
import { Random } from '../../src/random.ts'
import { toyClasses, toySamples } from '../train/toy.ts'
import { PLAIN } from './plain.ts'

const engine = await requestEngine({ device: 'webgpu' })
const samples = toySamples(100)
const network = { width: [2, 3, 1], grid: 3 } as const

afterAll(() => engine.destroy())

/** Statistics of all edges in one array. */
function edgeNorms(kan: KAN): Float64Array {
  return Float64Array.from(kan.statistics!.layers.flatMap(layer => [...layer.edgeL1]))
}

/**
 * Fits the same network on both engines, and three more times on the CPU from parameters that are each moved by up to one unit of
 * float32 (2^-23 of it). `moved` is the largest relative change that this makes to anything: the condition of the fit, which
 * the network and the samples have and not the engine. float32 rounds as much in every step: once to store the parameters, and
 * some ten times that reach the gradient. So after t steps an engine in float32 may be 10 (t + 1) times `moved` away.
 */
async function fitBoth(config: ConstructorParameters<typeof KAN>[0], table: Samples, options: FitOptions) {
  const [gpu, cpu] = [new KAN(config), new KAN(config)]
  const report = await gpu.fit(table, { ...options, engine })
  const expected = await cpu.fit(table, options)
  let moved = 0
  for (const seed of [0, 1, 2]) {
    const random = new Random(seed)
    const shadow = new KAN(config)
    shadow.parameters.forEach((p, i) => {
      shadow.parameters[i] = p * (1 + 2 ** -23 * (2 * random.uniform() - 1))
    })
    const { losses, best } = await shadow.fit(table, options)
    losses.forEach((loss, t) => (moved = Math.max(moved, Math.abs(loss / expected.losses[t]! - 1))))
    moved = Math.max(moved, Math.abs(best.loss / expected.best.loss - 1))
    moved = Math.max(moved, relativeError(edgeNorms(shadow), edgeNorms(cpu)))
  }
  return { gpu, cpu, report, expected, allowed: (t: number): number => 10 * (t + 1) * moved }
}

describe('fit on the GPU', () => {
  test.each<{
    name: string
    config: ConstructorParameters<typeof KAN>[0]
    table: Samples
    options: FitOptions
  }>([
    {
      name: 'mini-batches and a validation part',
      config: network,
      table: samples,
      options: { steps: 200, learningRate: 0.02, batch: 32, validation: 0.2 },
    },
    {
      name: 'weights of rows and classes',
      config: { width: [2, 4, 3], grid: 3 },
      table: { ...toyClasses(90), weights: Float64Array.from({ length: 90 }, (_, b) => (b % 4) / 2) },
      options: { steps: 60, learningRate: 0.02, loss: 'cross-entropy', classWeights: [0.2, 1, 5] },
    },
  ])('follows the CPU engine and leaves no bytes: $name', async ({ config, table, options }) => {
    const before = (await engine.memory()).bytes
    const { gpu, cpu, report, expected, allowed } = await fitBoth(config, table, options)
    expect((await engine.memory()).bytes).toBe(before)
    const { steps } = options
    expect(report.losses).toHaveLength(steps!)
    const wrong = [...report.losses].filter(
      (loss, t) => !(Math.abs(loss / expected.losses[t]! - 1) <= allowed(t)),
    )
    expect(wrong).toEqual([])
    // The tolerance is worth something: a thousandth of the loss at most.
    expect(allowed(steps!)).toBeLessThan(1e-3)
    expect(report.best.step).toBe(expected.best.step)
    expect(Math.abs(report.best.loss / expected.best.loss - 1)).toBeLessThan(allowed(steps!))
    expect(report.best.loss).toBeLessThan(report.losses[0]! / 2)
    expect(gpu.statistics?.rows).toBe(cpu.statistics?.rows)
    expect(relativeError(edgeNorms(gpu), edgeNorms(cpu))).toBeLessThan(allowed(steps!))
  })

  test('weights of rows and classes are in the loss', async () => {
    const table = toyClasses(90)
    const first = async (
      weights: Samples['weights'],
      classWeights: FitOptions['classWeights'],
    ): Promise<number> => {
      const { losses } = await new KAN({ width: [2, 4, 3], grid: 3 }).fit(
        { ...table, ...(weights ? { weights } : {}) },
        { engine, steps: 1, loss: 'cross-entropy', ...(classWeights ? { classWeights } : {}) },
      )
      return losses[0]!
    }
    const perClass = [0.2, 1, 5]
    const perRow = Float64Array.from(table.y, label => perClass[label]!)
    // The same numbers by two ways: the same bits.
    expect(await first(perRow, undefined)).toBe(await first(undefined, perClass))
    expect(
      Math.abs((await first(perRow, undefined)) / (await first(undefined, undefined)) - 1),
    ).toBeGreaterThan(1e-3)
  })

  test('evaluates and calibrates as the CPU engine does', async () => {
    const kan = new KAN(network)
    await kan.fit(samples, { optimizer: 'adam', steps: 20 })
    const allowed = tolerances({ ...PLAIN, width: [2, 3, 1], intervals: 3 })
    const { loss } = await kan.evaluate(samples, { engine })
    expect(Math.abs(loss / (await kan.evaluate(samples)).loss - 1)).toBeLessThan(allowed.loss)
    await kan.calibrate(samples.x)
    const expected = edgeNorms(kan)
    await kan.calibrate(samples.x, { engine })
    expect(relativeError(edgeNorms(kan), expected)).toBeLessThan(allowed.edges)
  })

  test('a resumed run equals an uninterrupted one, bit for bit', async () => {
    const options = { engine, batch: 16, validation: 0.2 }
    const whole = new KAN(network)
    const expected = await whole.fit(samples, { ...options, steps: 60 })
    const { checkpoint } = await new KAN(network).fit(samples, { ...options, steps: 25 })
    const resumed = new KAN(network)
    const report = await resumed.fit(samples, { ...options, steps: 60, resume: checkpoint })
    expect(report.losses).toEqual(expected.losses)
    expect(resumed).toEqual(whole)
  })

  test.each(['adam', 'lbfgs'] as const)(
    'starts side by side, grids that move and grow: %s',
    async optimizer => {
      const kan = new KAN(network)
      const before = (await engine.memory()).bytes
      const options = { optimizer, steps: 40, restarts: 3, gridUpdate: { every: 10 }, refine: [5] }
      const report = await kan.fit(samples, { ...options, engine })
      expect((await engine.memory()).bytes).toBe(before)
      expect(kan.config.layers.map(layer => layer.intervals)).toEqual([5, 5])
      expect(report).toMatchObject({ optimizer, steps: 80 })
      // Two of three starts of L-BFGS rest after a quarter of their steps.
      const resting = optimizer === 'lbfgs' ? 2 * 30 : 0
      expect(report.functionEvaluations).toBeGreaterThanOrEqual(4 * 40 - resting)
      expect(report.readbacks).toBeGreaterThan(0)
      expect(new Set(report.starts).size).toBe(3)
      expect(report.best.loss).toBeLessThan(Math.min(...report.starts))
      // The same weights on the same rows, in float32 and in float64.
      const allowed = tolerances({ ...PLAIN, width: [2, 3, 1], intervals: 5 })
      expect(Math.abs(report.best.loss / (await kan.evaluate(samples)).loss - 1)).toBeLessThan(allowed.loss)
      // Each start is a run of its own: the one with the model's weights.
      const went = resting === 0 || report.starts[0] === Math.min(...report.starts) ? 40 : 10
      const alone = await new KAN(network).fit(samples, {
        ...options,
        engine,
        steps: went,
        restarts: 1,
        refine: [],
      })
      expect(Math.abs(report.starts[0]! / alone.best.loss - 1)).toBeLessThan(allowed.loss)
    },
  )

  test('patience ends at the same step however many steps were recorded ahead', async () => {
    const options = { engine, steps: 2000, learningRate: 0.3, evaluateEvery: 5, patience: 3, validation: 0.2 }
    const reports = await Promise.all(
      [0, 1e9].map(async progressEvery => {
        const { stop, steps, losses, best, checkpoint } = await new KAN(network).fit(samples, {
          ...options,
          progressEvery,
        })
        return { stop, steps, losses, best, checkpoint }
      }),
    )
    expect(reports[0]!.stop).toBe('patience')
    expect(reports[0]).toEqual(reports[1])
  })

  test('break, and a loss that explodes', async () => {
    const kan = new KAN({ width: [2, 4, 3] })
    const run = kan.fit(toyClasses(100), { engine, loss: 'cross-entropy', steps: 1e6, progressEvery: 0 })
    for await (const { step } of run) if (step >= 12) break
    const { stop, best } = await run
    expect([stop, best.step]).toEqual(['aborted', 10])
    const initial = new KAN(network)
    await expect(initial.fit(samples, { engine, learningRate: 1e30 })).rejects.toThrow(NonFiniteError)
    expect(initial).toEqual(new KAN(network))
    await expect(initial.fit(samples, { engine, batch: 1000 })).rejects.toThrow(ConfigError)
  })
})
