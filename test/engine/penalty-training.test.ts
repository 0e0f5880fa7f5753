import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { PenaltyPlan } from '../../src/engine/engine.ts'
import { ConfigError, ShapeError } from '../../src/errors.ts'
import { flatRows, flatten, planFor, relativeError } from './flat.ts'
import { caseInputs, caseLoss, caseModel } from './samples.ts'
import { ALL, CASES, gradientsOf, METRICS, NONE, objective, penaltyOf } from './penalties.ts'

/** Sums of at most 10^4 rounded terms, as in cpu.test.ts; the reference has 15 digits. */
const TOLERANCE = 1e-12

describe('the penalty where it has no derivative', () => {
  const network = CASES[0]!
  const flat = flatten(caseModel(network))
  const training = flatRows(caseInputs(network), caseLoss(network, 'mse', false))

  it.each(METRICS)('is 0, with its gradient, on a network without curves: %s', async metric => {
    for (const empty of [
      { ...flat, mask: flat.mask.map(() => 0) },
      { ...flat, parameters: flat.parameters.map(() => 0) },
    ]) {
      const penalty = { ...NONE, metric, l1: 1, entropy: 2 }
      const plain = await gradientsOf([empty], training, [0], { penalty })
      const added = await gradientsOf([empty], training, [1], { penalty })
      for (const name of ['loss', 'parameters', 'inputs'] as const)
        expect(relativeError(added[name], plain[name])).toBe(0)
    }
  })

  it.each(METRICS)('is finite where one edge has no curve and one input is constant: %s', async metric => {
    const parameters = flat.parameters.slice()
    const [layer] = flat.layout.layers
    const { coef, scaleBase, bases, outputs } = layer!
    for (let n = 0; n < bases; n++) parameters[coef + n * outputs] = 0
    parameters[scaleBase] = 0
    const constant = { ...training, x: training.x.map((value, p) => (p % 2 === 0 ? value : 0.25)) }
    const penalty = { ...ALL, metric }
    const { loss, ...gradients } = await gradientsOf([{ ...flat, parameters }], constant, [1], { penalty })
    expect(loss.every(Number.isFinite)).toBe(true)
    expect(gradients.parameters.every(Number.isFinite)).toBe(true)
    expect(gradients.inputs.every(Number.isFinite)).toBe(true)
  })

  it('ignores a constant input under edge_forward_spline_n: its curves do not vary', async () => {
    const constant = { ...training, x: training.x.map(() => 0.3) }
    const penalty = { ...NONE, metric: 'edge_forward_spline_n', l1: 1 } as const
    const { value, gradient } = await penaltyOf(flat, constant, penalty)
    expect(value).toBe(0)
    expect(gradient.every(g => g === 0)).toBe(true)
  })

  it('says nothing about rows without any weight', async () => {
    const weightless = { ...training, weights: training.weights.map((_, b) => (b < 10 ? 0 : 1)) }
    const changes = { penalty: { ...ALL, metric: 'paper' }, batch: 10 } as const
    const { loss, parameters } = await gradientsOf([flat], weightless, [1], changes)
    expect(loss[0]).toBe(0)
    expect(parameters.every(g => g === 0)).toBe(true)
  })
})

describe('the penalty in training', () => {
  const network = { ...CASES[2]!, rows: 300 }
  const model = caseModel(network)
  const flat = flatten(model)
  const training = flatRows(caseInputs(network), caseLoss(network, 'mse', true))
  const penalty = { ...ALL, metric: 'paper' } as const

  it('is part of the losses of steps and of evaluations', async () => {
    await using engine = createCpuEngine()
    const session = await engine.open(planFor(flat.layout, 300, { penalty, evaluateEvery: 1 }))
    await session.upload({
      ...flat,
      training,
      learningRate: Float64Array.of(0),
      lambda: Float64Array.of(0.5),
    })
    const { losses, evaluationLosses, bestLoss } = await session.run(1)
    const expected = objective(model, network, penalty, 0.5)
    for (const own of [losses, evaluationLosses, bestLoss])
      expect(relativeError(own, [expected])).toBeLessThan(TOLERANCE)
  })

  it('changes nothing where lambda is 0', async () => {
    const plain = await gradientsOf([flat], training, [0], {})
    expect(await gradientsOf([flat], training, [0], { penalty })).toEqual(plain)
  })

  it.each([
    [{ penalty: { ...NONE, l1: -1 } }, /penalty\.l1 is -1/],
    [{ penalty: { ...NONE, entropy: Infinity } }, /penalty\.entropy is Infinity/],
    [{ penalty: { ...NONE, coefdiff: Number.NaN } }, /penalty\.coefdiff is NaN/],
  ])('refuses the plan %j', async (changes, message) => {
    await using engine = createCpuEngine()
    const opened = engine.open(planFor(flat.layout, 300, changes))
    await expect(opened).rejects.toThrow(ConfigError)
    await expect(opened).rejects.toThrow(message)
  })

  it('refuses a metric that it does not know', async () => {
    await using engine = createCpuEngine()
    const unknown = JSON.parse(JSON.stringify({ ...NONE, metric: 'edge_backward' })) as PenaltyPlan
    const opened = engine.open(planFor(flat.layout, 300, { penalty: unknown }))
    await expect(opened).rejects.toThrow(/penalty\.metric is 'edge_backward'/)
  })

  it('refuses lambdas that are negative, not finite or not one a model', async () => {
    await using engine = createCpuEngine()
    const session = await engine.open(planFor(flat.layout, 300, { penalty }))
    for (const lambda of [-1, Number.NaN, Infinity])
      await expect(session.upload({ lambda: Float64Array.of(lambda) })).rejects.toThrow(ConfigError)
    await expect(session.upload({ lambda: new Float64Array(2) })).rejects.toThrow(ShapeError)
  })
})
