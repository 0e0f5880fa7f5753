import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { trainableGroups } from '../../src/engine/parity/cases.ts'
import { oracleFromPykan, oracleGradientFromPykan } from '../oracle/frompykan.ts'
import { seeded } from '../oracle/random.ts'
import { readReference } from '../reference/read.ts'
import type { LayerGradients, ModelParams, ReferenceModel } from '../reference/read.ts'
import { flatRows, flatten, flattenParameters, planFor, relativeError, worstGroupError } from './flat.ts'
import type { FlatModel } from './flat.ts'
import { caseInputs, caseLoss, caseModel } from './samples.ts'
import { ALL, CASES, gradientsOf, METRICS, NONE, objective, penaltyOf } from './penalties.ts'

/** Sums of at most 10^4 rounded terms, as in cpu.test.ts; the reference has 15 digits. */
const TOLERANCE = 1e-12

/** Gradients of the reference [in][out][G + k], flat. */
function flatGradient({ layout }: FlatModel, layers: LayerGradients[]): Float64Array {
  return flattenParameters(layout, layers.map(oracleGradientFromPykan))
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
    const trainable = trainableGroups('cbs')
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
