import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Gradients, PenaltyPlan, Plan, Rows } from '../../src/engine/engine.ts'
import { ConfigError, ShapeError } from '../../src/errors.ts'
import { oracleFromPykan } from '../oracle/frompykan.ts'
import { oracleLoss } from '../oracle/kan.ts'
import type { OracleLayerGradient, OracleModel } from '../oracle/kan.ts'
import { oraclePenalty } from '../oracle/penalty.ts'
import { seeded } from '../oracle/random.ts'
import { readReference } from '../reference/read.ts'
import type { LayerGradients, ModelParams, ReferenceModel } from '../reference/read.ts'
import {
  concatenate,
  flatRows,
  flatten,
  flattenParameters,
  planFor,
  relativeError,
  worstGroupError,
} from './flat.ts'
import type { FlatModel } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'
import type { NetworkCase } from './samples.ts'

/** Sums of at most 10^4 rounded terms, as in cpu.test.ts; the reference has 15 digits. */
const TOLERANCE = 1e-12

const NONE: PenaltyPlan = { metric: 'paper', l1: 0, entropy: 0, coef: 0, coefdiff: 0 }
const METRICS = ['paper', 'edge_forward_spline_n'] as const

/** Loss and gradients of models side by side on the CPU engine. */
async function gradientsOf(
  models: readonly FlatModel[],
  training: Rows,
  lambda: readonly number[],
  changes: Partial<Plan>,
): Promise<Gradients> {
  await using engine = createCpuEngine()
  const rows = training.weights.length
  const session = await engine.open(planFor(models[0]!.layout, rows, { models: models.length, ...changes }))
  await session.upload({
    parameters: concatenate(models.map(model => model.parameters)),
    knots: concatenate(models.map(model => model.knots)),
    mask: concatenate(models.map(model => model.mask)),
    training,
    lambda: Float64Array.from(lambda),
  })
  return await session.gradients()
}

/** The penalty of a model by itself, lambda 1: what it adds to the loss and to the gradient. */
async function penaltyOf(
  model: FlatModel,
  training: Rows,
  penalty: PenaltyPlan,
): Promise<{ value: number; gradient: Float64Array }> {
  const trainable = {
    coef: true,
    scaleBase: true,
    scaleSpline: true,
    nodeScale: false,
    nodeBias: false,
    affine: true,
  }
  const [without, added] = await Promise.all(
    [0, 1].map(lambda => gradientsOf([model], training, [lambda], { penalty, trainable })),
  )
  return {
    value: added!.loss[0]! - without!.loss[0]!,
    gradient: added!.parameters.map((g, p) => g - without!.parameters[p]!),
  }
}

/** Gradients of the reference [in][out][G + k], flat. */
function flatGradient({ layout }: FlatModel, layers: LayerGradients[]): Float64Array {
  const nested = layers.map((gradient): Partial<OracleLayerGradient> => ({
    coef: gradient.coef.map(byOutput => byOutput[0]!.map((_, m) => byOutput.map(c => c[m]!))),
    scaleBase: gradient.scale_base,
    scaleSpline: gradient.scale_sp,
  }))
  return flattenParameters(layout, nested)
}

interface Value {
  value: number
  grad?: LayerGradients[] | { layers: LayerGradients[] }
}

describe('the penalty against the reference', () => {
  const { models } = readReference<{ models: ReferenceModel[] }>('models.json')
  const paper = readReference<{ cases: Record<string, unknown>[] }>('paper_penalties.json').cases

  it.each(paper)("the paper's: $name", async entry => {
    const { params, x, y } = models.find(({ name }) => name === entry['name'])!
    const model = flatten(oracleFromPykan(params))
    const training = flatRows(x, { kind: 'mse', target: y })
    for (const name of ['l1', 'entropy'] as const) {
      const expected = entry[`penalty_${name}`] as { value: number; grad: LayerGradients[] }
      const { value, gradient } = await penaltyOf(model, training, { ...NONE, [name]: 1 })
      expect(relativeError([value], [expected.value])).toBeLessThan(TOLERANCE)
      const exact = flatGradient(model, expected.grad)
      expect(worstGroupError(model.layout, gradient, exact)).toBeLessThan(TOLERANCE)
    }
    const expected = entry['mse_plus_0.01_l1_plus_0.02_entropy'] as { value: number; grad: LayerGradients[] }
    const trainable = {
      coef: true,
      scaleBase: true,
      scaleSpline: true,
      nodeScale: false,
      nodeBias: false,
      affine: true,
    }
    const penalty = { ...NONE, l1: 0.1, entropy: 0.2 }
    const { loss, parameters } = await gradientsOf([model], training, [0.1], { penalty, trainable })
    expect(relativeError(loss, [expected.value])).toBeLessThan(TOLERANCE)
    const exact = flatGradient(model, expected.grad)
    expect(worstGroupError(model.layout, parameters, exact)).toBeLessThan(TOLERANCE)
  })

  interface RegularisedCase {
    name: string
    params: ModelParams
    x: number[][]
    reg: Record<string, Value>
  }
  const { cases } = readReference<{ cases: RegularisedCase[] }>('reg_attr.json')
  const sums = cases.filter(({ params }) => params.width.every(([, products]) => products === 0))
  const TERMS = {
    default: { ...NONE, l1: 1, entropy: 2 },
    l1: { ...NONE, l1: 1 },
    entropy: { ...NONE, entropy: 1 },
    coef: { ...NONE, coef: 1 },
    coefdiff: { ...NONE, coefdiff: 1 },
  } as const

  it.each(sums)("pykan's edge_forward_spline_n: $name", async ({ params, x, reg }) => {
    const model = flatten(oracleFromPykan(params))
    const target = x
      .map(() => model.layout.layers.at(-1)!)
      .map(({ outputs }) => Array<number>(outputs).fill(0))
    const training = flatRows(x, { kind: 'mse', target })
    let gradients = 0
    for (const [term, weights] of Object.entries(TERMS)) {
      const expected = reg[`edge_forward_spline_n|${term}`]!
      const penalty = { ...weights, metric: 'edge_forward_spline_n' } as const
      const { value, gradient } = await penaltyOf(model, training, penalty)
      expect(relativeError([value], [expected.value])).toBeLessThan(TOLERANCE)
      if (expected.grad === undefined) continue
      gradients++
      const exact = flatGradient(model, 'layers' in expected.grad ? expected.grad.layers : expected.grad)
      expect(worstGroupError(model.layout, gradient, exact)).toBeLessThan(TOLERANCE)
    }
    expect(gradients).toBeGreaterThan(0)
  })
})

