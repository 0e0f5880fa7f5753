import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Gradients, PenaltyPlan, Plan, Rows } from '../../src/engine/engine.ts'
import { ConfigError } from '../../src/errors.ts'
import { parameterGroups } from '../../src/model/shape.ts'
import { oracleActivations, oracleEdge, oracleForward, oracleGradient, oracleLoss } from '../oracle/kan.ts'
import type { OracleModel } from '../oracle/kan.ts'
import { oraclePenalty } from '../oracle/penalty.ts'
import { seeded } from '../oracle/random.ts'
import {
  ALL_TRAINABLE,
  concatenate,
  flatRows,
  flatten,
  flattenParameters,
  planFor,
  relativeError,
  withParameters,
  worstGroupError,
} from './flat.ts'
import type { FlatModel } from './flat.ts'
import { caseLoss } from './samples.ts'
import { CASES, inputsOf, SMALL, symbolicModel, TOLERANCE } from './symbolicmodels.ts'

/** Gradients of models side by side. */
async function gradientsOf(
  models: readonly FlatModel[],
  training: Rows,
  changes: Partial<Plan> = {},
): Promise<Gradients & { outputs: Float64Array }> {
  await using engine = createCpuEngine()
  const plan = planFor(models[0]!.layout, training.weights.length, { models: models.length, ...changes })
  const session = await engine.open(plan)
  await session.upload({
    parameters: concatenate(models.map(model => model.parameters)),
    knots: concatenate(models.map(model => model.knots)),
    mask: concatenate(models.map(model => model.mask)),
    training,
    ...(plan.penalty && { lambda: new Float64Array(models.length).fill(1) }),
  })
  return { ...(await session.gradients()), outputs: await session.predict(training.x) }
}

describe('symbolic edges: values and gradients', () => {
  it.each(CASES)('agree with the oracle for two models: $name', async network => {
    const models = [symbolicModel(network, 1), symbolicModel(network, 1)]
    // The same functions on the same edges, other numbers.
    const flat = models.map(flatten)
    const random = seeded(9)
    flat[1]!.parameters.forEach((p, at) => (flat[1]!.parameters[at] = p * (0.8 + 0.4 * random())))
    models[1] = withParameters(models[1]!, flat[1]!.parameters)
    const x = inputsOf(network)
    const loss = caseLoss(network, 'mse', true)
    const found = await gradientsOf(flat, flatRows(x, loss))
    models.forEach((model, m) => {
      const part = (array: Float64Array): Float64Array =>
        array.subarray((m * array.length) / 2, ((m + 1) * array.length) / 2)
      const expected = oracleGradient(model, x, loss)
      const { layout } = flat[m]!
      expect(relativeError(part(found.outputs), oracleForward(model, x).flat())).toBeLessThan(TOLERANCE)
      expect(relativeError(part(found.loss), [expected.loss])).toBeLessThan(TOLERANCE)
      const gradient = flattenParameters(layout, expected.layers)
      expect(worstGroupError(layout, part(found.parameters), gradient)).toBeLessThan(TOLERANCE)
      expect(relativeError(part(found.inputs), expected.x.flat())).toBeLessThan(TOLERANCE)
    })
  })

  it.each([0, 1].flatMap(affine => [0, 1].map(nodeScale => [affine === 1, nodeScale === 1] as const)))(
    'keep still where they are not trainable: affine %s, nodeScale %s',
    async (affine, nodeScale) => {
      const model = symbolicModel(CASES[2]!)
      const flat = flatten(model)
      const x = inputsOf(SMALL)
      const loss = caseLoss(SMALL, 'mse', true)
      const trainable = { ...ALL_TRAINABLE, affine, nodeScale }
      const { parameters } = await gradientsOf([flat], flatRows(x, loss), { trainable })
      const expected = flattenParameters(flat.layout, oracleGradient(model, x, loss).layers)
      for (const { name, start, size } of flat.layout.layers.flatMap(parameterGroups)) {
        const own = parameters.subarray(start, start + size)
        const wanted = trainable[name] ? expected.subarray(start, start + size) : new Float64Array(size)
        expect(relativeError(own, wanted)).toBeLessThan(TOLERANCE)
      }
    },
  )

  // Of degree 1 a hidden node that crosses a knot within h moves the slope by a row's share of a kink.
  it.each(CASES.filter(({ degree }) => degree > 1))(
    'agree with finite differences of the oracle: $name',
    async network => {
      const model = symbolicModel(network)
      const flat = flatten(model)
      const x = inputsOf(network)
      const loss = caseLoss(network, 'mse', false)
      const { parameters: gradient } = await gradientsOf([flat], flatRows(x, loss))
      // Along the affine numbers alone.
      const direction = new Float64Array(flat.layout.parameters)
      const random = seeded(4)
      for (const { name, start, size } of flat.layout.layers.flatMap(parameterGroups))
        if (name === 'affine') for (let p = 0; p < size; p++) direction[start + p] = 2 * random() - 1
      const lossAt = (step: number): number =>
        oracleLoss(
          withParameters(
            model,
            flat.parameters.map((p, at) => p + step * direction[at]!),
          ),
          x,
          loss,
        )
      // As in cpu.test.ts: central differences at h and h / 2, extrapolated; truncation h^4, rounding 2^-53 / h of the loss.
      const h = 2e-5
      const wide = (lossAt(h) - lossAt(-h)) / (2 * h)
      const narrow = (lossAt(h / 2) - lossAt(-h / 2)) / h
      const scale = gradient.reduce((sum, g, p) => sum + Math.abs(g * direction[p]!), 0)
      const slope = gradient.reduce((sum, g, p) => sum + g * direction[p]!, 0)
      expect(Math.abs((4 * narrow - wide) / 3 - slope) / scale).toBeLessThan(1e-6)
    },
  )

  it('have the statistics of their curves', async () => {
    const network = { ...CASES[2]!, rows: 300 }
    const model = symbolicModel(network)
    const flat = flatten(model)
    const x = inputsOf(network)
    await using engine = createCpuEngine()
    const session = await engine.open(planFor(flat.layout, 0))
    await session.upload(flat)
    const [found] = await session.statistics(Float64Array.from(x.flat()))
    const levels = oracleActivations(model, x)
    const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
    model.layers.forEach((layer, l) => {
      const edges = layer.mask.flatMap((row, i) =>
        row.map((_, j) => levels[l]!.map(nodes => oracleEdge(layer, i, j, nodes[i]!))),
      )
      const { edgeL1, edgeMean, edgeDeviation } = found![l]!
      expect(
        relativeError(
          edgeL1,
          edges.map(phi => mean(phi.map(Math.abs))),
        ),
      ).toBeLessThan(TOLERANCE)
      expect(relativeError(edgeMean, edges.map(mean))).toBeLessThan(TOLERANCE)
      const deviations = edges.map(phi => Math.sqrt(mean(phi.map(v => (v - mean(phi)) ** 2))))
      expect(relativeError(edgeDeviation, deviations)).toBeLessThan(TOLERANCE)
    })
  })
})

