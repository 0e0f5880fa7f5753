import { describe, expect, test } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Engine, Plan } from '../../src/engine/engine.ts'
import { KAN } from '../../src/kan.ts'
import { suitsLevenberg } from '../../src/train/optimizer.ts'
import type { FitOptions } from '../../src/train/options.ts'
import { toyClasses, toySamples } from './toy.ts'

const small = toySamples(30)

/** An engine that notes the plan it is asked for, and goes no further. */
function asked(kind: 'webgpu' | 'cpu'): { engine: Engine; plan: () => Plan | undefined } {
  const cpu = createCpuEngine()
  let plan: Plan | undefined
  const engine: Engine = {
    description: { ...cpu.description, kind },
    open(wanted) {
      plan = wanted
      return Promise.reject(new Error('far enough'))
    },
    memory: () => cpu.memory(),
    destroy: () => cpu.destroy(),
    [Symbol.asyncDispose]: () => cpu.destroy(),
  }
  return { engine, plan: () => plan }
}

async function planOf(
  kan: KAN,
  options: FitOptions,
  kind: 'webgpu' | 'cpu' = 'cpu',
  samples = small,
): Promise<Plan> {
  const { engine, plan } = asked(kind)
  await expect(kan.fit(samples, { ...options, engine })).rejects.toThrow('far enough')
  return plan()!
}

describe("optimizer 'auto'", () => {
  const kan = new KAN({ width: [2, 5, 1] })
  test.each<[string, FitOptions, 'webgpu' | 'cpu', string]>([
    ['a small network on the CPU', {}, 'cpu', 'lm'],
    ['a GPU', {}, 'webgpu', 'adam'],
    ['a learning rate', { learningRate: 0.01 }, 'cpu', 'adam'],
    ['settings of Adam', { adam: { beta1: 0.8 } }, 'cpu', 'adam'],
    ['mini-batches', { batch: 10 }, 'cpu', 'adam'],
    // 15 edges of 3 + 50 coefficients and a base scale: 810; with 70 intervals 1110.
    ['a fine last grid', { refine: [50] }, 'cpu', 'lm'],
    ['a last grid that is too fine', { refine: [70, 50] }, 'cpu', 'adam'],
    ["'lbfgs', named", { optimizer: 'lbfgs' }, 'webgpu', 'lbfgs'],
    ["'lm', named", { optimizer: 'lm', refine: [70] }, 'cpu', 'lm'],
  ])('%s', async (_, options, engine, kind) => {
    expect((await planOf(kan, options, engine)).optimizer.kind).toBe(kind)
  })

  test('steps, evaluations and batch go with it', async () => {
    const { evaluateEvery, batch } = await planOf(kan, { optimizer: 'lbfgs' })
    expect([evaluateEvery, batch]).toEqual([1, 30])
    expect((await planOf(kan, { optimizer: 'adam' })).evaluateEvery).toBe(10)
    const run = kan.copy().fit(small, { progressEvery: 0 })
    for await (const { steps } of run) {
      expect(steps).toBe(50)
      break
    }
  })

  test('up to a thousand parameters, and to a third of a second a step', () => {
    const suits = (width: readonly number[], rows: number): boolean => {
      const { layout, config } = new KAN({ width, grid: 3 })
      return suitsLevenberg({ layout, trainable: config.trainable, rows, engine: 'cpu' })
    }
    // 7 parameters an edge: 142 edges have 994, and 142 * 5 entries in a row of the Jacobian: 252050 multiply-adds a row.
    expect([suits([142, 1], 500), suits([143, 1], 500), suits([142, 1], 1000)]).toEqual([true, false, false])
    expect([suits([5, 5, 1], 20_000), suits([5, 5, 1], 40_000)]).toEqual([true, false])
  })

  test('a resumed run goes on with its own', async () => {
    const first = kan.copy()
    const { checkpoint, optimizer } = await first.fit(small, { optimizer: 'adam', steps: 5 })
    expect(optimizer).toBe('adam')
    expect((await first.fit(small, { steps: 10, resume: checkpoint })).optimizer).toBe('adam')
  })

  test('also for classes', async () => {
    const classes = new KAN({ width: [2, 3] })
    const plan = await planOf(classes, { loss: 'cross-entropy' }, 'cpu', toyClasses(30))
    expect(plan.optimizer.kind).toBe('lm')
  })
})
