import { expect, it } from 'vitest'
import type { Engine, Gradients } from '../../../src/engine/engine.ts'
import { oracleForward, oracleGradient } from '../../oracle/kan.ts'
import type { OracleLoss, OracleModel } from '../../oracle/kan.ts'
import {
  flatRows,
  flatten,
  flattenParameters,
  lossPlan,
  planFor,
  relativeError,
  worstGroupError,
} from '../flat.ts'
import { caseLoss, caseModel, NETWORKS } from '../samples.ts'
import type { NetworkCase } from '../samples.ts'
import type { Tolerances } from '../suite.ts'

async function answers(
  engine: Engine,
  model: OracleModel,
  x: number[][],
  loss: OracleLoss,
): Promise<{ outputs: Float64Array; gradients: Gradients }> {
  const flat = flatten(model)
  const session = await engine.open(planFor(flat.layout, x.length, lossPlan(loss)))
  const training = flatRows(x, loss)
  await session.upload({ ...flat, training })
  return { outputs: await session.predict(training.x), gradients: await session.gradients() }
}

/** One layer, all of whose edges are there. */
function oneLayer(network: NetworkCase): OracleModel {
  const { layers } = caseModel(network)
  return { layers: layers.map(layer => ({ ...layer, mask: layer.mask.map(row => row.map(() => 1)) })) }
}

/** A layer that hands its inputs on: its outputs are the logits that a test is about. */
function identity(nodes: number): OracleModel {
  const layer = oneLayer({ ...NETWORKS[0]!, width: [nodes, nodes], base: 'identity' }).layers[0]!
  const diagonal = layer.scaleBase.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)))
  const scaleSpline = layer.scaleSpline.map(row => row.map(() => 0))
  const ones = layer.nodeScale.map(() => 1)
  const zeros = layer.nodeBias.map(() => 0)
  return { layers: [{ ...layer, scaleBase: diagonal, scaleSpline, nodeScale: ones, nodeBias: zeros }] }
}

/** Inputs on knots and far away, outputs far from 0. */
export function boundarySuite(engineOf: () => Engine, tolerances: Tolerances): void {
  it.each([
    { degree: 1, ratio: 1 },
    { degree: 1, ratio: 4 },
    { degree: 2, ratio: 1 },
    { degree: 2, ratio: 4 },
    { degree: 3, ratio: 4 },
  ])(
    'agrees with the oracle exactly on the knots: degree $degree, ratio $ratio',
    async ({ degree, ratio }) => {
      const network = { ...NETWORKS[0]!, width: [1, 3], degree, ratio }
      const model = oneLayer(network)
      // The model's numbers, and so the knots, are exact in float32; slopes at a knot are those to its right.
      const x = model.layers[0]!.knots[0]!.map(knot => [knot])
      const loss = caseLoss(network, 'mse', false, x.length)
      const { outputs, gradients } = await answers(engineOf(), model, x, loss)
      const expected = oracleGradient(model, x, loss)
      expect(relativeError(outputs, oracleForward(model, x).flat())).toBeLessThan(tolerances.forward)
      expect(relativeError(gradients.inputs, expected.x.flat())).toBeLessThan(tolerances.gradient)
      const { layout } = flatten(model)
      const parameters = flattenParameters(layout, expected.layers)
      expect(worstGroupError(layout, gradients.parameters, parameters)).toBeLessThan(tolerances.gradient)
    },
  )

  it.each(['silu', 'identity', 'zero'] as const)('agrees with the oracle at |x| = 1e4: %s', async base => {
    const network = { ...NETWORKS[0]!, width: [1, 3], base }
    const model = oneLayer(network)
    // Each alone, as the values differ by four orders; 89 is where e^x leaves float32.
    for (const value of [-1e4, -200, -89, -88, -20, 20, 88, 89, 1e4]) {
      const x = [[value]]
      const loss = caseLoss(network, 'mse', false, 1)
      const { outputs, gradients } = await answers(engineOf(), model, x, loss)
      const expected = oracleGradient(model, x, loss)
      expect(relativeError(outputs, oracleForward(model, x).flat())).toBeLessThan(tolerances.forward)
      // silu'(-88) is about 1e-36 and float32 may flush it to 0: an error of 1e-30 is none.
      gradients.inputs.forEach((g, i) => {
        const exact = expected.x.flat()[i]!
        expect(Math.abs(g - exact)).toBeLessThan(tolerances.gradient * Math.abs(exact) + 1e-30)
      })
    }
  })

  it.each([
    {
      name: '+-200',
      rows: [
        [200, -200, 200],
        [-200, 200, -200],
        [200, 200, 200],
      ],
    },
    {
      name: 'all near -200',
      rows: [
        [-200, -201, -199.5],
        [-210, -200, -205],
        [-200, -200, -200],
      ],
    },
    {
      name: 'all near 200',
      rows: [
        [200, 201, 199.5],
        [210, 200, 205],
        [200, 200, 200],
      ],
    },
    {
      name: 'of order 1',
      rows: [
        [0, 0, 0],
        [1, 2, -0.5],
        [-1, -2, -0.25],
      ],
    },
  ])('cross-entropy of logits $name', async ({ rows }) => {
    const model = identity(3)
    for (let label = 0; label < 3; label++) {
      const loss: OracleLoss = { kind: 'crossEntropy', labels: rows.map((_, b) => (b + label) % 3) }
      const { gradients } = await answers(engineOf(), model, rows, loss)
      const expected = oracleGradient(model, rows, loss)
      // The loss is a difference of logits, and errs by their rounding.
      const largest = Math.max(...rows.flat().map(Math.abs), expected.loss)
      expect(Math.abs(gradients.loss[0]! - expected.loss) / largest).toBeLessThan(tolerances.forward)
      expect(relativeError(gradients.inputs, expected.x.flat())).toBeLessThan(tolerances.gradient)
    }
  })
}
