import { describe, expect, it } from 'vitest'
import { ConfigError, ShapeError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { forwardNodes } from '../../src/model/forward.ts'
import { updateGrid } from '../../src/model/gridupdate.ts'
import type { GridUpdateOptions } from '../../src/model/gridupdate.ts'
import { refineModel } from '../../src/model/refine.ts'
import { scaleRows } from '../../src/model/scaling.ts'
import { flatten } from '../engine/flat.ts'
import { oracleFromPykan } from '../oracle/frompykan.ts'
import { randomModel, seeded } from '../oracle/random.ts'
import type { UpdateGridCase } from '../reference/read.ts'
import { readReference } from '../reference/read.ts'
import { toySamples } from '../train/toy.ts'
import { modelFromOracle } from './flatmodel.ts'

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length)
  return Array.from(actual).reduce((most, value, p) => Math.max(most, Math.abs(value - expected[p]!)), 0)
}

describe('updateGrid: against pykan', () => {
  const { cases } = readReference<{ cases: UpdateGridCase[] }>('update_grid.json')
  it.each(cases)('$name, grid_eps $grid_eps', ({ grid_eps, before, x, out_after_first8, layers_after }) => {
    const rows = Float64Array.from(x.flat())
    const model = modelFromOracle(oracleFromPykan(before))
    const updated = updateGrid(model, rows, { eps: grid_eps, margin: 0, reach: 0 })
    const layers = before.layers.map((layer, l) => ({ ...layer, ...layers_after[l]! }))
    const { knots, parameters } = flatten(oracleFromPykan({ ...before, layers }))
    // Measured: knots 6e-15, coefficients 2e-14, outputs 5e-15. Their condition number is at most 1 / 6e-3.
    expect(largestDifference(updated.knots, knots)).toBeLessThan(1e-13)
    expect(largestDifference(updated.parameters, parameters)).toBeLessThan(1e-12)
    const outputs = forwardNodes(updated, rows).at(-1)!
    expect(largestDifference(outputs.subarray(0, 8), out_after_first8.flat())).toBeLessThan(1e-13)
  })
})

describe('updateGrid', () => {
  const random = seeded(4)
  const oracle = randomModel(
    random,
    [2, 3, 1],
    [
      { intervals: 5, degree: 3, base: 'silu' },
      { intervals: 4, degree: 2, base: 'silu' },
    ],
  )
  const model = modelFromOracle(oracle)

  it('covers fresh samples with inner grids where pykan does not', () => {
    const draw = (rows: number): Float64Array =>
      Float64Array.from({ length: 2 * rows }, () => 6 * random() + 1)
    const x = draw(1000)
    const fresh = draw(1000)
    const beyond = (margin: number): number => {
      const updated = updateGrid(model, x, { margin })
      const nodes = forwardNodes(updated, fresh)
      return updated.layout.layers.reduce((count, { inputs, intervals, degree, knotsPerInput }, l) => {
        const { knots } = updated.layer(l).values
        const outside = nodes[l]!.filter((value, p) => {
          const at = (p % inputs) * knotsPerInput + degree
          return value < knots[at]! || value > knots[at + intervals]!
        })
        return count + outside.length
      }, 0)
    }
    expect(beyond(0)).toBeGreaterThan(0)
    expect(beyond(0.05)).toBe(0)
  })

  const columns: [string, (row: number) => number][] = [
    ['a constant within the grid', () => 0.25],
    ['a constant elsewhere', () => -40],
    ['zeros and ones', row => row % 2],
    ['zeros, and a few others', row => (row < 90 ? 0 : row / 100)],
    ['very small', row => 1e-12 * row],
    ['very large', row => 1e12 * (row + 1)],
    [
      'not finite now and then',
      row => (row % 10 === 0 ? [Number.NaN, Infinity][(row / 10) % 2]! : row / 100),
    ],
  ]
  it.each(columns)('%s: finite knots that increase, finite outputs', (_, value) => {
    for (const rows of [1, 3, 100])
      for (const eps of [0, 0.02, 1]) {
        const x = Float64Array.from({ length: 2 * rows }, (__, p) =>
          p % 2 === 0 ? value(p / 2) : Math.sin(p),
        )
        const updated = updateGrid(model, x, { eps })
        // Saving and loading checks that everything is finite and that knots increase.
        const loaded = KAN.load(new KAN(updated).save())
        expect(loaded.knots).toEqual(updated.knots)
        const finite = x.filter((__, p) => Number.isFinite(x[p - (p % 2)]))
        expect(forwardNodes(updated, finite).at(-1)!.every(Number.isFinite)).toBe(true)
      }
  })

  it('changes nothing without rows or for one constant row within the grids', () => {
    for (const x of [[], [0.1, 0.2]]) {
      const updated = updateGrid(model, Float64Array.from(x))
      expect(updated.layer(0).values).toEqual(model.layer(0).values)
      expect(model.knots).toEqual(modelFromOracle(oracle).knots)
    }
  })

  it('repeated, it does not let the function drift', () => {
    const x = Float64Array.from({ length: 600 }, () => 2 * random() - 1)
    const once = updateGrid(model, x)
    let many = once
    for (let repeat = 0; repeat < 20; repeat++) many = updateGrid(many, x)
    const outputs = forwardNodes(once, x).at(-1)!
    const scale = Math.max(...outputs.map(Math.abs))
    expect(largestDifference(forwardNodes(many, x).at(-1)!, outputs) / scale).toBeLessThan(0.02)
  })

  it('refuses an eps or margin out of range, and half a row', () => {
    const x = Float64Array.of(0, 0, 1, 1)
    expect(() => updateGrid(model, x, { eps: 2 })).toThrow(ConfigError)
    expect(() => updateGrid(model, x, { margin: -0.1 })).toThrow(ConfigError)
    expect(() => updateGrid(model, x.subarray(1))).toThrow(ShapeError)
  })

  it.each([0.02, 1])('eps %f: keeps what a model of 200 intervals says to fresh samples', async eps => {
    const samples = toySamples(300, 7)
    const fresh = toySamples(2000, 99)
    const coarse = new KAN({ width: [2, 5, 1], grid: 3, seed: 1 })
    await coarse.fit(samples, { optimizer: 'adam', steps: 400, learningRate: 0.03 })
    const x = scaleRows(samples.x, coarse.scaling!.input)
    const fine = new KAN(refineModel(coarse, 200, forwardNodes(coarse, x)))
    const loss = async (options: GridUpdateOptions): Promise<number> =>
      (await new KAN(updateGrid(fine, x, options)).evaluate(fresh)).loss
    const before = (await fine.evaluate(fresh)).loss
    // Measured: the RMSE goes from 0.0163 to 0.0171; with pykan's margin and extra knots to more than twice as much.
    expect(Math.sqrt((await loss({ eps })) / before)).toBeLessThan(1.1)
    expect(Math.sqrt((await loss({ eps, margin: 0, reach: 0 })) / before)).toBeGreaterThan(2)
  })
})
