import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { trainableGroups } from '../../src/engine/parity/cases.ts'
import { shuffledRow, shuffleKey } from '../../src/engine/shuffle.ts'
import { OutOfMemoryError } from '../../src/errors.ts'
import { oracleFromPykan, oracleGradientFromPykan } from '../oracle/frompykan.ts'
import { seeded } from '../oracle/random.ts'
import { readReference } from '../reference/read.ts'
import type { ReferenceModel } from '../reference/read.ts'
import { flatRows, flatten, flattenParameters, planFor, relativeError, worstGroupError } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'
import { engineSuite } from './suite.ts'
import { openAtStart, trajectoryOf } from './trajectories.ts'

const makeEngine = () => Promise.resolve(createCpuEngine())

// Float64: sums of up to 10^4 rounded terms that partly cancel, 10^4 * 1.1e-16 = 1e-12 of the largest value (measured: 2e-14).
// The reference's trajectory of Adam moves by 1e-14 when one coefficient moves by as much, and has 15 digits.
const TOLERANCE = 1e-12
engineSuite('CPU engine', makeEngine, {
  forward: TOLERANCE,
  gradient: TOLERANCE,
  trajectory: TOLERANCE,
  statistics: TOLERANCE,
})

describe('CPU engine: against the reference', () => {
  const { models } = readReference<{ models: ReferenceModel[] }>('models.json')
  const sums = models.filter(({ params }) => params.width.every(([, products]) => products === 0))

  it.each(sums)('outputs, loss and gradients of $name', async ({ params, x, y, out, mse, grad_mse }) => {
    await using engine = createCpuEngine()
    const flat = flatten(oracleFromPykan(params))
    const session = await engine.open(planFor(flat.layout, x.length, { trainable: trainableGroups('cbs') }))
    const training = flatRows(x, { kind: 'mse', target: y })
    await session.upload({ ...flat, training })
    expect(relativeError(await session.predict(training.x), out.flat())).toBeLessThan(TOLERANCE)
    const gradients = await session.gradients()
    expect(relativeError(gradients.loss, [mse])).toBeLessThan(TOLERANCE)
    expect(relativeError(gradients.inputs, grad_mse.x.flat())).toBeLessThan(TOLERANCE)
    const expected = flattenParameters(flat.layout, grad_mse.layers.map(oracleGradientFromPykan))
    expect(worstGroupError(flat.layout, gradients.parameters, expected)).toBeLessThan(TOLERANCE)
  })

  it("Adam's trajectory", async () => {
    const { loss_before_step, final_loss } = trajectoryOf('adam')
    await using engine = createCpuEngine()
    const session = await openAtStart(engine, 0.01)
    const { losses } = await session.run(loss_before_step.length)
    const { loss } = await session.gradients()
    expect(relativeError([...losses, ...loss], [...loss_before_step, final_loss])).toBeLessThan(TOLERANCE)
  })
})

describe('CPU engine: derivatives', () => {
  it.each(NETWORKS.filter(({ degree }) => degree > 1))(
    'agree with finite differences: $name',
    async network => {
      await using engine = createCpuEngine()
      const flat = flatten(caseModel(network))
      const training = flatRows(caseInputs(network), caseLoss(network, 'mse', true))
      // A single row may have been given weight 0.
      training.weights[0] = 1
      const session = await engine.open(planFor(flat.layout, network.rows))
      await session.upload({ ...flat, training })
      const { parameters: gradient } = await session.gradients()
      const random = seeded(network.seed)
      const direction = flat.parameters.map(() => 2 * random() - 1)
      const lossAt = async (step: number): Promise<number> => {
        await session.upload({ parameters: flat.parameters.map((p, i) => p + step * direction[i]!) })
        return (await session.gradients()).loss[0]!
      }
      // Central differences at h and h / 2, extrapolated: truncation about h^4 = 2e-19, rounding 2^-53 / h = 6e-12 of the loss.
      // A hidden node within h of a knot adds at degree 2 up to h / 4 of its jump of the second derivative, 5e-6, for one row
      // in many. The slope's scale is the sum of |g d|, as the terms of g . d may cancel.
      const h = 2e-5
      const wide = ((await lossAt(h)) - (await lossAt(-h))) / (2 * h)
      const narrow = ((await lossAt(h / 2)) - (await lossAt(-h / 2))) / h
      const slope = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0)
      const scale = gradient.reduce((sum, g, i) => sum + Math.abs(g * direction[i]!), 0)
      expect(Math.abs((4 * narrow - wide) / 3 - slope) / scale).toBeLessThan(1e-6)
    },
  )
})

