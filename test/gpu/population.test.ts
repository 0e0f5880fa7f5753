import { afterAll, describe, expect, test } from 'vitest'
import { relativeError } from '../../src/engine/parity/ledger.ts'
import { tolerances } from '../../src/engine/parity/tolerances.ts'
import { requestEngine } from '../../src/engine/request.ts'
import { KAN } from '../../src/kan.ts'
import type { PopulationFitOptions } from '../../src/train/population/options.ts'
import { toySamples } from '../train/toy.ts'
import { PLAIN } from './plain.ts'

const engine = await requestEngine({ device: 'webgpu' })
const samples = toySamples(100)
const network = { width: [2, 3, 1], grid: 3 } as const
const seeds = [0, 1, 2, 3]

afterAll(() => engine.destroy())

function edgeNorms(kan: KAN): Float64Array {
  return Float64Array.from(kan.statistics!.layers.flatMap(layer => [...layer.edgeL1]))
}

describe('a population on the GPU', () => {
  test.each<{ name: string; options: PopulationFitOptions; lists: boolean }>([
    {
      name: 'adam on mini-batches, with lambdas and rates of their own',
      options: {
        steps: 60,
        learningRate: [0.01, 0.02, 0.03, 0.02],
        lambda: [0, 1e-3, 1e-2, 0],
        batch: 32,
        validation: 0.2,
      },
      lists: false,
    },
    {
      name: 'adam, rows of their own',
      options: { steps: 60, learningRate: 0.02, validation: 0.2 },
      lists: true,
    },
    {
      name: 'whole steps in a dispatch, rows of their own',
      options: {
        steps: 60,
        learningRate: [0.01, 0.02, 0.03, 0.02],
        batch: 32,
        validation: 0.2,
        kernels: { steps: 'fused' },
      },
      lists: true,
    },
    { name: 'lbfgs', options: { optimizer: 'lbfgs', steps: 12, validation: 0.2 }, lists: false },
    { name: 'lbfgs, rows of their own', options: { optimizer: 'lbfgs', steps: 12 }, lists: true },
  ])('is so many fits of their own, and leaves no bytes: $name', async ({ options, lists }) => {
    const table = lists ? seeds.map(seed => toySamples(100, 10 + seed)) : samples
    const population = KAN.population({ ...network, seeds })
    const before = (await engine.memory()).bytes
    const report = await population.fit(table, { ...options, engine })
    expect((await engine.memory()).bytes).toBe(before)
    expect(report).toMatchObject({ stop: 'done', failed: 0, waves: [4] })
    const allowed = tolerances({ ...PLAIN, width: [2, 3, 1], intervals: 3 })
    for (const m of [0, 1, 2, 3]) {
      const own = lists ? toySamples(100, 10 + m) : samples
      const { learningRate, lambda, ...shared } = options
      const numberOf = (value: number | ArrayLike<number>): number =>
        typeof value === 'number' ? value : value[m]!
      const kan = new KAN({ ...network, seed: seeds[m]! })
      const alone = await kan.fit(own, {
        ...(shared as object),
        ...(learningRate === undefined ? {} : { learningRate: numberOf(learningRate) }),
        ...(lambda === undefined ? {} : { lambda: numberOf(lambda) }),
        engine,
        seed: 0,
        restarts: 1,
      })
      // As starts side by side are (fit.test.ts): the same sums, in float32.
      const { losses, best } = report.members[m]!
      alone.losses.forEach((loss, t) => expect(Math.abs(losses[t]! / loss - 1)).toBeLessThan(allowed.loss))
      expect(Math.abs(best.loss / alone.best.loss - 1)).toBeLessThan(allowed.loss)
    }
  })

  test.each([
    ['the same rows', false],
    ['rows of their own', true],
  ] as const)('reports losses and statistics of %s', async (_, lists) => {
    const population = KAN.population({ ...network, seeds })
    const tables = seeds.map(seed => (lists ? toySamples(100, 10 + seed) : samples))
    const options = { learningRate: 0.02, steps: 25, engine }
    const { members } = await population.fit(lists ? tables : samples, options)
    const allowed = tolerances({ ...PLAIN, width: [2, 3, 1], intervals: 3 })
    for (const [m, member] of population.members.entries()) {
      const { loss } = await member.evaluate(tables[m]!)
      expect(Math.abs(members[m]!.best.loss / loss - 1)).toBeLessThan(allowed.loss)
      const reported = edgeNorms(member)
      await member.calibrate(tables[m]!.x)
      expect(relativeError(reported, edgeNorms(member))).toBeLessThan(allowed.edges)
    }
  })

  test('predicts as the members do on the CPU', async () => {
    const population = KAN.population({ ...network, seeds: 5 })
    await population.fit(samples, { steps: 30, learningRate: 0.02 })
    const x = toySamples(300, 4).x
    const options = { quantiles: [0.1, 0.5], members: true }
    const expected = await population.predict(x, options)
    const actual = await population.predict(x, { ...options, engine })
    const { outputs } = tolerances({ ...PLAIN, width: [2, 3, 1], intervals: 3 })
    // In the table's units: the error of an output in the network's, relative to the largest, times the scale.
    const { shift, scale } = population.members[0]!.scaling!.output
    const near = (a: Float64Array, b: Float64Array, factor = 1): void => {
      const largest = b.reduce((most, value) => Math.max(most, Math.abs((value - shift[0]!) / scale[0]!)), 0)
      a.forEach((value, p) =>
        expect(Math.abs(value - b[p]!) / scale[0]!).toBeLessThan(factor * outputs * Math.max(1, largest)),
      )
    }
    actual.members.forEach((own, m) => near(own, expected.members[m]!))
    near(actual.mean, expected.mean)
    actual.quantiles.forEach((own, n) => near(own, expected.quantiles[n]!))
    // The root of the mean of squared differences moves by no more than twice what each moves.
    near(actual.deviation, expected.deviation, 2)
  })

  test('trains in waves where the device has no room', async () => {
    const whole = KAN.population({ ...network, seeds: 9 })
    const options = { steps: 20, learningRate: 0.02 }
    const expected = await whole.fit(samples, { ...options, engine })
    const parts = KAN.population({ ...network, seeds: 9 })
    const narrow = {
      ...engine,
      description: engine.description,
      memory: () => engine.memory(),
      destroy: () => engine.destroy(),
      [Symbol.asyncDispose]: () => engine.destroy(),
      open: (plan: Parameters<typeof engine.open>[0]) =>
        // Lets four pass, and asks for a binding that no device has with more.
        engine.open(plan.models > 4 ? { ...plan, models: 60000, rows: 10000, batch: 10000 } : plan),
    }
    const allowed = tolerances({ ...PLAIN, width: [2, 3, 1], intervals: 3 })
    const report = await parts.fit(samples, { ...options, engine: narrow })
    expect(report.waves).toEqual([3, 3, 3])
    report.members.forEach(({ best }, m) =>
      expect(Math.abs(best.loss / expected.members[m]!.best.loss - 1)).toBeLessThan(allowed.loss),
    )
  })
})
