import { describe, expect, it } from 'vitest'
import { KAN } from '../../../src/index.ts'
import { everything } from '../../../src/interpret/pruning/deadends.ts'
import { keptStatistics } from '../../../src/interpret/pruning/keptstatistics.ts'
import { chooseRest } from '../../../src/interpret/pruning/remove.ts'
import { subnetwork } from '../../../src/model/subnetwork.ts'
import { relativeError } from '../../engine/flat.ts'
import { seeded } from '../../oracle/random.ts'

const random = seeded(8)
const x = Array.from({ length: 200 }, () => Array.from({ length: 3 }, () => 2 * random() - 1))

async function calibrated(): Promise<KAN> {
  const kan = new KAN({ width: [3, 2, 1], grid: 3, seed: 1, noise: 1 })
  await kan.calibrate(x)
  return kan
}

describe('statistics of what is kept', () => {
  it('are those of a calibration where whole nodes and inputs go', async () => {
    const kan = await calibrated()
    const { values } = kan.layer(0)
    // Input 2 does nothing, so that it can go without a change to node 0.
    for (const group of [values.scaleBase, values.scaleSpline]) group.fill(0, 4, 6)
    await kan.calibrate(x)
    const kept = chooseRest(kan, { nodes: [[1, 1]], inputs: [2] })
    const told = keptStatistics(kan, kept)!
    const smaller = new KAN(subnetwork(kan, kept))
    await smaller.calibrate(x.map(row => row.slice(0, 2)))
    expect(told.rows).toBe(200)
    smaller.statistics!.layers.forEach((layer, l) => {
      const names = [
        'inputMin',
        'inputMax',
        'inputDeviation',
        'histogram',
        'edgeL1',
        'edgeMean',
        'edgeDeviation',
        'nodeDeviation',
      ] as const
      // The same sums over 200 rows; the means of two roundings each.
      for (const name of names)
        expect(relativeError(told.layers[l]![name]!, layer[name]!)).toBeLessThan(1e-12)
    })
  })

  it('belong to pruned models, so that curves can be looked at', async () => {
    const kan = await calibrated()
    expect(kan.removeNode(1, 1).suggest(0, 0, 0).length).toBeGreaterThan(0)
    expect(kan.prune({ node: 0, edge: 0 }).statistics).toEqual(kan.statistics)
    expect(kan.removeEdge(0, 0, 0).statistics).toBeUndefined()
  })

  it('are none where a hidden node loses much, or there were none', async () => {
    const kan = await calibrated()
    expect(keptStatistics(kan, chooseRest(kan, { edges: [[0, 0, 0]] }))).toBeUndefined()
    const fresh = new KAN({ width: [3, 2, 1] })
    expect(keptStatistics(fresh, everything(fresh))).toBeUndefined()
  })
})