const SHAPE = { degree: 3, intervals: 5, base: 'silu', ratio: 2, rows: 40, seed: 3 } as const
const CASES: readonly NetworkCase[] = [
  { ...SHAPE, name: 'two layers', width: [2, 3, 1] },
  { ...SHAPE, name: 'three layers, degree 4', degree: 4, width: [3, 4, 2, 2] },
  { ...SHAPE, name: 'three blocks of rows', width: [2, 3, 2], rows: 600 },
  { ...SHAPE, name: 'degree 2, identity', degree: 2, base: 'identity', width: [2, 2, 1] },
  NETWORKS.find(({ layers }) => layers)!,
  NETWORKS.find(({ name }) => name.startsWith('products'))!,
]
const ALL = { l1: 0.7, entropy: 1.3, coef: 0.2, coefdiff: 0.4 }

/** The objective by the oracle. */
function objective(model: OracleModel, network: NetworkCase, penalty: PenaltyPlan, lambda: number): number {
  const x = caseInputs(network)
  const loss = caseLoss(network, 'mse', true)
  return oracleLoss(model, x, loss) + lambda * oraclePenalty(model, x, penalty, loss.weights)
}

describe('the penalty of weighted rows, masked edges and node scales', () => {
  const grid = METRICS.flatMap(metric => CASES.map(network => ({ ...network, metric })))

  it.each(grid)('has the value of its definition: $metric, $name', async ({ metric, ...network }) => {
    const lambdas = [0.3, 0, 2]
    const models = lambdas.map((_, m) => caseModel(network, network.seed + m))
    const training = flatRows(caseInputs(network), caseLoss(network, 'mse', true))
    const penalty = { ...ALL, metric }
    const { loss } = await gradientsOf(models.map(flatten), training, lambdas, { penalty })
    const expected = models.map((model, m) => objective(model, network, penalty, lambdas[m]!))
    expect(relativeError(loss, expected)).toBeLessThan(TOLERANCE)
  })

  it.each(grid)('has the gradient of its value: $metric, $name', async ({ metric, ...network }) => {
    await using engine = createCpuEngine()
    const flat = flatten(caseModel(network))
    const training = flatRows(caseInputs(network), caseLoss(network, 'mse', true))
    const session = await engine.open(planFor(flat.layout, network.rows, { penalty: { ...ALL, metric } }))
    await session.upload({ ...flat, training, lambda: Float64Array.of(1) })
    const { parameters: gradient, inputs } = await session.gradients()
    const random = seeded(network.seed)
    const direction = flat.parameters.map(() => 2 * random() - 1)
    const sideways = training.x.map(() => 2 * random() - 1)
    const lossAt = async (step: number): Promise<number> => {
      await session.upload({
        parameters: flat.parameters.map((p, i) => p + step * direction[i]!),
        training: { ...training, x: training.x.map((value, i) => value + step * sideways[i]!) },
      })
      return (await session.gradients()).loss[0]!
    }
    // As in cpu.test.ts; |phi|, |coef| and knots bend where a step crosses them: one row in many, by at most h of its share.
    const h = 1e-6
    const wide = ((await lossAt(h)) - (await lossAt(-h))) / (2 * h)
    const narrow = ((await lossAt(h / 2)) - (await lossAt(-h / 2))) / h
    const terms = [...gradient.map((g, i) => g * direction[i]!), ...inputs.map((g, i) => g * sideways[i]!)]
    const slope = terms.reduce((sum, term) => sum + term, 0)
    const scale = terms.reduce((sum, term) => sum + Math.abs(term), 0)
    expect(Math.abs((4 * narrow - wide) / 3 - slope) / scale).toBeLessThan(1e-7)
  })
})

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