describe('CPU engine: a model at rest', () => {
  const network = { ...NETWORKS[0]!, width: [2, 3, 1], rows: 20 }
  const flat = flatten(caseModel(network))
  const training = flatRows(caseInputs(network), caseLoss(network, 'mse', true))
  const twice = (values: Float64Array): Float64Array => Float64Array.of(...values, ...values)
  const both = {
    parameters: twice(flat.parameters),
    knots: twice(flat.knots),
    mask: twice(flat.mask),
    training,
    // The first never improves.
    learningRate: Float64Array.of(0, 0.01),
  }
  const plan = planFor(flat.layout, 20, { models: 2, evaluateEvery: 1, patience: 3 })

  it('costs nothing while others go on, and its loss is that of its rows', async () => {
    await using engine = createCpuEngine()
    const session = await engine.open(plan)
    await session.upload(both)
    const { losses, functionEvaluations, stopped } = await session.run(12)
    expect([...stopped]).toEqual([1, 0])
    // Stopped by the evaluation after the fourth step; the loss is taken once more.
    expect([...functionEvaluations]).toEqual([5, 12])
    const first = losses.filter((_, p) => p % 2 === 0)
    expect(first.every(loss => loss === first[0])).toBe(true)
    const other = { ...training, y: training.y.map(value => value + 1) }
    await session.upload({ training: other })
    const after = await session.run(2)
    const fresh = await engine.open(plan)
    await fresh.upload({ ...both, training: other })
    const { losses: expected } = await fresh.run(1)
    expect([after.losses[0], after.losses[2]]).toEqual([expected[0], expected[0]])
    expect(expected[0]).not.toBe(first[0])
  })

  it('has another loss in each mini-batch', async () => {
    await using engine = createCpuEngine()
    const session = await engine.open({ ...plan, batch: 7 })
    await session.upload(both)
    const { losses } = await session.run(12)
    expect(new Set(losses.slice(12).filter((_, p) => p % 2 === 0)).size).toBe(6)
  })
})

describe('CPU engine: memory', () => {
  it('keeps to a memory limit that the sessions share', async () => {
    const { layout } = flatten(caseModel(NETWORKS[0]!))
    await using counting = createCpuEngine()
    await counting.open(planFor(layout, 10))
    const { bytes } = await counting.memory()
    await using engine = createCpuEngine({ memoryLimit: 2 * bytes - 1 })
    const session = await engine.open(planFor(layout, 10))
    await expect(engine.open(planFor(layout, 10))).rejects.toThrow(OutOfMemoryError)
    await expect(engine.open(planFor(layout, 10))).rejects.toThrow(`limit is ${2 * bytes - 1} bytes`)
    await session.close()
    await engine.open(planFor(layout, 10))
    expect(await engine.memory()).toMatchObject({ bytes, peak: bytes })
  })
})

describe('shuffle', () => {
  it.each([1, 2, 3, 4, 5, 16, 17, 1000, 4099])('is a bijection of %i rows', rows => {
    for (const epoch of [0, 1, 77]) {
      const key = shuffleKey(123, epoch, rows)
      const seen = new Set(Array.from({ length: rows }, (_, p) => shuffledRow(key, p)))
      expect(seen.size).toBe(rows)
      expect(Math.max(...seen)).toBe(rows - 1)
    }
  })
})
