import { describe, expect, test } from 'vitest'
import type { KAN } from '../../src/index.ts'
import { relativeError } from '../engine/flat.ts'
import { edgesOf, inOtherUnits, onPaths, randomNetwork, withMeans } from '../interpret/networks.ts'
import { bothEngines } from './require.ts'
import { SUITE_TOLERANCES } from './suitetolerances.ts'

/** Networks with products and symbolic edges among these seeds, all of whose columns and rows the GPU calibrates. */
const SEEDS = Array.from({ length: 24 }, (_, seed) => seed)

/** The width of what pruning leaves, and its edges; or which threshold it would take. */
function decisions(kan: KAN, metric: 'backward' | 'paper_n'): string {
  try {
    const pruned = kan.prune({ metric, edge: 0.1, node: 0.05, inputs: 0.02 })
    return JSON.stringify([pruned.width, edgesOf(pruned)])
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return error.message.replaceAll(/ \d[\d.e-]*(?=\.? )/g, '')
  }
}

describe('pruning by statistics of the GPU', () => {
  const engines = bothEngines()

  test('has no units: multiplying columns changes no decision, of sums, products and symbolic edges', async () => {
    let [multiplying, symbolic, pruned] = [0, 0, 0]
    for (const seed of SEEDS) {
      const { kan, x } = await randomNetwork(seed)
      const before = (['backward', 'paper_n'] as const).map(metric => decisions(kan, metric))
      const other = inOtherUnits(kan, x)
      await kan.calibrate(x, { engine: engines.gpu })
      await other.kan.calibrate(other.x, { engine: engines.gpu })
      for (const [m, metric] of (['backward', 'paper_n'] as const).entries()) {
        expect(decisions(kan, metric), `seed ${seed}`).toBe(before[m])
        expect(decisions(other.kan, metric), `seed ${seed}`).toBe(before[m])
      }
      multiplying += Number(kan.layout.layers.some(({ products }) => products !== undefined))
      symbolic += Number(kan.layout.layers.some(layer => layer.symbolic !== undefined))
      pruned += Number(before[0] !== JSON.stringify([kan.width, edgesOf(kan)]))
    }
    expect(Math.min(multiplying, symbolic, pruned)).toBeGreaterThan(5)
  })

  test('folds the mean of an edge that goes, spline or symbolic, before a sum or a product', async () => {
    let [symbolic, factors] = [0, 0]
    for (const seed of SEEDS.slice(0, 12)) {
      const { kan, x } = await randomNetwork(seed)
      await kan.calibrate(x, { engine: engines.gpu })
      const { layers } = kan.layout
      for (const [l, own] of edgesOf(kan).entries()) {
        const e = own.findLastIndex(Boolean)
        const { outputs, products = [], symbolic: functions = [] } = layers[l]!
        const kept = edgesOf(kan)
        if (e >= 0) kept[l]![e] = false
        const left = onPaths(kan, kept)
        if (e < 0 || !left[0]!.includes(true)) continue
        const smaller = kan.removeEdge(l, Math.floor(e / outputs), e % outputs)
        const said = await smaller.predict(x, { engine: engines.gpu })
        // A mean of rows errs as their outputs do, in each of the layers; later layers amplify it by slopes of up to 20.
        const tolerance = 20 * layers.length * SUITE_TOLERANCES.forward
        expect(relativeError(said, withMeans(kan, x, left)), `seed ${seed}, layer ${l}`).toBeLessThan(
          tolerance,
        )
        symbolic += Number(functions.some(({ edge }) => edge === e))
        factors += Number(products.length > 0)
      }
    }
    expect(Math.min(symbolic, factors)).toBeGreaterThan(2)
  })
})
