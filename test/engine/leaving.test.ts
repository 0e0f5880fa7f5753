import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Session } from '../../src/engine/engine.ts'
import { flatRows, flatten, planFor } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'

const network = NETWORKS.find(({ name }) => name === 'degree 3, uneven knots')!
const flat = flatten(caseModel(network))
const x = caseInputs(network)
const STEPS = 3

async function opened(engine: ReturnType<typeof createCpuEngine>): Promise<Session> {
  const session = await engine.open(planFor(flat.layout, x.length, { optimizer: { kind: 'lm' } }))
  await session.upload({
    ...flat,
    training: flatRows(x, caseLoss(network, 'mse', true)),
    learningRate: new Float64Array([0.1]),
  })
  return session
}

/** A clock on which every look finds that a slice is over. */
function everySlice(): void {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000))
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a run of Levenberg-Marquardt steps that is told to end', () => {
  it('leaves off within a step, which has then not been taken', async () => {
    await using engine = createCpuEngine()
    const whole = await opened(engine)
    const expected = await whole.run(STEPS)
    const session = await opened(engine)
    everySlice()
    let asked = 0
    const left = await session.run(STEPS, () => ++asked === 1)
    expect(asked).toBe(1)
    expect([left.step, left.losses.length]).toEqual([0, 0])
    expect((await session.read()).parameters).toEqual(flat.parameters)
    // What is done next is what would have been done.
    const { losses } = await session.run(STEPS)
    expect(losses).toEqual(expected.losses)
    expect((await session.read()).parameters).toEqual((await whole.read()).parameters)
  })

  it('is asked several times a step', async () => {
    await using engine = createCpuEngine()
    const session = await opened(engine)
    everySlice()
    let asked = 0
    const { step } = await session.run(1, () => ++asked < 0)
    expect(step).toBe(1)
    // After every eight rows of the curvature, and after the step.
    expect(asked).toBeGreaterThanOrEqual(Math.floor(x.length / 8) + 1)
  })
})
