import { describe, expect, it } from 'vitest'
import { KAN } from '../../../src/index.ts'
import type { ArityEntry, LayerView, WidthEntry } from '../../../src/index.ts'
import { relativeError } from '../../engine/flat.ts'
import { seeded } from '../../oracle/random.ts'

/** A calibrated network on random rows. */
async function calibrated(
  width: readonly WidthEntry[],
  x: number[][],
  seed = 1,
  arity: readonly ArityEntry[] = width.slice(1).map(() => 2),
): Promise<KAN> {
  const kan = new KAN({ width, arity, grid: 3, seed, noise: 1 })
  await kan.calibrate(x)
  return kan
}

function rows(count: number, columns: number): number[][] {
  const random = seeded(3)
  return Array.from({ length: count }, () => Array.from({ length: columns }, () => 2 * random() - 1))
}

const x = rows(300, 3)

describe('pruning', () => {
  it('with thresholds of 0 computes the same', async () => {
    const kan = await calibrated([3, 4, 2], x)
    const pruned = kan.prune({ node: 0, edge: 0 })
    expect(pruned.width).toEqual([3, 4, 2])
    expect(await pruned.predict(x)).toEqual(await kan.predict(x))
  })

  it('removes what does nothing, and computes the same', async () => {
    const kan = await calibrated([3, 4, 2], x)
    // Node 1 has no incoming edge that varies, node 2 no outgoing one, and edge (2, 0) of the first layer is constant.
    const first = kan.layer(0).values
    const second = kan.layer(1).values
    for (let i = 0; i < 3; i++) silence(first, i, 1, 4)
    for (let j = 0; j < 2; j++) silence(second, 2, j, 2)
    silence(first, 2, 0, 4)
    first.nodeBias[1] = 0.3
    await kan.calibrate(x)
    const pruned = kan.prune({ node: 1e-12, edge: 1e-12 })
    expect(pruned.width).toEqual([3, 2, 2])
    expect([...pruned.layer(0).values.mask]).toEqual([1, 1, 1, 1, 0, 1])
    // Means are sums over 300 rows.
    expect(relativeError(await pruned.predict(x), await kan.predict(x))).toBeLessThan(1e-13)
  })

  it('removes a product whole, keeps one of which a factor is constant, and computes the same', async () => {
    const kan = await calibrated([3, [1, 3], 2], x, 1, [[2, 3, 2], 2])
    // Outputs of layer 0: sum 0, factors 1 and 2, 3 to 5, 6 and 7. Factor 1, all of 3 to 5, and sum 0 are constant.
    const { values } = kan.layer(0)
    for (const j of [0, 1, 3, 4, 5]) for (let i = 0; i < 3; i++) silence(values, i, j, 8)
    values.nodeBias.set([0.4, 0.7, 0, -0.6, 1.5, 0.8, 0, 0.2])
    silence(values, 1, 6, 8)
    await kan.calibrate(x)
    const pruned = kan.prune({ node: 1e-12, edge: 1e-12 })
    expect(pruned.width).toEqual([3, [0, 2], 2])
    expect(pruned.arity).toEqual([[2, 2], []])
    const { mask, nodeBias } = pruned.layer(0).values
    expect([...mask]).toEqual([0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1])
    expect(nodeBias[0]).toBe(0.7)
    // Means are sums over 300 rows.
    expect(relativeError(await pruned.predict(x), await kan.predict(x))).toBeLessThan(1e-13)
  })

  it('leaves the mean of every output where it was', async () => {
    const kan = await calibrated([3, 4, 1], x)
    const pruned = kan.prune({ edge: 0.1, node: 0 })
    expect(pruned.mask.filter(present => present === 1).length).toBeLessThan(16)
    const one = new KAN({ width: [3, 1], seed: 2, noise: 1 })
    await one.calibrate(x)
    const scores = one.attribute().edges[0]!
    const smaller = one.prune({ edge: scores.toSorted()[1]! })
    expect([...smaller.mask].filter(present => present === 0)).toHaveLength(1)
    const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length
    expect(mean(await smaller.predict(x))).toBeCloseTo(mean(await one.predict(x)), 13)
  })

  it('says which threshold would leave nothing', async () => {
    const kan = await calibrated([3, 4, 1], x)
    const { edges, nodes } = kan.attribute()
    const highest = (scores: Float64Array): number => Math.max(...scores)
    expect(() => kan.prune({ edge: 5 })).toThrow(
      `{ edge: 5 } would leave layer 0 without an edge; its highest edge score is ${highest(edges[0]!)}.`,
    )
    // The inputs' scores are no matter: they stay.
    expect(highest(nodes[0]!)).not.toBe(highest(nodes[1]!))
    expect(() => kan.prune({ node: 0.999, edge: 0 })).toThrow(
      `{ node: 0.999 } would leave no node between layers 0 and 1; the highest score there is ${highest(nodes[1]!)}.`,
    )
    expect(() => kan.prune({ edge: -1 })).toThrow('a threshold is a score of at least 0 (usually 0.03)')
    expect(() => kan.prune({ node: -1 })).toThrow('a threshold is a score of at least 0 (usually 0.01)')
    expect(() => new KAN({ width: [2, 1] }).prune()).toThrow('no statistics')
  })

  it('names the layer that loses all of its edges, not one before it that then leads nowhere', async () => {
    const kan = await calibrated(
      [1, 3, 4],
      x.map(([a]) => [a!]),
    )
    const [before, after] = kan.attribute().edges.map(scores => Math.max(...scores))
    // The one input gives a hidden node all of its score, which four outputs add up to.
    expect(before).toBeGreaterThan(1.1 * after!)
    const edge = (before! + after!) / 2
    expect(() => kan.prune({ node: 0, edge })).toThrow(
      `{ edge: ${edge} } would leave layer 1 without an edge; its highest edge score is ${after}.`,
    )
  })

  it('says that both thresholds together leave no path', async () => {
    const kan = await calibrated([3, 2, 1], x)
    // Node 0 passes 0.6 on, 0.36 of it (of deviations that add up to more) from each input; node 1 all of its 0.4 from one.
    const [first, second] = kan.statistics!.layers
    first!.nodeDeviation.fill(1)
    second!.nodeDeviation.fill(1)
    first!.edgeDeviation.set([0.6, 1, 0.6, 0, 0.6, 0])
    second!.edgeDeviation.set([0.6, 0.4])
    const thresholds = { node: 0.5, edge: 0.38 }
    expect(() => kan.prune(thresholds)).toThrow(
      '{ node: 0.5, edge: 0.38 } would leave no path from the inputs to the outputs. Lower both thresholds.',
    )
    for (const one of ['node', 'edge'] as const)
      expect(kan.prune({ ...thresholds, [one]: 0 }).width).toEqual([3, 1, 1])
  })

  it.each(['adam', 'lm'] as const)('of trained networks does not depend on units: %s', async optimizer => {
    const shapes = new Set<string>()
    for (let seed = 0; seed < 8; seed++) {
      const random = seeded(seed + 20)
      const rows = Array.from({ length: 150 }, () => [1 + random(), 1 + 4 * random(), random()])
      const decisions = await Promise.all(
        [1, 1000, 1e-3].map(async unit => {
          const kan = new KAN({ width: [3, 3, 1], grid: 3, seed, scaling: { log: { inputs: [1] } } })
          const samples = {
            x: rows.map(row => row.map(value => unit * value)),
            y: rows.map(([a, b, c]) => (unit * (a! * b! + Math.sin(4 * c!))) / (1 + seed)),
          }
          await kan.fit(samples, { optimizer, steps: optimizer === 'lm' ? 4 : 60, restarts: 1, lambda: 1e-3 })
          return (['backward', 'paper_n'] as const).map(metric => {
            const pruned = kan.prune({ metric, edge: 0.12, node: 0.1, inputs: 0.2 })
            return [pruned.width, [...pruned.mask]]
          })
        }),
      )
      expect(decisions[1]).toEqual(decisions[0])
      expect(decisions[2]).toEqual(decisions[0])
      for (const decision of decisions[0]!) shapes.add(JSON.stringify(decision))
    }
    // There was something to decide.
    expect(shapes.size).toBeGreaterThan(8)
  })

  it('keeps a network that can be saved, trained and pruned again', async () => {
    const y = x.map(([a, b]) => Math.sin(3 * a!) + b! ** 2)
    const kan = new KAN({ width: [3, 3, 1], grid: 3 })
    await kan.fit({ x, y }, { optimizer: 'lm', steps: 20 })
    const pruned = KAN.load(kan.prune({ edge: 0.05 }).save())
    const report = await pruned.fit({ x, y }, { optimizer: 'lm', steps: 10 })
    expect(report.best.loss).toBeLessThan(0.05)
    expect(pruned.prune().width[0]).toBe(3)
  })
})

/** Makes edge (i, j) of a layer with so many outputs constant 0. */
function silence(values: LayerView['values'], i: number, j: number, outputs: number): void {
  values.scaleBase[i * outputs + j] = 0
  values.scaleSpline[i * outputs + j] = 0
}
