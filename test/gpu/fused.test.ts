import { describe, expect, it } from 'vitest'
import type { Plan, TrainingState } from '../../src/engine/engine.ts'
import { randomNetwork, randomRows, shapesOf, trainableGroups } from '../../src/engine/parity/cases.ts'
import type { ParityCase } from '../../src/engine/parity/cases.ts'
import { compareFused } from '../../src/engine/parity/fused.ts'
import { trialPlan } from '../../src/engine/parity/trial.ts'
import { ConfigError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { createLayout } from '../../src/model/shape.ts'
import { Random } from '../../src/random.ts'
import { PLAIN } from './plain.ts'
import { bothEngines } from './require.ts'

const BY_DEFAULT = trainableGroups('cb')

function planOf(test: ParityCase, changes: Partial<Plan> = {}): Plan {
  return trialPlan(test, shapesOf(test), { kernels: { steps: 'fused' }, ...changes })
}

/** Cases on and beside every boundary of the fused kernel. */
const CASES: readonly (readonly [string, ParityCase])[] = [
  ['one row, one edge', { ...PLAIN, width: [1, 1], rows: 1, batch: 1 }],
  [
    'one thread more than rows, three layers',
    { ...PLAIN, width: [1, 1, 1, 1], intervals: 1, rows: 63, batch: 63 },
  ],
  ['rows for each thread more than once', { ...PLAIN, rows: 513, batch: 513, trainable: BY_DEFAULT }],
  ['mini-batches of own rows', { ...PLAIN, rows: 300, batch: 129, models: 3, ownRows: true, loss: 'huber' }],
  ['more jobs than columns', { ...PLAIN, width: [4, 8, 8, 1], rows: 129, batch: 64, uniform: false }],
  [
    'more bases than a thread has rows',
    { ...PLAIN, width: [2, 3, 2], intervals: 60, degree: 1, rows: 90, batch: 90 },
  ],
  [
    'the widest layer',
    { ...PLAIN, width: [32, 1], intervals: 3, rows: 70, batch: 33, trainable: trainableGroups('bn') },
  ],
]

describe('fused steps against the float64 CPU engine', () => {
  const both = bothEngines()

  it.each(CASES)('%s', async (_, test) => {
    const session = await both.gpu.open(planOf(test))
    expect(session.kernels).toMatchObject({ steps: 'fused' })
    await session.close()
    expect(await compareFused(both.gpu, both.cpu, test)).toMatchObject({ passed: true })
  })
})

describe('fused steps', () => {
  const both = bothEngines()
  const test: ParityCase = { ...PLAIN, width: [3, 4, 2], rows: 90, batch: 40, models: 3 }

  /** What runs of so many steps one after another leave, and their losses. */
  async function train(
    plan: Plan,
    runs: readonly number[],
  ): Promise<{ losses: number[]; state: TrainingState }> {
    const session = await both.gpu.open(plan)
    const random = new Random(3)
    await session.upload({
      ...randomNetwork(random, createLayout(plan.layers), test),
      training: randomRows(random, test, plan.rows),
      validation: randomRows(random, test, plan.validationRows),
      learningRate: Float64Array.of(0.01, 0.02, 0),
    })
    const losses: number[] = []
    for (const steps of runs) losses.push(...(await session.run(steps)).losses)
    const state = await session.read()
    await session.close()
    return { losses, state }
  }

  it('give the same bits however they are cut into dispatches', async () => {
    const plan = planOf(test, { validationRows: 0, evaluateEvery: 3, patience: 4 })
    const whole = await train(plan, [40])
    expect(await train(plan, [1, 2, 36, 1])).toEqual(whole)
    // Without a rate nothing betters the first evaluation.
    expect([...whole.state.best.stopped]).toEqual([0, 0, 1])
  })

  it('are refused where one workgroup does not do, with what it needs, and are passes where nobody asks', async () => {
    const adam = planOf(test)
    const none = { metric: 'paper', l1: 1, entropy: 1, coef: 0, coefdiff: 0 } as const
    for (const changes of [
      { optimizer: { kind: 'lbfgs' }, batch: 90 },
      { penalty: none },
      { validationRows: 10 ** 5 },
      { layers: adam.layers.map((layer, l) => ({ ...layer, degree: 2 + l })) },
      { layers: adam.layers.map(layer => ({ ...layer, intervals: 100 })) },
    ] as const) {
      const plan: Plan = { ...adam, ...changes }
      const refused = both.gpu.open(plan)
      await expect(refused).rejects.toThrow(ConfigError)
      await expect(refused).rejects.toThrow(
        /^kernels\.steps is 'fused', and steps of 3 networks \[3, 4, 2\] on \d+ rows with/,
      )
      const session = await both.gpu.open({ ...plan, kernels: {} })
      expect(session.kernels['steps']).toBe('passes')
      await session.close()
    }
    const products: ParityCase = { ...test, width: [3, 3, 2], products: [[2]] }
    const multiplied: Plan = { ...adam, layers: shapesOf(products) }
    await expect(both.gpu.open(multiplied)).rejects.toThrow(
      /^kernels\.steps is 'fused', and steps of 3 networks \[3, \[2, 1\], 2\] on .* all of them sums/,
    )
    // A session that only predicts takes no steps.
    const predicts = await both.gpu.open({ ...adam, rows: 0 })
    expect(predicts.kernels['steps']).toBe('passes')
    await predicts.close()
  })

  it('are refused before training where a finer grid does not fit', async () => {
    const x = Array.from({ length: 20 }, (_, r) => [r / 10 - 1])
    const kan = new KAN({ width: [1, 2, 1], grid: 3 })
    const before = kan.parameters.slice()
    const kernels = { steps: 'fused' }
    const run = kan.fit(
      { x, y: x },
      { engine: both.gpu, optimizer: 'adam', steps: 5, refine: [5, 400], kernels },
    )
    await expect(run).rejects.toThrow(
      /^kernels\.steps is 'fused', and steps of one network \[1, 2, 1\] on 20 rows/,
    )
    expect(kan.parameters).toEqual(before)
    const report = await kan.fit(
      { x, y: x },
      { engine: both.gpu, optimizer: 'adam', steps: 5, refine: [5], kernels },
    )
    expect(report.kernels).toMatchObject(kernels)
  })
})
