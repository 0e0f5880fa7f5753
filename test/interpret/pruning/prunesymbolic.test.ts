import { describe, expect, it } from 'vitest'
import { KAN } from '../../../src/kan.ts'
import { edgeCurve } from '../../../src/model/curve.ts'
import { fixEdge } from '../../../src/model/fix.ts'
import { toySamples } from '../../train/toy.ts'

describe('pruning a model with symbolic edges', () => {
  it('keeps those that matter with their numbers, and takes away those that do not', async () => {
    const { x, y } = toySamples(300)
    // The second hidden node hardly varies: its edges go, the sine to it too.
    let kan = new KAN({ width: [2, 2, 1], scaling: { output: 'none' } })
    const edges = [
      [0, 0, 0, 'sin(u)', [3, 0, 1, 0]],
      [0, 0, 1, 'sin(u)', [1, 0, 1e-4, 2]],
      [0, 1, 0, 'u^2', [1, 0, 1, 0]],
      [1, 0, 0, 'exp(u)', [1, 0, 1, 0]],
      [1, 1, 0, 'u', [1, 0, 1, 0]],
    ] as const
    for (const [l, i, j, formula, affine] of edges)
      kan = new KAN(fixEdge(kan, l, i, j, { name: formula, formula, affine }))
    kan.layer(0).values.mask.fill(0)
    await kan.fit({ x, y }, { steps: 1, optimizer: 'adam', learningRate: 1e-9 })
    const pruned = kan.prune()
    expect(pruned.width).toEqual([2, 1, 1])
    expect(
      pruned.config.layers.map(({ symbolic }) => symbolic!.map(({ edge, formula }) => [edge, formula])),
    ).toEqual([
      [
        [0, 'sin(u)'],
        [1, 'u^2'],
      ],
      [[0, 'exp(u)']],
    ])
    const points = [-1, 0.2, 0.9]
    expect(edgeCurve(pruned, 0, 1, 0, points)).toEqual(edgeCurve(kan, 0, 1, 0, points))
    // What went varied by 1e-4 and stays as its mean.
    const [before, after] = [await kan.predict(x), await pruned.predict(x)]
    expect(after.every((value, row) => Math.abs(value - before[row]!) < 1e-3)).toBe(true)
  })
})
