import { describe, expect, it } from 'vitest'
import type { Engine, Plan } from '../../src/engine/engine.ts'
import { randomNetwork, randomRows } from '../../src/engine/parity/cases.ts'
import { relativeError } from '../../src/engine/parity/ledger.ts'
import { EPSILON, tolerances } from '../../src/engine/parity/tolerances.ts'
import { createLayout } from '../../src/model/shape.ts'
import { Random } from '../../src/random.ts'
import { planFor } from '../engine/flat.ts'
import { PLAIN } from './plain.ts'
import { bothEngines } from './require.ts'

// Values and gradients of every shape: parity.test.ts. Here is what a training run makes of them.
const test = { ...PLAIN, width: [3, 4, 2], rows: 130, batch: 130, models: 3 }
const shapes = [
  { inputs: 3, outputs: 4, intervals: 5, degree: 3, base: 'silu' as const },
  { inputs: 4, outputs: 2, intervals: 5, degree: 3, base: 'silu' as const },
]
const layout = createLayout(shapes)
const random = new Random(7)
const network = randomNetwork(random, layout, test)
const training = randomRows(random, test, test.rows)
const penalty = { metric: 'paper', l1: 1, entropy: 2, coef: 0.1, coefdiff: 0.1 } as const
const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: EPSILON } as const
const allowed = tolerances(test)
const learningRate = new Float64Array(3).fill(2 ** -6)

describe('the penalty on the GPU', () => {
  const both = bothEngines()

  const open = async (engine: Engine, changes: Partial<Plan>) => {
    const plan = planFor(layout, test.rows, { models: 3, optimizer: ADAM, evaluateEvery: 2, ...changes })
    const session = await engine.open(plan)
    await session.upload({ ...network, training, learningRate })
    return session
  }

  it.each([130, 48])('moves weights and best losses as the CPU engine does, batch %i', async batch => {
    const lambda = Float64Array.of(0.1, 0, 0.01)
    const [actual, expected] = await Promise.all(
      [both.gpu, both.cpu].map(async engine => {
        const session = await open(engine, { penalty, batch })
        await session.upload({ lambda })
        const progress = await session.run(5)
        const { parameters, best } = await session.read()
        await session.close()
        return { progress, best, moved: parameters.map((p, i) => p - network.parameters[i]!) }
      }),
    )
    expect(relativeError(actual!.moved, expected!.moved)).toBeLessThan(allowed.moves)
    for (const name of ['losses', 'evaluationLosses', 'bestLoss'] as const)
      expect(relativeError(actual!.progress[name], expected!.progress[name])).toBeLessThan(allowed.descent)
    expect(actual!.best.step).toEqual(expected!.best.step)
  })

  it('changes no bit where lambda is 0', async () => {
    const run = async (changes: Partial<Plan>) => {
      const session = await open(both.gpu, changes)
      const { losses, evaluationLosses } = await session.run(4)
      const { parameters } = await session.read()
      const gradients = await session.gradients()
      await session.close()
      return { losses, evaluationLosses, parameters, gradients }
    }
    expect(await run({ penalty })).toEqual(await run({}))
  })

  it('takes a new lambda without forgetting the learning rate, and the other way round', async () => {
    const [actual, expected] = await Promise.all(
      [both.gpu, both.cpu].map(async engine => {
        const session = await open(engine, { penalty })
        await session.upload({ lambda: Float64Array.of(0.1, 0.2, 0.3) })
        await session.run(1)
        await session.upload({ learningRate: new Float64Array(3).fill(2 ** -7) })
        await session.run(1)
        const { parameters } = await session.read()
        await session.close()
        return parameters.map((p, i) => p - network.parameters[i]!)
      }),
    )
    expect(relativeError(actual!, expected!)).toBeLessThan(allowed.moves)
  })

  it.each(['paper', 'edge_forward_spline_n'] as const)(
    'is finite without curves, and without variation: %s',
    async metric => {
      const session = await open(both.gpu, { penalty: { ...penalty, metric } })
      const constant = { ...training, x: training.x.map(() => 0.25) }
      await session.upload({ lambda: new Float64Array(3).fill(1) })
      for (const contents of [{ training: constant }, { parameters: network.parameters.map(() => 0) }]) {
        await session.upload(contents)
        const { loss, parameters, inputs } = await session.gradients()
        for (const values of [loss, parameters, inputs]) expect(values.every(Number.isFinite)).toBe(true)
      }
      await session.close()
    },
  )

  it('says nothing about a batch without weight', async () => {
    const session = await open(both.gpu, { penalty, batch: 30 })
    const weights = training.weights.map((weight, b) => (b < 30 ? 0 : weight))
    await session.upload({ training: { ...training, weights }, lambda: new Float64Array(3).fill(1) })
    const { loss, parameters } = await session.gradients()
    expect(loss.every(value => value === 0)).toBe(true)
    expect(parameters.every(value => value === 0)).toBe(true)
    await session.close()
  })
})