describe('symbolic edges: penalty', () => {
  const NONE: PenaltyPlan = { metric: 'paper', l1: 0, entropy: 0, coef: 0, coefdiff: 0 }

  it.each(['paper', 'edge_forward_spline_n'] as const)(
    'counts their curves, and its gradient is that of finite differences: %s',
    async metric => {
      const network = CASES[2]!
      const model = symbolicModel(network)
      const flat = flatten(model)
      const x = inputsOf(network)
      const loss = caseLoss(network, 'mse', true)
      const training = flatRows(x, loss)
      const penalty = { ...NONE, metric, l1: 0.7, entropy: 0.4, coef: 0.3, coefdiff: 0.2 }
      const found = await gradientsOf([flat], training, { penalty })
      const objective = (at: OracleModel): number =>
        oracleLoss(at, x, loss) + oraclePenalty(at, x, penalty, [...training.weights])
      expect(relativeError(found.loss, [objective(model)])).toBeLessThan(TOLERANCE)
      const random = seeded(5)
      const direction = flat.parameters.map(() => 2 * random() - 1)
      const at = (step: number): number =>
        objective(
          withParameters(
            model,
            flat.parameters.map((p, n) => p + step * direction[n]!),
          ),
        )
      // As above; |phi| has kinks where a curve of some row crosses 0 within h, each worth at most w h / h of one row in 10^4.
      const h = 2e-5
      const wide = (at(h) - at(-h)) / (2 * h)
      const narrow = (at(h / 2) - at(-h / 2)) / h
      const scale = found.parameters.reduce((sum, g, p) => sum + Math.abs(g * direction[p]!), 0)
      const slope = found.parameters.reduce((sum, g, p) => sum + g * direction[p]!, 0)
      expect(Math.abs((4 * narrow - wide) / 3 - slope) / scale).toBeLessThan(1e-6)
    },
  )
})

describe('symbolic edges: refusals', () => {
  const flat = flatten(symbolicModel(CASES[2]!))

  it.each([
    [{ edge: 12, name: 'sin', formula: 'sin(u)' }, /is 12; edges ascend and lie below 12/],
    [{ edge: -1, name: 'sin', formula: 'sin(u)' }, /whole number from 0 on/],
    [{ edge: 0, name: '', formula: 'sin(u)' }, /1 to 64 printable/],
    [{ edge: 0, name: 'sin', formula: 'sin(v)' }, /v/],
    [{ edge: 0, name: 'sin', formula: 'sin(' }, /\(/],
    [{ edge: 0, name: 'long', formula: `u${' + u'.repeat(400)}` }, /1601 characters; the limit is 1000/],
  ])('a plan with %o', async (own, message) => {
    await using engine = createCpuEngine()
    const [first, ...others] = planFor(flat.layout, 0).layers
    const plan = planFor(flat.layout, 0, { layers: [{ ...first!, symbolic: [own] }, ...others] })
    await expect(engine.open(plan)).rejects.toThrow(ConfigError)
    await expect(engine.open(plan)).rejects.toThrow(message)
  })

  it('a mask that leaves the spline of a symbolic edge in place', async () => {
    await using engine = createCpuEngine()
    const session = await engine.open(planFor(flat.layout, 0))
    const mask = new Float64Array(flat.mask.length).fill(1)
    await expect(session.upload({ ...flat, mask })).rejects.toThrow(/is 1 and its edge is symbolic; give 0/)
    // Without a mask every edge is there, and no symbolic edge has a spline.
    const unmasked = symbolicModel(CASES[2]!)
    for (const layer of unmasked.layers)
      layer.mask = layer.mask.map((row, i) =>
        row.map((_, j) => (layer.symbolic!.some(own => own.i === i && own.j === j) ? 0 : 1)),
      )
    const { parameters, knots } = flat
    await session.upload({ parameters, knots })
    const x = inputsOf(SMALL)
    const outputs = await session.predict(Float64Array.from(x.flat()))
    expect(relativeError(outputs, oracleForward(unmasked, x).flat())).toBeLessThan(TOLERANCE)
  })
})
