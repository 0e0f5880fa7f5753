import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Gradients, Plan, TrainingState } from '../../src/engine/engine.ts'
import { parameterGroups } from '../../src/model/shape.ts'
import type { OracleModel } from '../oracle/kan.ts'
import { flatRows, flatten, planFor } from './flat.ts'
import type { FlatModel } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'
import type { NetworkCase } from './samples.ts'

/** What a new network trains. */
const UNSCALED = {
  coef: true,
  scaleBase: true,
  scaleSpline: false,
  nodeScale: false,
  nodeBias: true,
  affine: true,
} as const

/** A case with all edges and all scales `scale`, and coefficients that undo it: the same function whatever the scale. */
function scaledModel(network: NetworkCase, scale: number): FlatModel {
  const model: OracleModel = caseModel(network)
  const flat = flatten({
    layers: model.layers.map(layer => ({
      ...layer,
      mask: layer.mask.map(row => row.map(() => 1)),
      scaleSpline: layer.scaleSpline.map(row => row.map(() => scale)),
      nodeScale: layer.nodeScale.map(() => 1),
    })),
  })
  for (const { coef, scaleBase } of flat.layout.layers)
    for (let p = coef; p < scaleBase; p++) flat.parameters[p]! /= scale
  return flat
}

interface Outcome {
  readonly gradients: Gradients
  readonly outputs: Float64Array
  readonly state: TrainingState
}

/** Two models, the second with every parameter but the scales a little larger: their offsets are in play. */
async function outcome(
  network: NetworkCase,
  scale: number,
  simd: boolean,
  changes: Partial<Plan>,
): Promise<Outcome> {
  await using engine = createCpuEngine({ simd })
  const { layout, parameters, knots, mask } = scaledModel(network, scale)
  const session = await engine.open(planFor(layout, network.rows, { models: 2, ...changes }))
  const second = parameters.slice()
  for (const { name, start, size } of layout.layers.flatMap(parameterGroups))
    if (name !== 'scaleSpline' && name !== 'nodeScale')
      for (let p = start; p < start + size; p++) second[p]! *= 1.25
  const twice = (first: Float64Array, other = first): Float64Array => Float64Array.from([...first, ...other])
  const training = flatRows(caseInputs(network), caseLoss(network, 'mse', true))
  // Without a rate the moments of Adam are sums of gradients, of both batches.
  await session.upload({
    parameters: twice(parameters, second),
    knots: twice(knots),
    mask: twice(mask),
    training,
    learningRate: new Float64Array(2),
  })
  await session.run(2)
  return {
    state: await session.read(),
    gradients: await session.gradients(),
    outputs: await session.predict(training.x),
  }
}

/** The gradients by coef, scaleBase and nodeBias of both models, those by coef times `factor`. */
function comparable(network: NetworkCase, flat: Float64Array, factor: number): number[] {
  const { layout } = scaledModel(network, 1)
  return [0, layout.parameters].flatMap(model =>
    layout.layers
      .flatMap(parameterGroups)
      .filter(({ name }) => UNSCALED[name])
      .flatMap(({ name, start, size }) =>
        [...flat.subarray(model + start, model + start + size)].map(g => (name === 'coef' ? factor * g : g)),
      ),
  )
}

describe.each([true, false])('coefficients that nothing multiplies (WebAssembly %s)', simd => {
  const shape = { ...NETWORKS[0]!, width: [5, 9, 3], rows: 300, seed: 91 }
  // 1026 rows in batches of 1024 are 4 slices, of which the second batch leaves two without rows.
  const slices = { ...shape, name: 'slices', degree: 3, rows: 1026, batch: 1024 }
  const cases = [2, 3, 4].map(degree => ({ ...shape, name: `degree ${degree}`, degree, batch: 300 }))

  it.each([...cases, slices])('have the bits of folded ones: $name', async network => {
    const { batch } = network
    const direct = await outcome(network, 1, simd, { batch, trainable: UNSCALED })
    // Powers of two change no digits: with a scale of 2 layers are folded, and gradients by coef are twice as large; with the
    // scales trained, too, only gradients are unfolded.
    const scaled = await outcome(network, 2, simd, { batch, trainable: UNSCALED })
    const unfolded = await outcome(network, 1, simd, { batch })
    for (const [other, factor] of [
      [scaled, 0.5],
      [unfolded, 1],
    ] as const) {
      expect(other.outputs).toEqual(direct.outputs)
      expect(other.gradients.loss).toEqual(direct.gradients.loss)
      expect(other.gradients.inputs).toEqual(direct.gradients.inputs)
      expect(comparable(network, other.gradients.parameters, factor)).toEqual(
        comparable(network, direct.gradients.parameters, 1),
      )
      expect(comparable(network, other.state.optimizer['first']!, factor)).toEqual(
        comparable(network, direct.state.optimizer['first']!, 1),
      )
    }
  })
})
