import { describe, expect, test } from 'vitest'
import type { LayerGradients, ReferenceModel } from '../reference/read.ts'
import { readReference } from '../reference/read.ts'
import { oracleFromPykan, oracleLayerFromPykan } from './frompykan.ts'
import type { OracleLayerGradient, OracleLoss, OracleModel } from './kan.ts'
import { oracleActivations, oracleBackward, oracleForward, oracleGradient, oracleLoss } from './kan.ts'
import { randomModel, seeded } from './random.ts'

const { models } = readReference<{ models: ReferenceModel[] }>('models.json')
const summing = models.filter(model => model.params.width.every(([, products]) => products === 0))
const multiplying = models.filter(model => !summing.includes(model))

/** Reference values carry 15 digits; sums of up to 24 rows x 8 bases in another order add a few ulp: 1e-12 is ample. */
const TOLERANCE = 1e-12

type Nested = number | Nested[]
const flat = (value: Nested): number[] => (typeof value === 'number' ? [value] : value.flatMap(flat))

/** Largest difference relative to the reference array's largest value. */
function relativeError(actual: Nested, expected: Nested): number {
  const a = flat(actual)
  const e = flat(expected)
  expect(a.length).toBe(e.length)
  const largest = Math.max(...e.map(Math.abs))
  return Math.max(...a.map((value, i) => Math.abs(value - e[i]!))) / (largest || 1)
}

/** [in][G + k][out] as pykan's [in][out][G + k]. */
const byOutput = (coef: number[][][]): number[][][] =>
  coef.map(byBasis => byBasis[0]!.map((_, j) => byBasis.map(outputs => outputs[j]!)))

function expectLayerGradient(actual: OracleLayerGradient, expected: LayerGradients): void {
  expect(relativeError(byOutput(actual.coef), expected.coef)).toBeLessThan(TOLERANCE)
  expect(relativeError(actual.scaleBase, expected.scale_base)).toBeLessThan(TOLERANCE)
  expect(relativeError(actual.scaleSpline, expected.scale_sp)).toBeLessThan(TOLERANCE)
}

