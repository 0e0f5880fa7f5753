import { describe, expect, test } from 'vitest'
import { createCpuEngine } from '../../../src/engine/cpu/engine.ts'
import type { Engine, Session } from '../../../src/engine/engine.ts'
import {
  ConfigError,
  DeviceLostError,
  NonFiniteError,
  OutOfMemoryError,
  ShapeError,
} from '../../../src/errors.ts'
import { KAN } from '../../../src/kan.ts'
import { Population } from '../../../src/population.ts'
import type { PopulationProgress } from '../../../src/train/population/options.ts'
import { toySamples, wrappedEngine } from '../toy.ts'

const network = { width: [2, 3, 1], grid: 3 } as const
const samples = toySamples(50)

/** Makes the parameters of some models of a session NaN at the first upload. */
function poisoned(session: Session, bad: readonly number[]): Partial<Session> {
  let first = true
  return {
    upload: contents => {
      const { parameters } = contents
      if (!first || !parameters) return session.upload(contents)
      first = false
      const size = parameters.length / session.plan.models
      return session.upload({
        ...contents,
        parameters: parameters.map((value, p) => (bad.includes(Math.floor(p / size)) ? NaN : value)),
      })
    },
  }
}

describe('members that fail', () => {
  test.each(['lm', 'lbfgs', 'adam'] as const)(
    'are reported, never chosen, and not asked: %s',
    async optimizer => {
      const options = { optimizer, steps: 12 }
      const whole = KAN.population({ ...network, seeds: 3 })
      const expected = await whole.fit(samples, options)
      const worst = expected.order.at(-1)!
      const population = KAN.population({ ...network, seeds: 3 })
      const before = population.members[expected.order[0]!]!.copy()
      const engine = wrappedEngine(session => poisoned(session, [expected.order[0]!]))
      const report = await population.fit(samples, { ...options, engine })
      expect(report.failed).toBe(1)
      expect(report.order).toEqual(expected.order.slice(1))
      expect(report.members[expected.order[0]!]).toMatchObject({ stop: 'failed', best: { loss: NaN } })
      expect(population.members[expected.order[0]!]).toEqual(before)
      expect(population.best()).toEqual(whole.members[expected.order[1]!])
      expect(report.spread.worst).toBe(expected.members[worst]!.best.loss)
      const { numbers } = await population.predict(samples.x)
      expect(numbers).toEqual(expected.order.slice(1).toSorted((a, b) => a - b))
    },
  )

  test('all of them: the run fails, and says with which learning rate', async () => {
    const population = KAN.population({ ...network, seeds: 2 })
    const initial = population.members.map(member => member.copy())
    const engine = wrappedEngine(session => poisoned(session, [0, 1]))
    const run = population.fit(samples, { engine, learningRate: [0.1, 0.5] })
    await expect(run).rejects.toThrow(NonFiniteError)
    await expect(run).rejects.toThrow(/NaN at step 1, the last of 2 members with learning rate 0\.5\. Lower/)
    expect(population.members).toEqual(initial)
    expect((await engine.memory()).bytes).toBe(0)
    expect(() => population.best()).toThrow(/All members failed/)
    await expect(population.predict(samples.x)).rejects.toThrow(/All members failed .*smaller learningRate/)
  })
})

test('a device that is lost in the second wave leaves the first what it has learned', async () => {
  const probe = createCpuEngine()
  const options = { learningRate: 0.05, steps: 10 }
  await KAN.population({ ...network, seeds: 2 }).fit(samples, { ...options, engine: probe })
  const inner = createCpuEngine({ memoryLimit: (await probe.memory()).peak })
  let opened = 0
  const engine = wrappedEngine((session, plan) => {
    opened += plan.models === 2 ? 1 : 0
    const lost = opened === 2
    return { run: steps => (lost ? Promise.reject(new DeviceLostError('gone.')) : session.run(steps)) }
  }, inner)
  const population = KAN.population({ ...network, seeds: 4 })
  const initial = population.members.map(member => member.copy())
  const whole = KAN.population({ ...network, seeds: 4 })
  await whole.fit(samples, options)
  await expect(population.fit(samples, { ...options, engine })).rejects.toThrow(
    /gone\. The first 2 members hold what they have learned, the others the weights they had/,
  )
  expect(population.members.slice(0, 2)).toEqual(whole.members.slice(0, 2))
  expect(population.members.slice(2)).toEqual(initial.slice(2))
  expect((await inner.memory()).bytes).toBe(0)
  expect(() => population.best()).toThrow(ConfigError)
})

