import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { edgeCurve } from '../../src/model/curve.ts'

describe('edgeCurve', () => {
  it.each(['silu', 'identity', 'zero'] as const)('adds up to what a layer predicts, base %s', async base => {
    const kan = new KAN({
      width: [3, 2],
      grid: 4,
      degree: 2,
      base,
      scaling: { input: 'none', output: 'none' },
    })
    kan.layer(0).values.mask[2] = 0
    kan.layer(0).values.scaleSpline[1] = 0.5
    // Points inside the grid, on its end, and outside the extended knots.
    const points = [-0.3, 1, 5]
    const predicted = await kan.predict(points.map(point => [point, point, point]))
    for (const j of [0, 1]) {
      const sum = [0, 1, 2].map(i => edgeCurve(kan, 0, i, j, points))
      points.forEach((_, p) =>
        expect(predicted[p * 2 + j]).toBeCloseTo(sum[0]![p]! + sum[1]![p]! + sum[2]![p]!, 13),
      )
    }
    expect(edgeCurve(kan, 0, 1, 0, points).every(value => value === 0)).toBe(true)
  })

  it('refuses an edge that is not there', () => {
    const kan = new KAN({ width: [3, 2] })
    expect(() => edgeCurve(kan, 0, 3, 0, [0])).toThrow(ConfigError)
    expect(() => edgeCurve(kan, 1, 0, 0, [0])).toThrow(/\[3, 2\]/)
  })
})
