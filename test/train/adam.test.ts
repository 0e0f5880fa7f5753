import { describe, expect, test } from 'vitest'
import type { OptimizerPlan, Plan } from '../../src/engine/engine.ts'
import { KAN } from '../../src/kan.ts'
import type { FitOptions, ScheduleName } from '../../src/train/options.ts'
import { toySamples, wrappedEngine } from './toy.ts'

/** The plan that fit makes of its options. */
async function planOf(options: FitOptions): Promise<Plan> {
  let plan: Plan | undefined
  const engine = wrappedEngine((_, asked) => {
    plan = asked
    return {}
  })
  await new KAN({ width: [2, 2, 1], grid: 3 }).fit(toySamples(20), { engine, steps: 8, ...options })
  await engine.destroy()
  return plan!
}

const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const

describe('the plan of Adam', () => {
  const cases: [FitOptions, OptimizerPlan][] = [
    [{ optimizer: 'adam' }, ADAM],
    [{ schedule: 'constant', adam: { weightDecay: 0 } }, ADAM],
    [{ schedule: 'cosine' }, { ...ADAM, schedule: { kind: 'cosine', steps: 8, floor: 0 } }],
    [{ schedule: 'exponential' }, { ...ADAM, schedule: { kind: 'exponential', steps: 8, floor: 0.01 } }],
    [
      { schedule: { kind: 'cosine', floor: 0.1 }, steps: 5 },
      { ...ADAM, schedule: { kind: 'cosine', steps: 5, floor: 0.1 } },
    ],
    [{ adam: { weightDecay: 0.01, clip: 1 } }, { ...ADAM, weightDecay: 0.01, clip: 1 }],
  ]
  // Exactly, with nothing beside it: a checkpoint of a run without options agrees with those of earlier versions.
  test.each(cases)('of %j', async (options, expected) => {
    expect((await planOf(options)).optimizer).toStrictEqual(expected)
  })

  test("Huber's delta is part of the plan, and only of his loss's", async () => {
    expect((await planOf({ loss: 'huber' })).huberDelta).toBe(1)
    expect((await planOf({ loss: 'huber', huberDelta: 0.2 })).huberDelta).toBe(0.2)
    expect(Object.hasOwn(await planOf({ loss: 'mae' }), 'huberDelta')).toBe(false)
  })
})

test('in mini-batches a falling rate ends where a constant one still jumps', async () => {
  const samples = toySamples(200)
  const options = { steps: 800, learningRate: 0.05, batch: 10 }
  const final = async (schedule: ScheduleName): Promise<number> => {
    const kan = new KAN({ width: [2, 5, 1], grid: 5 })
    const { evaluations } = await kan.fit(samples, { ...options, schedule })
    return evaluations.at(-1)!.loss
  }
  const constant = await final('constant')
  // Measured: 1.4e-2, 5.7e-5, 1.5e-4.
  expect(await final('cosine')).toBeLessThan(constant / 10)
  expect(await final('exponential')).toBeLessThan(constant / 10)
})