test('rows of their own are looked at in the session of all where there is no room for another', async () => {
  const lists = [0, 1, 2].map(seed => toySamples(50, seed))
  const options = { learningRate: 0.05, lambda: 0.01, steps: 4, validation: 0.2 }
  const whole = KAN.population({ ...network, seeds: 3 })
  const expected = await whole.fit(lists, options)
  const roomy = createCpuEngine()
  const full: Engine = {
    ...roomy,
    description: roomy.description,
    memory: () => roomy.memory(),
    destroy: () => roomy.destroy(),
    [Symbol.asyncDispose]: () => roomy.destroy(),
    open: plan => (plan.rows === 0 ? Promise.reject(new OutOfMemoryError('full')) : roomy.open(plan)),
  }
  const population = KAN.population({ ...network, seeds: 3 })
  const report = await population.fit(lists, { ...options, engine: full })
  expect(report.members).toEqual(expected.members)
  expect(population).toEqual(whole)
})

describe('progress', () => {
  test('has the best evaluations so far, where they climb again too', async () => {
    const population = KAN.population({ ...network, seeds: 3 })
    const options = { learningRate: 0.5, steps: 120, validation: 0.2, evaluateEvery: 2, progressEvery: 0 }
    const run = population.fit(samples, options)
    const seen: PopulationProgress[] = []
    for await (const progress of run) seen.push(progress)
    const { spread } = await run
    expect(seen.at(-1)!.best).toEqual(spread)
    // The test is worth something only where the last evaluations are worse.
    expect(seen.at(-1)!.evaluation!.median).toBeGreaterThan(spread.median)
  })

  test('has the losses of all members, and their spread', async () => {
    const population = KAN.population({ ...network, seeds: 5 })
    const options = { learningRate: 0.05, steps: 20, evaluateEvery: 5, progressEvery: 0 }
    const run = population.fit(samples, options)
    const seen: PopulationProgress[] = []
    for await (const progress of run) seen.push(progress)
    const { members, steps } = await run
    expect(steps).toBe(20)
    expect(seen.at(-1)!.step).toBe(20)
    for (const { step, losses, loss, evaluation, evaluations } of seen) {
      const now = members.map(own => own.losses[step - 1]!)
      expect([...losses]).toEqual(now)
      const ascending = now.toSorted((a, b) => a - b)
      expect(loss).toEqual({ best: ascending[0], median: ascending[2], worst: ascending[4] })
      const judged = members.map(own => own.evaluations[Math.floor(step / 5) - 1]?.loss ?? NaN)
      expect([...evaluations]).toEqual(judged)
      expect(evaluation?.best).toBe(step < 5 ? undefined : Math.min(...judged))
    }
    expect(new Set(seen.map(({ step }) => step)).size).toBe(seen.length)
  })

  test('goes through the waves', async () => {
    const probe = createCpuEngine()
    const options = { learningRate: 0.05, steps: 10, progressEvery: 0 }
    await KAN.population({ ...network, seeds: 2 }).fit(samples, { ...options, engine: probe })
    const engine = createCpuEngine({ memoryLimit: (await probe.memory()).peak })
    const run = KAN.population({ ...network, seeds: 4 }).fit(samples, { ...options, engine })
    const seen: PopulationProgress[] = []
    for await (const progress of run) seen.push(progress)
    const { waves, steps } = await run
    expect([waves, steps]).toEqual([[2, 2], 20])
    const first = seen.filter(({ wave }) => wave === 1)
    expect(first.every(({ losses }) => Number.isNaN(losses[2]!) && !Number.isNaN(losses[1]!))).toBe(true)
    expect(seen.at(-1)).toMatchObject({ step: 20, steps: 20, wave: 2, waves: 2 })
    expect(seen.at(-1)!.losses.every(Number.isFinite)).toBe(true)
  })

  test('an abort ends it, with the best weights so far; waves that had not begun are as they were', async () => {
    const probe = createCpuEngine()
    const options = { learningRate: 0.05, steps: 1000, evaluateEvery: 1, progressEvery: 0 }
    await KAN.population({ ...network, seeds: 2 }).fit(samples, { ...options, steps: 1, engine: probe })
    const engine = createCpuEngine({ memoryLimit: (await probe.memory()).peak })
    const population = KAN.population({ ...network, seeds: 4 })
    const initial = population.members.map(member => member.copy())
    const run = population.fit(samples, { ...options, engine })
    for await (const { step } of run) if (step >= 3) break
    const report = await run
    expect(report.stop).toBe('aborted')
    expect(report.members.map(({ stop }) => stop)).toEqual(['aborted', 'aborted', 'aborted', 'aborted'])
    expect(report.order.toSorted((a, b) => a - b)).toEqual([0, 1])
    expect(report.waves).toEqual([2])
    for (const m of [0, 1]) {
      const { loss } = await population.members[m]!.evaluate(samples)
      // Sums in another order.
      expect(loss).toBeCloseTo(report.members[m]!.best.loss, 12)
    }
    expect(population.members.slice(2)).toEqual(initial.slice(2))
  })
})

