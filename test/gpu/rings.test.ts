import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Engine, Plan, Progress } from '../../src/engine/engine.ts'
import { STOPPED } from '../../src/engine/engine.ts'
import { RING } from '../../src/engine/webgpu/buffers.ts'
import { openLbfgs } from '../engine/suite/lbfgs.ts'
import { requireGpuEngine } from './require.ts'

// A ring of losses holds 1024 steps, and L-BFGS stalls in float32 before it has done so many: here rings are shorter.
vi.mock('../../src/engine/webgpu/buffers.ts', async original => ({ ...(await original<object>()), RING: 8 }))

const OPTIMIZERS: readonly Plan['optimizer'][] = [
  { kind: 'lbfgs' },
  { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
]

describe('runs longer than a ring', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await requireGpuEngine()
  })
  afterAll(() => engine.destroy())

  it.each(OPTIMIZERS)('say what single steps say: $kind', async optimizer => {
    expect(RING).toBe(8)
    const open = async () => {
      const changes = { optimizer, validationRows: 70, evaluateEvery: 3, patience: 2 }
      const session = await openLbfgs(engine, [1, 2, 3], changes)
      const { best, ...state } = await session.read()
      // One model is out of patience after six steps.
      const loss = Float64Array.of(Infinity, 0, Infinity)
      await session.upload({
        state: { ...state, best: { ...best, loss } },
        learningRate: Float64Array.of(0.01, 0.01, 0.01),
      })
      return session
    }
    const whole = await (await open()).run(29)
    const single = await open()
    const parts: Progress[] = []
    for (let step = 0; step < 29; step++) parts.push(await single.run(1))
    expect(whole.stopped[1]).toBe(STOPPED.patience)
    expect(whole.evaluationSteps).toHaveLength(9)
    const series = ({ losses, evaluationSteps, evaluationLosses }: Progress): number[][] => [
      [...losses],
      [...evaluationSteps],
      [...evaluationLosses],
    ]
    const singles = parts.map(series)
    expect(series(whole)).toEqual([0, 1, 2].map(n => singles.flatMap(each => each[n]!)))
    const end = ({ step, bestLoss, bestStep, stopped, functionEvaluations }: Progress) => ({
      step,
      models: [bestLoss, bestStep, stopped, functionEvaluations],
    })
    expect(end(whole)).toEqual(end(parts.at(-1)!))
  })
})