describe('the oracle against pykan and torch (models.json)', () => {
  test('three models only sum and one multiplies', () => {
    expect([summing.length, multiplying.length]).toEqual([3, 1])
  })

  for (const reference of summing) {
    test(`${reference.name}: node values, output, loss and every gradient`, () => {
      const model = oracleFromPykan(reference.params)
      const levels = oracleActivations(model, reference.x)
      levels.forEach((level, l) => expect(relativeError(level, reference.acts[l]!)).toBeLessThan(TOLERANCE))
      expect(relativeError(oracleForward(model, reference.x), reference.out)).toBeLessThan(TOLERANCE)

      const gradient = oracleGradient(model, reference.x, { kind: 'mse', target: reference.y })
      expect(relativeError(gradient.loss, reference.mse)).toBeLessThan(TOLERANCE)
      expect(relativeError(gradient.x, reference.grad_mse.x)).toBeLessThan(TOLERANCE)
      reference.grad_mse.layers.forEach((layer, l) => expectLayerGradient(gradient.layers[l]!, layer))

      const ones = reference.x.map(() => [1])
      const slope = oracleBackward(model, reference.x, ones).x
      expect(relativeError(slope, reference.dout_dx)).toBeLessThan(TOLERANCE)
    })
  }

  for (const reference of multiplying) {
    test(`${reference.name}: last layer, with trained node scale and bias`, () => {
      const params = reference.params.layers.at(-1)!
      const model = { layers: [oracleLayerFromPykan(params, reference.params.k)] }
      const x = reference.acts.at(-2)!
      expect(relativeError(oracleForward(model, x), reference.out)).toBeLessThan(TOLERANCE)
      const gradient = oracleGradient(model, x, { kind: 'mse', target: reference.y })
      expect(relativeError(gradient.loss, reference.mse)).toBeLessThan(TOLERANCE)
      const layer = gradient.layers[0]!
      const expected = reference.grad_mse.layers.at(-1)!
      expectLayerGradient(layer, expected)
      // out = node_scale (subnode_scale sum + subnode_bias) + node_bias, folded into nodeScale and nodeBias.
      const s = layer.nodeScale[0]!
      const b = layer.nodeBias[0]!
      const ours = {
        node_scale: [s * params.subnode_scale[0]! + b * params.subnode_bias[0]!],
        node_bias: [b],
        subnode_scale: [s * params.node_scale[0]!],
        subnode_bias: [b * params.node_scale[0]!],
      }
      expect(relativeError(ours.node_scale, expected.node_scale!)).toBeLessThan(TOLERANCE)
      expect(relativeError(ours.node_bias, expected.node_bias!)).toBeLessThan(TOLERANCE)
      expect(relativeError(ours.subnode_scale, expected.subnode_scale!)).toBeLessThan(TOLERANCE)
      expect(relativeError(ours.subnode_bias, expected.subnode_bias!)).toBeLessThan(TOLERANCE)
    })

    test(`${reference.name}: first layer, its product and every gradient`, () => {
      const [params, next] = reference.params.layers
      const layer = oracleLayerFromPykan(params!, reference.params.k, 1)
      // What oracleLayerFromPykan leaves out: the bias behind the product, which is a shift of the next layer's input.
      const shift = [0, 0, params!.node_bias[2]!]
      const nodes = oracleForward({ layers: [layer] }, reference.x).map(row =>
        row.map((v, n) => v + shift[n]!),
      )
      expect(relativeError(nodes, reference.acts[1]!)).toBeLessThan(TOLERANCE)

      const above = { layers: [oracleLayerFromPykan(next!, reference.params.k)] }
      const dNodes = oracleGradient(above, nodes, { kind: 'mse', target: reference.y }).x
      const { layers, x } = oracleBackward({ layers: [layer] }, reference.x, dNodes)
      const gradient = layers[0]!
      const expected = reference.grad_mse.layers[0]!
      expectLayerGradient(gradient, expected)
      expect(relativeError(x, reference.grad_mse.x)).toBeLessThan(TOLERANCE)
      // Outputs 0 and 1 are sums, 2 and 3 the factors; the node scale s of the product is in factor 2: s (a sum + b).
      const { nodeScale: s, nodeBias: b } = gradient
      const { node_scale: scale, subnode_scale: a, subnode_bias: c } = params!
      const factors = [scale[0]!, scale[1]!, scale[2]!, 1]
      const subScale = s.map((value, j) => value * factors[j]!)
      const subBias = b.map((value, j) => value * factors[j]!)
      const ownScale = [0, 1, 2].map(j => s[j]! * a[j]! + b[j]! * c[j]!)
      const sumOf = (n: number): number => dNodes.reduce((sum, row) => sum + row[n]!, 0)
      expect(relativeError(subScale, expected.subnode_scale!)).toBeLessThan(TOLERANCE)
      expect(relativeError(subBias, expected.subnode_bias!)).toBeLessThan(TOLERANCE)
      expect(relativeError(ownScale, expected.node_scale!)).toBeLessThan(TOLERANCE)
      expect(relativeError([0, 1, 2].map(sumOf), expected.node_bias!)).toBeLessThan(TOLERANCE)
    })
  }
})

/** Walks every parameter and every input along one random direction. */
function along(
  model: OracleModel,
  x: number[][],
  step: number,
  seed: number,
): { model: OracleModel; x: number[][] } {
  const random = seeded(seed)
  const move1 = (values: number[]): number[] => values.map(v => v + step * (2 * random() - 1))
  const move2 = (values: number[][]): number[][] => values.map(move1)
  return {
    model: {
      layers: model.layers.map(layer => ({
        ...layer,
        coef: layer.coef.map(move2),
        scaleBase: move2(layer.scaleBase),
        scaleSpline: move2(layer.scaleSpline),
        nodeScale: move1(layer.nodeScale),
        nodeBias: move1(layer.nodeBias),
      })),
    },
    x: move2(x),
  }
}