describe('is refused', () => {
  const population = KAN.population({ ...network, seeds: 3 })

  test.each<[string, () => unknown, RegExp]>([
    ['no seeds', () => KAN.population({ ...network, seeds: 0 }), /seeds is 0; .* at least 1/],
    ['an empty list', () => KAN.population({ ...network, seeds: [] }), /seeds is an empty list/],
    ['a seed that is none', () => KAN.population({ ...network, seeds: [1, -2] }), /seeds\[1\] is -2/],
    ['an unknown option', () => KAN.population({ ...network, seeds: 2, grids: 3 } as never), /'grids'/],
    [
      'misspelt seeds',
      () => KAN.population({ ...network, sedes: 3 } as never),
      /KAN\.population has no option 'sedes'\. Did you mean 'seeds'/,
    ],
    [
      'seeds in words',
      () => KAN.population({ ...network, seeds: '8' as never }),
      /seeds is "8"; give a number/,
    ],
    [
      'seeds in an object',
      () => KAN.population({ ...network, seeds: { a: 1 } as never }),
      /seeds is \{"a":1\}/,
    ],
    [
      'seeds null',
      () => KAN.population({ ...network, seeds: null as never }),
      /seeds is null; give a number/,
    ],
    [
      'more members than there is room for',
      () => KAN.population({ ...network, seeds: 1e9 }),
      /seeds asks for 1000000000 members of 72 parameters each, 576000000000 bytes a copy; the limit is 131072 .*fewer seeds/,
    ],
    [
      'more parameters than there is room for',
      () => KAN.population({ width: [1000, 1000, 1], seeds: 60 }),
      /seeds asks for 60 members of 10010000 parameters each.*the limit is 53 such members/,
    ],
    ['options without seeds', () => KAN.population(network as never), /seeds/],
    ['no member', () => new Population([]), /at least one member/],
    [
      'another shape',
      () => new Population([new KAN(network), new KAN({ width: [2, 4, 1] })]),
      /Member 1 has width \[2, 4, 1\] and member 0 width \[2, 3, 1\]/,
    ],
    ['a model twice', () => new Population([population.members[0]!, population.members[0]!]), /twice/],
    ['the best before a fit', () => KAN.population({ ...network, seeds: 2 }).best(), /await population\.fit/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(message)
  })

  test.each<[string, object, RegExp]>([
    ['refine', { refine: [5] }, /refine is for a single network; .*population\.best\(\)\.copy\(\)\.fit/],
    ['restarts', { restarts: 3 }, /restarts is for a single network; .*more seeds/],
    ['resume', { resume: {} }, /resume is for a single network/],
    ['a list too short', { learningRate: [0.1, 0.2] }, /learningRate has 2 entries for 3 members/],
    ['a rate that is none', { learningRate: [0.1, 0, 0.1] }, /learningRate\[1\] is 0/],
    ['a lambda that is none', { lambda: [0, 0, -1] }, /lambda\[2\] is -1/],
    ['validation too short', { validation: [samples] }, /validation has 1 entry for 3 members/],
    [
      'an option that there is not',
      { sed: 1 },
      /^population\.fit has no option 'sed'((?!refine|restarts|resume).)*$/,
    ],
    ['a misspelt option', { learningrate: 0.1 }, /Did you mean 'learningRate'/],
    ['a rate beside lm', { optimizer: 'lm', learningRate: [0.1, 0.1, 0.1] }, /'lm' finds its own step/],
  ])('%s, as an option of fit', async (_, options, message) => {
    await expect(population.fit(samples, options)).rejects.toThrow(ConfigError)
    await expect(population.fit(samples, options)).rejects.toThrow(message)
  })

  test('samples that do not fit the members', async () => {
    const ragged = { x: [[1, 2, 3]], y: [1] }
    await expect(population.fit([samples, ragged, samples])).rejects.toThrow(
      /^Member 1: x: row 1 has 3 values/,
    )
    await expect(population.fit([samples, samples, {} as never])).rejects.toThrow(
      /^Member 2: The samples are/,
    )
    await expect(population.fit(samples, { validation: [samples, samples, ragged] })).rejects.toThrow(
      /^Member 2: validation\.x: row 1 has 3 values/,
    )
    await expect(population.fit(ragged)).rejects.toThrow(/^x: row 1 has 3 values/)
    await expect(population.fit([samples, samples])).rejects.toThrow(
      /The list of samples has 2 entries for 3 members/,
    )
    await expect(population.fit([])).rejects.toThrow(ConfigError)
    const uneven = [samples, samples, toySamples(49)]
    await expect(population.fit(uneven)).rejects.toThrow(ShapeError)
    await expect(population.fit(uneven)).rejects.toThrow(
      /Member 2 has 49 training rows, and member 0 has 50; .*weight 0/,
    )
    await expect(population.fit([samples, samples, { x: samples.x } as never])).rejects.toThrow(ShapeError)
  })

  test('members of several shapes, as one that was refined alone', async () => {
    const own = KAN.population({ ...network, seeds: 2 })
    await own.fit(samples, { learningRate: 0.05, steps: 5 })
    await own.members[1]!.fit(samples, { learningRate: 0.05, steps: 5, refine: [8] })
    expect(own.members[1]!.config.layers[0]!.intervals).toBe(8)
    await expect(own.fit(samples)).rejects.toThrow(ConfigError)
    await expect(own.fit(samples)).rejects.toThrow(
      /Member 1 has grid 8 and member 0 grid 3; .*new Population\(members\)/,
    )
    const { members } = await own.predict(samples.x, { members: true })
    expect(members).toEqual(await Promise.all(own.members.map(member => member.predict(samples.x))))
  })

  test('a second fit at the same time, of the population or of a member', async () => {
    const own = KAN.population({ ...network, seeds: 2 })
    const run = own.fit(samples, { steps: 20, learningRate: 0.1 })
    await expect(own.fit(samples)).rejects.toThrow(
      /Another fit is training this population, or its member 0; .*new Population/,
    )
    await expect(own.members[1]!.fit(samples)).rejects.toThrow(/Another fit is training/)
    await run
    await own.members[1]!.fit(samples, { steps: 1 })
  })
})
