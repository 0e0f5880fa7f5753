import { describe, expect, test } from 'vitest'
import { createCpuEngine } from '../../../src/engine/cpu/engine.ts'
import { OutOfMemoryError } from '../../../src/errors.ts'
import type { KANOptions } from '../../../src/model/config.ts'
import { KAN } from '../../../src/kan.ts'
import { startSeeds } from '../../../src/model/initialize.ts'
import type { FitOptions, FitReport, Samples } from '../../../src/train/options.ts'
import type { MemberReport, PopulationFitOptions } from '../../../src/train/population/options.ts'
import { toyClasses, toySamples } from '../toy.ts'

const network = { width: [2, 3, 1], grid: 3 } as const
const seeds = [3, 0, 7]
const samples = toySamples(60)
/** Bootstrap samples of these: other rows for each member. */
const own = seeds.map(seed => toySamples(60, 10 + seed))

/** A fit of its own of the network with the seed; the shuffle and the split are those of the population, of its first member. */
async function alone(
  seed: number,
  table: Samples,
  options: FitOptions,
  shape: KANOptions = network,
): Promise<{ kan: KAN; report: FitReport }> {
  const kan = new KAN({ ...shape, seed })
  return { kan, report: await kan.fit(table, { ...options, seed: seeds[0]!, restarts: 1 }) }
}

/** The member is what the fit of its own left, and its report says the same, bit for bit. */
function expectSame(member: KAN, own: MemberReport, { kan, report }: { kan: KAN; report: FitReport }): void {
  expect(member).toEqual(kan)
  expect(own.best).toEqual(report.best)
  expect(own.stop).toBe(report.stop)
  expect(own.steps).toBe(report.steps)
  expect(own.losses).toEqual(report.losses)
  expect(own.evaluations).toEqual(report.evaluations)
  expect(own.functionEvaluations).toBe(report.functionEvaluations)
}

const runs: { name: string; options: FitOptions }[] = [
  {
    name: 'adam on mini-batches, rows held out, until patience ends',
    options: {
      steps: 300,
      learningRate: 0.2,
      batch: 16,
      validation: 0.2,
      patience: 4,
      evaluateEvery: 3,
    },
  },
  { name: 'adam, fewer steps than to the first evaluation', options: { steps: 4, learningRate: 0.01 } },
  {
    name: 'adam with a penalty, fewer steps than to the first evaluation',
    options: { steps: 4, learningRate: 0.01, lambda: 0.01, batch: 16, validation: 0.2 },
  },
  {
    name: 'adam, grids that move',
    options: { steps: 30, learningRate: 0.02, lambda: 0.001, gridUpdate: { every: 5 } },
  },
  { name: 'lbfgs', options: { optimizer: 'lbfgs', steps: 25, validation: 0.2 } },
  { name: 'lm', options: { optimizer: 'lm', steps: 12 } },
  {
    name: 'lm that ends at a minimum',
    options: { optimizer: 'lm', steps: 80, patience: 3, validation: 0.4 },
  },
]

describe.each(runs)('members equal fits of their own: $name', ({ options }) => {
  test('on the same samples', async () => {
    const population = KAN.population({ ...network, seeds })
    const report = await population.fit(samples, options)
    const expected = await Promise.all(seeds.map(seed => alone(seed, samples, options)))
    expected.forEach((one, m) => expectSame(population.members[m]!, report.members[m]!, one))
    // The test is worth something only where the members differ.
    expect(new Set(expected.map(({ report: { best } }) => best.loss)).size).toBe(3)
    expect(report.order).toEqual(
      [0, 1, 2].toSorted((a, b) => expected[a]!.report.best.loss - expected[b]!.report.best.loss),
    )
    expect(population.best()).toBe(population.members[report.order[0]!])
    expect(report.functionEvaluations).toBeGreaterThanOrEqual(
      Math.max(...expected.map(one => one.report.functionEvaluations)),
    )
  })

  test('each on samples of its own', async () => {
    const population = KAN.population({ ...network, seeds })
    const report = await population.fit(own, options)
    const expected = await Promise.all(seeds.map((seed, m) => alone(seed, own[m]!, options)))
    expected.forEach((one, m) => expectSame(population.members[m]!, report.members[m]!, one))
    expect(population.members[0]!.scaling).not.toEqual(population.members[1]!.scaling)
  })
})

