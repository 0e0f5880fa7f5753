import { describe, expect, test } from 'vitest'
import { createCpuEngine } from '../../../src/engine/cpu/engine.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { ConfigError, DeviceLostError, NonFiniteError, OutOfMemoryError } from '../../../src/errors.ts'
import { KAN } from '../../../src/kan.ts'
import type { PopulationProgress } from '../../../src/train/population/options.ts'
import { poisoned, toySamples, wrappedEngine } from '../toy.ts'

const network = { width: [2, 3, 1], grid: 3 } as const
const samples = toySamples(50)

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