describe.each([
  { name: 'sums', products: [[], []] },
  { name: 'products of two and three', products: [[3, 2], [2]] },
])('the oracle against finite differences: $name', ({ products }) => {
  const random = seeded(7)
  const model = randomModel(
    random,
    [3, 4, 3],
    [
      { intervals: 4, degree: 3, base: 'silu', ratio: 4, products: products[0]! },
      { intervals: 3, degree: 5, base: 'identity', products: products[1]! },
    ],
  )
  const x = Array.from({ length: 6 }, () => [0, 1, 2].map(() => 2 * random() - 1))
  const weights = [1, 0.5, 2, 0, 3, 1]
  const losses: OracleLoss[] = [
    { kind: 'mse', target: x.map(row => row.map(v => v * v)), weights },
    { kind: 'mae', target: x.map(row => row.map(v => v * v)), weights },
    { kind: 'huber', delta: 0.3, target: x.map(row => row.map(v => v * v)), weights },
    { kind: 'crossEntropy', labels: [0, 2, 1, 1, 0, 2], weights },
    { kind: 'crossEntropy', labels: [0, 2, 1, 1, 0, 2] },
  ]
  test.each(losses)('$kind with weights $weights', loss => {
    const gradient = oracleGradient(model, x, loss)
    expect(gradient.loss).toBe(oracleLoss(model, x, loss))
    // The direction itself is the move by step 1 less the start.
    const end = along(model, x, 1, 99)
    let slope = 0
    const dot = (g: Nested, to: Nested, from: Nested): void => {
      const start = flat(from)
      const stop = flat(to)
      flat(g).forEach((value, i) => (slope += value * (stop[i]! - start[i]!)))
    }
    gradient.layers.forEach((g, l) => {
      const to = end.model.layers[l]!
      const from = model.layers[l]!
      dot(g.coef, to.coef, from.coef)
      dot(g.scaleBase, to.scaleBase, from.scaleBase)
      dot(g.scaleSpline, to.scaleSpline, from.scaleSpline)
      dot(g.nodeScale, to.nodeScale, from.nodeScale)
      dot(g.nodeBias, to.nodeBias, from.nodeBias)
    })
    dot(gradient.x, end.x, x)
    const lossAt = (step: number): number => {
      const moved = along(model, x, step, 99)
      return oracleLoss(moved.model, moved.x, loss)
    }
    // Central differences at h = 1e-5: truncation ~ h^2 |f'''| / 6 (here |f'''| up to ~1e3 |f'|) and rounding ~ 1e-16 / h = 1e-11.
    const numeric = (lossAt(1e-5) - lossAt(-1e-5)) / 2e-5
    expect(Math.abs(slope)).toBeGreaterThan(0.01)
    expect(Math.abs(numeric - slope) / Math.abs(slope)).toBeLessThan(1e-7)
  })

  test('a weight of 2 counts as the row twice, a weight of 0 as its absence', () => {
    const target = x.map(row => row.map(v => v + 1))
    const weighted = oracleGradient(model, x, { kind: 'mse', target, weights: [2, 0, 1, 1, 1, 1] })
    const rows = [0, 0, 2, 3, 4, 5]
    const repeated = oracleGradient(
      model,
      rows.map(b => x[b]!),
      {
        kind: 'mse',
        target: rows.map(b => target[b]!),
      },
    )
    expect(relativeError(weighted.loss, repeated.loss)).toBeLessThan(TOLERANCE)
    expect(relativeError(weighted.layers[0]!.coef, repeated.layers[0]!.coef)).toBeLessThan(TOLERANCE)
  })
})
