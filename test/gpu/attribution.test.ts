import { describe, expect, test } from 'vitest'
import { KAN } from '../../src/kan.ts'
import type { WidthEntry } from '../../src/index.ts'
import { Random } from '../../src/random.ts'
import { relativeError } from '../engine/flat.ts'
import { bothEngines } from './require.ts'
import { SUITE_TOLERANCES } from './suitetolerances.ts'

const random = new Random(8)
const x = Array.from({ length: 400 }, () => [2 * random.uniform() - 1, 2 * random.uniform() - 1])

describe('scores after a calibration on the GPU are those of the CPU', () => {
  const engines = bothEngines()
  const networks: { name: string; width: WidthEntry[] }[] = [
    { name: 'sums', width: [2, 4, 3, 2] },
    { name: 'products', width: [2, [2, 2], 1] },
  ]

  test.each(networks)('$name', async ({ width }) => {
    const kan = new KAN({ width, grid: 4, noise: 2, seed: 3 })
    const other = kan.copy()
    await kan.calibrate(x, { engine: engines.cpu })
    await other.calibrate(x, { engine: engines.gpu })
    // A statistic errs by a share of the largest of its kind in its layer, and is divided by one that may be smaller than that.
    const { layers } = kan.statistics!
    const spreads = layers.flatMap(({ inputDeviation, nodeDeviation }) =>
      [inputDeviation!, nodeDeviation].map(values => Math.max(...values) / Math.min(...values)),
    )
    // Two statistics a layer, and a backward score is a product of as many ratios as there are layers.
    const tolerance = 2 * layers.length * Math.max(...spreads) * SUITE_TOLERANCES.statistics
    expect(tolerance).toBeLessThan(1e-3)
    for (const metric of ['backward', 'forward', 'paper', 'paper_n'] as const) {
      const [expected, actual] = [kan, other].map(own => own.attribute({ metric }))
      for (const part of ['edges', 'nodes', 'incoming', 'outgoing'] as const)
        expected![part].forEach((scores, l) =>
          expect(relativeError(actual![part][l]!, scores), `${metric} ${part} ${l}`).toBeLessThan(tolerance),
        )
    }
    const scoresOf = (own: KAN): number[] => own.importance().map(({ score }) => score)
    expect(relativeError(scoresOf(other), scoresOf(kan))).toBeLessThan(tolerance)
  })
})