test('each with a learning rate and a lambda of its own', async () => {
  const population = KAN.population({ ...network, seeds: [0, 0, 0] })
  const learningRate = [0.01, 0.05, 0.05]
  const lambda = Float64Array.of(0.001, 0.001, 0)
  const { members } = await population.fit(samples, { learningRate, lambda, steps: 40 })
  for (const m of [0, 1, 2]) {
    const kan = new KAN({ ...network, seed: 0 })
    const options = { learningRate: learningRate[m]!, lambda: lambda[m]!, steps: 40 }
    const report = await kan.fit(samples, options)
    expect(members[m]).toMatchObject({ seed: 0, learningRate: learningRate[m], lambda: lambda[m] })
    expectSame(population.members[m]!, members[m]!, { kan, report })
  }
})

test('with validation samples of their own, as folds have', async () => {
  const folds = seeds.map((_, m) => toySamples(15, 30 + m))
  const population = KAN.population({ ...network, seeds })
  const options = { learningRate: 0.05, steps: 40 }
  const report = await population.fit(samples, { ...options, validation: folds })
  const expected = await Promise.all(
    seeds.map((seed, m) => alone(seed, samples, { ...options, validation: folds[m]! })),
  )
  expected.forEach((one, m) => expectSame(population.members[m]!, report.members[m]!, one))
})

test('a classification, weighted, and fitted on: members keep the scalings they have', async () => {
  const shape = { width: [2, 4, 3], grid: 3 } as const
  const table = toyClasses(90)
  const options: FitOptions = {
    loss: 'cross-entropy',
    classWeights: 'balanced',
    learningRate: 0.02,
    steps: 20,
  }
  const population = KAN.population({ ...shape, seeds })
  const lists = seeds.map(seed => toyClasses(90, 50 + seed))
  await population.fit(lists, options)
  const expected = await Promise.all(seeds.map((seed, m) => alone(seed, lists[m]!, options, shape)))
  expected.forEach(({ kan }, m) => expect(population.members[m]).toEqual(kan))
  // The same samples for all now, which each sees by its own scaling.
  const report = await population.fit(table, options)
  for (const [m, { kan }] of expected.entries()) {
    const again = await kan.fit(table, { ...options, seed: seeds[0]! })
    expectSame(population.members[m]!, report.members[m]!, { kan, report: again })
  }
})

describe('waves', () => {
  /** The least limit with which so many members fit, and not one more. */
  async function limitFor(members: number, options: PopulationFitOptions): Promise<number> {
    const engine = createCpuEngine()
    const part = KAN.population({ ...network, seeds: members })
    await part.fit(samples, { ...options, engine })
    return (await engine.memory()).peak
  }

  test.each<{ name: string; options: PopulationFitOptions; lists: boolean }>([
    { name: 'adam', options: { learningRate: 0.05, steps: 30, batch: 20, validation: 0.2 }, lists: false },
    { name: 'lbfgs', options: { optimizer: 'lbfgs', steps: 15 }, lists: false },
    { name: 'rows of their own', options: { learningRate: 0.05, steps: 30, validation: 0.2 }, lists: true },
  ])('give what no waves give, bit for bit: $name', async ({ options, lists }) => {
    const count = 7
    const table = lists ? Array.from({ length: count }, (_, m) => toySamples(60, m)) : samples
    const whole = KAN.population({ ...network, seeds: count })
    const expected = await whole.fit(table, options)
    expect(expected.waves).toEqual([7])
    const limit = await limitFor(2, options)
    const engine = createCpuEngine({ memoryLimit: limit })
    const parts = KAN.population({ ...network, seeds: count })
    const report = await parts.fit(table, { ...options, engine })
    expect(report.waves).toEqual(lists ? [1, 1, 1, 1, 1, 1, 1] : [2, 2, 2, 1])
    expect(parts).toEqual(whole)
    expect({ ...report, waves: 0, seconds: 0, steps: 0, readbacks: 0 }).toEqual({
      ...expected,
      waves: 0,
      seconds: 0,
      steps: 0,
      readbacks: 0,
    })
    expect((await engine.memory()).bytes).toBe(0)
    const x = toySamples(9, 5).x
    expect(await parts.predict(x, { engine })).toEqual(await whole.predict(x))
  })

  test('end where a single member does not fit', async () => {
    const population = KAN.population({ ...network, seeds: 4 })
    const untouched = population.members.map(member => member.copy())
    const run = population.fit(samples, { engine: createCpuEngine({ memoryLimit: 1000 }) })
    await expect(run).rejects.toThrow(OutOfMemoryError)
    expect(population.members).toEqual(untouched)
  })
})

test('seeds: so many as restarts would have, or those that are listed', () => {
  const seedsOf = (...args: Parameters<typeof KAN.population>): number[] =>
    KAN.population(...args).members.map(({ config }) => config.seed)
  expect(seedsOf({ ...network, seed: 5, seeds: 4 })).toEqual([5, ...startSeeds(5, 3)])
  expect(seedsOf({ ...network, seeds: [4, 4, 1] })).toEqual([4, 4, 1])
})
