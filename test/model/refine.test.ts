import { describe, expect, it } from 'vitest'
import { ConfigError, ShapeError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { edgeCurve } from '../../src/model/curve.ts'
import { forwardNodes } from '../../src/model/forward.ts'
import type { Model } from '../../src/model/model.ts'
import { refineModel } from '../../src/model/refine.ts'
import { scaleRows } from '../../src/model/scaling.ts'
import { flatten } from '../engine/flat.ts'
import { oracleFromPykan } from '../oracle/frompykan.ts'
import { randomModel, seeded } from '../oracle/random.ts'
import type { RefineFile } from '../reference/read.ts'
import { readReference } from '../reference/read.ts'
import { toySamples } from '../train/toy.ts'
import { modelFromOracle } from './flatmodel.ts'

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length)
  return Array.from(actual).reduce((most, value, p) => Math.max(most, Math.abs(value - expected[p]!)), 0)
}

/** Points of the inner grid of input i of layer l; its last knot left out, where a finer spline may end. */
function innerPoints(model: Model, l: number, i: number): Float64Array {
  const { degree, intervals, knotsPerInput, values } = model.layer(l)
  const first = values.knots[i * knotsPerInput + degree]!
  const last = values.knots[i * knotsPerInput + degree + intervals]!
  return Float64Array.from({ length: 500 }, (_, p) => first + ((last - first) * p) / 500)
}

describe('refineModel: against pykan', () => {
  const { source, x, refined } = readReference<RefineFile>('refine.json')
  const parent = modelFromOracle(oracleFromPykan(source))
  const rows = Float64Array.from(x.flat())
  const nodes = forwardNodes(parent, rows)

  it.each(['10', '20'])('%s intervals', intervals => {
    const expected = refined[intervals]!
    const layers = source.layers.map((layer, l) => ({ ...layer, ...expected.layers[l]! }))
    const { knots, parameters } = flatten(oracleFromPykan({ ...source, layers }))
    const model = refineModel(parent, Number(intervals), nodes, { reach: 0 })
    // The reference prints 15 digits.
    expect(largestDifference(model.knots, knots)).toBeLessThan(1e-14)
    // pykan fits where we insert: up to 240 samples lie up to 8e-5 beyond its grid, and its inv_cond is 0.014.
    expect(largestDifference(model.parameters, parameters)).toBeLessThan(1e-9)
    const outputs = forwardNodes(model, rows).at(-1)!
    expect(largestDifference(outputs.subarray(0, 10), expected.out_first10.flat())).toBeLessThan(1e-11)
    // It reports changes of 1.9e-12 and 1.2e-11 for itself.
    expect(largestDifference(outputs, nodes.at(-1)!)).toBeLessThan(1e-10)
  })
})

