import { describe, expect, it } from 'vitest'
import { KAN } from '../../../src/kan.ts'
import { seeded } from '../../oracle/random.ts'

/** y = bumps(x1) + faint x2: no known function is like the first curve, and the second may hardly matter. */
async function trained(faint: number): Promise<KAN> {
  const random = seeded(4)
  const heights = Array.from({ length: 9 }, () => 2 * random() - 1)
  const bumps = (x: number): number =>
    heights.reduce((sum, height, k) => sum + height * Math.exp(-((4 * (x + 1) - k) ** 2)), 0)
  const x = Array.from({ length: 300 }, () => [2 * random() - 1, 2 * random() - 1])
  const kan = new KAN({ width: [2, 1], grid: 20, seed: 1 })
  await kan.fit(
    { x, y: x.map(([a, b]) => bumps(a!) + faint * b!) },
    { optimizer: 'lm', steps: 20, restarts: 1 },
  )
  return kan
}

describe('the constant 0 among suggestions', () => {
  it('is the last where the edge matters, and the first where it does not', async () => {
    const kan = await trained(1e-3)
    const { edges } = kan.attribute()
    expect(edges[0]![0]).toBeGreaterThan(0.03)
    expect(edges[0]![1]).toBeLessThan(0.03)
    const bumpy = kan.suggest(0, 0, 0)
    // The points of the curve are there, and no part of what a console shows.
    expect(bumpy[0]!.fitted).toHaveLength(bumpy[0]!.x.length)
    expect(Object.keys(bumpy[0]!)).not.toContain('x')
    // By the score alone it would be ahead of functions that explain little for what they cost.
    const scores = bumpy.map(({ score }) => score)
    expect(scores.at(-1)!).toBeLessThan(Math.max(...scores))
    expect(bumpy.at(-1)!.name).toBe('0')
    expect(bumpy.filter(({ name }) => name === '0')).toHaveLength(1)
    expect(kan.suggest(0, 1, 0)[0]!.name).toBe('0')
    expect(kan.suggest(0, 0, 0, { most: 3 }).map(({ name }) => name)).toEqual(
      bumpy.slice(0, 3).map(({ name }) => name),
    )
    expect(() => kan.suggest(0, 0, 0, { most: 0 })).toThrow('most is 0')
  })

  it('leaves the order of the others to the score, as it is documented', async () => {
    const kan = await trained(1)
    for (const simplicity of [0.2, 0.5]) {
      const others = kan.suggest(0, 0, 0, { simplicity, noise: 1e-6 }).slice(0, -1)
      for (const { score, unexplained, complexity, free } of others)
        expect(score).toBeCloseTo(
          (1 - simplicity) * Math.log2(1e-6 + unexplained) + simplicity * (complexity + free / 2),
          12,
        )
      const scores = others.map(({ score }) => Math.round(1000 * score))
      expect(scores).toEqual(scores.toSorted((p, q) => p - q))
    }
  })
})
