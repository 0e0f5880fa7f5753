import { describe, expect, it } from 'vitest'
import { STOPPED } from '../../src/engine/engine.ts'
import type { Plan, Progress, Session } from '../../src/engine/engine.ts'
import { Model } from '../../src/model/model.ts'
import { concatenate } from '../engine/flat.ts'
import { openLbfgs, surface } from '../engine/suite/lbfgs.ts'
import { bothEngines } from './require.ts'

// What the 12 iterations of test/gpu/lbfgs.test.ts may differ by, for fewer iterations.
const ALLOWED = 4e-5

describe('a run of L-BFGS on the GPU and on the CPU', () => {
  const both = bothEngines()

  /** The same on both engines: counts are equal, losses alike. Returns what the GPU said. */
  const expectAlike = async (
    seeds: readonly number[],
    changes: Partial<Plan>,
    work: (session: Session) => Promise<Progress[]>,
  ): Promise<Progress[]> => {
    const all: Progress[][] = []
    for (const engine of [both.gpu, both.cpu]) {
      const session = await openLbfgs(engine, seeds, changes)
      all.push(await work(session))
      await session.close()
    }
    const [own, exact] = all
    const counts = ({ step, functionEvaluations, evaluationSteps, bestStep, stopped }: Progress) => ({
      step,
      functionEvaluations,
      evaluationSteps,
      bestStep,
      stopped,
    })
    expect(own!.map(counts)).toEqual(exact!.map(counts))
    exact!.forEach((expected, n) => {
      for (const name of ['losses', 'evaluationLosses', 'bestLoss'] as const) {
        const actual = own![n]![name]
        expect(actual).toHaveLength(expected[name].length)
        const errors = actual.map((value, p) =>
          value === expected[name][p] ? 0 : Math.abs(value / expected[name][p]! - 1),
        )
        expect({ name, part: n, worst: Math.max(0, ...errors) < ALLOWED }).toEqual({
          name,
          part: n,
          worst: true,
        })
      }
    })
    return own!
  }

  it.each([
    { metric: 'paper', validationRows: 0 },
    { metric: 'edge_forward_spline_n', validationRows: 70 },
  ] as const)('penalises alike: $metric', async ({ metric, validationRows }) => {
    const penalty = { metric, l1: 1, entropy: 2, coef: 0.5, coefdiff: 0.5 }
    const [progress] = await expectAlike(
      [1, 2, 3],
      { penalty, validationRows, evaluateEvery: 2 },
      async session => {
        await session.upload({ lambda: Float64Array.of(0.01, 0, 0.001) })
        return [await session.run(6)]
      },
    )
    // The penalty is part of what goes down.
    const { losses } = progress!
    expect(losses[0]! - losses[3 * 5]!).toBeGreaterThan(0)
    const plain = await openLbfgs(both.gpu, [1])
    expect(losses[0]).toBeGreaterThan(1.01 * (await plain.gradients()).loss[0]!)
  })

  it('starts anew with other rows, knots, masks and lambdas', async () => {
    const penalty = { metric: 'paper', l1: 1, entropy: 2, coef: 0, coefdiff: 0 } as const
    await expectAlike([1, 2], { penalty, evaluateEvery: 1 }, async session => {
      const parts = [await session.run(3)]
      const { parameters } = await session.read()
      await session.upload({ training: surface(200, 5) })
      parts.push(await session.run(3))
      await session.upload({ lambda: Float64Array.of(0.01, 0.001) })
      parts.push(await session.run(3))
      await session.upload({
        mask: new Float64Array(2 * 15).fill(1).map((one, e) => (e % 7 === 3 ? 0 : one)),
      })
      parts.push(await session.run(2))
      const { knots } = new Model({ width: [2, 5, 1], grid: 3, seed: 0 })
      const wide = knots.map(knot => Math.fround(1.5 * knot))
      await session.upload({ knots: concatenate([wide, wide]) })
      parts.push(await session.run(2))
      await session.upload({ parameters: parameters.map(value => 0.5 * value) })
      parts.push(await session.run(2))
      return parts
    })
  })

  it('runs out of patience on validation rows in chunks', async () => {
    // 2500 rows go through the network in three passes.
    const changes = { validationRows: 2500, evaluateEvery: 1, patience: 1 }
    const [progress] = await expectAlike([1, 2], changes, async session => {
      const noisy = surface(200, 1)
      const y = noisy.y.map((value, b) => Math.fround(value + Math.sin(1000 * b) / 2))
      await session.upload({ training: { ...noisy, y } })
      return [await session.run(12)]
    })
    expect([...progress!.stopped]).toContain(STOPPED.patience)
  })

  it('lets models go on beside one that has stopped, also when that was in an earlier run', async () => {
    const [first, second] = await expectAlike(
      [1, 2, 3],
      { validationRows: 70, evaluateEvery: 2 },
      async session => {
        // Without an edge nothing has a gradient.
        const mask = new Float64Array(3 * 15).fill(1).fill(0, 15, 30)
        await session.upload({ mask })
        return [await session.run(5), await session.run(5)]
      },
    )
    expect([...first!.stopped]).toEqual([0, STOPPED.stalled, 0])
    expect(first!.losses).toHaveLength(15)
    expect(second!.evaluationLosses).toHaveLength(9)
  })

  it('stalls at once where the loss is not finite, but a model that stopped before keeps its reason', async () => {
    const progress: Progress[] = []
    for (const engine of [both.gpu, both.cpu]) {
      const session = await openLbfgs(engine, [1, 2], { evaluateEvery: 1, patience: 1 })
      const { best, ...state } = await session.read()
      await session.upload({
        state: { ...state, best: { ...best, stopped: Float64Array.of(STOPPED.patience, 0) } },
      })
      await session.upload({ parameters: state.parameters.fill(1e300) })
      progress.push(await session.run(3))
    }
    for (const { stopped, step, functionEvaluations } of progress)
      expect({ step, stopped: [...stopped], evaluations: [...functionEvaluations] }).toEqual({
        step: 1,
        stopped: [STOPPED.patience, STOPPED.stalled],
        evaluations: [1, 1],
      })
  })

  it('trains 300 models side by side', async () => {
    const seeds = Array.from({ length: 300 }, (_, m) => m)
    await expectAlike(seeds, { evaluateEvery: 1 }, async session => [await session.run(1)])
  })

  it('need not ever evaluate', async () => {
    const session = await openLbfgs(both.gpu, [1], { evaluateEvery: Number.MAX_SAFE_INTEGER })
    const { evaluationSteps, losses } = await session.run(3)
    expect(evaluationSteps).toHaveLength(0)
    expect(losses).toHaveLength(3)
  })
})