describe('refineModel', () => {
  const random = seeded(11)
  const oracle = randomModel(
    random,
    [3, 4, 2],
    [
      { intervals: 3, degree: 3, base: 'silu', ratio: 4 },
      { intervals: 2, degree: 2, base: 'identity' },
    ],
  )
  const parent = modelFromOracle(oracle)
  const x = Float64Array.from({ length: 300 }, () => 2 * random() - 1)

  it('is exact where each layer gets a multiple of its intervals, also where hidden nodes leave the grid', () => {
    const nodes = forwardNodes(parent, x)
    // A layer of this random model sees samples on both sides of its inner grid.
    expect(Math.min(...nodes[1]!)).toBeLessThan(-1.05)
    expect(Math.max(...nodes[1]!)).toBeGreaterThan(1.05)
    const model = refineModel(parent, [12, 10], nodes)
    expect(model.layout.layers.map(layer => layer.intervals)).toEqual([12, 10])
    expect(largestDifference(forwardNodes(model, x).at(-1)!, nodes.at(-1)!)).toBeLessThan(1e-13)
    for (let l = 0; l < 2; l++)
      for (let i = 0; i < parent.layout.layers[l]!.inputs; i++)
        for (let j = 0; j < parent.layout.layers[l]!.outputs; j++) {
          const points = innerPoints(parent, l, i)
          const difference = largestDifference(
            edgeCurve(model, l, i, j, points),
            edgeCurve(parent, l, i, j, points),
          )
          expect(difference).toBeLessThan(1e-13)
        }
  })

  it('leaves scales, masks, affines and the parent as they are; keeps scaling; drops statistics', async () => {
    const kan = new KAN({ width: [2, 3, 1], grid: 3, trainable: { scaleSpline: true, nodeBias: true } })
    await kan.fit(toySamples(50), { steps: 3 })
    kan.layer(0).values.mask[1] = 0
    const copy = kan.copy()
    const model = new KAN(refineModel(kan, 6, forwardNodes(kan, x)))
    expect(kan).toEqual(copy)
    for (const l of [0, 1])
      for (const name of ['scaleBase', 'scaleSpline', 'nodeScale', 'nodeBias', 'mask'] as const)
        expect(model.layer(l).values[name]).toEqual(kan.layer(l).values[name])
    expect(model.scaling).toEqual(kan.scaling)
    expect(model.statistics).toBeUndefined()
    expect(model.config).toEqual({ ...kan.config, layers: model.config.layers })
    expect(KAN.load(model.save())).toEqual(model)
    await model.fit(toySamples(50), { steps: 3 })
  })

  it('gives back a layer that already has these intervals, bit by bit', () => {
    const model = refineModel(parent, [3, 4], forwardNodes(parent, x))
    expect(model.layer(0).values).toEqual(parent.layer(0).values)
  })

  it('refuses intervals out of range and nodes of another network', () => {
    const nodes = forwardNodes(parent, x)
    for (const wrong of [0, 2.5, Number.NaN, 1e6, [4], [4, 4, 4]])
      expect(() => refineModel(parent, wrong, nodes)).toThrow(ConfigError)
    expect(() => refineModel(parent, 6, nodes.slice(0, 1))).toThrow(/missing/)
    expect(() => refineModel(parent, 6, [nodes[0]!, nodes[1]!.subarray(1)])).toThrow(ShapeError)
  })
})

describe('refineModel: of a trained model, 300 samples', () => {
  /** Test RMSE at 3, 5, 10, 20, 50, 100 and 200 intervals, without training in between. */
  async function chain(width: number[], seed: number, extra: { reach?: number }): Promise<number[]> {
    const samples = toySamples(300, 7)
    const fresh = toySamples(2000, 99)
    let kan = new KAN({ width, grid: 3, seed })
    await kan.fit(samples, { optimizer: 'adam', steps: 400, learningRate: 0.03 })
    const errors = [Math.sqrt((await kan.evaluate(fresh)).loss)]
    for (const intervals of [5, 10, 20, 50, 100, 200]) {
      const nodes = forwardNodes(kan, scaleRows(samples.x, kan.scaling!.input))
      kan = new KAN(refineModel(kan, intervals, nodes, extra))
      errors.push(Math.sqrt((await kan.evaluate(fresh)).loss))
    }
    return errors
  }

  it.each([
    { width: [2, 5, 1], seed: 0 },
    { width: [2, 5, 1], seed: 1 },
    { width: [2, 1, 1], seed: 2 },
  ])('$width, seed $seed: a chain to 200 intervals costs fresh samples nothing', async ({ width, seed }) => {
    const errors = await chain(width, seed, {})
    // From 3 to 5 the corners of the coarsest splines cannot be followed: measured from -5 % to +14 % over six models.
    expect(errors[1]! / errors[0]!).toBeLessThan(1.2)
    // From then on it is insertion, or nearly (20 to 50): measured below 2e-4.
    for (const error of errors.slice(2)) expect(Math.abs(error / errors[1]! - 1)).toBeLessThan(1e-3)
  })

  it("would cost a quarter with pykan's extra knots", async () => {
    const errors = await chain([2, 5, 1], 0, { reach: 0 })
    expect(errors.at(-1)! / errors[1]!).toBeGreaterThan(1.2)
  })
})
