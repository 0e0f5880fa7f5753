import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/index.ts'
import type { KAN, Parts } from '../../../src/index.ts'
import { Random } from '../../../src/random.ts'
import { relativeError } from '../../engine/flat.ts'
import { edgesOf, inOtherUnits, onPaths, randomNetwork, withMeans } from '../networks.ts'

/** What is left of these edges when the parts are gone; nothing where no path is. */
function rest(kan: KAN, { edges = [], nodes = [], inputs = [] }: Parts): boolean[][] | undefined {
  const kept = edgesOf(kan)
  for (const [l, i, j] of edges) kept[l]![i * kan.layout.layers[l]!.outputs + j] = false
  for (const [l, i] of [...nodes, ...inputs.map(input => [0, Number(input)] as const)]) {
    const { outputs } = kan.layout.layers[l]!
    kept[l] = kept[l]!.map((there, e) => there && Math.floor(e / outputs) !== i)
  }
  const left = onPaths(kan, kept)
  return left[0]!.includes(true) ? left : undefined
}

/** Some parts that are there, chosen by the seed. */
function randomParts(kan: KAN, seed: number): Parts {
  const random = new Random(seed, 6)
  const { layers, inputs } = kan.layout
  const share = 0.6 * random.uniform()
  const chosen = <T>(list: T[]): T[] => list.filter(() => random.uniform() < share)
  return {
    edges: chosen(
      edgesOf(kan).flatMap((own, l) =>
        own.flatMap((there, e) => {
          const { outputs } = layers[l]!
          return there ? [[l, Math.floor(e / outputs), e % outputs] as const] : []
        }),
      ),
    ),
    nodes: chosen(
      layers
        .slice(1)
        .flatMap((layer, l) => Array.from({ length: layer.inputs }, (_, i) => [l + 1, i] as const)),
    ).slice(0, 1),
    inputs: chosen(Array.from({ length: inputs }, (_, i) => i)).slice(0, 1),
  }
}

/** The message of the ConfigError that a call throws; nothing where it throws none. */
function refusalOf(call: () => unknown): string {
  try {
    call()
    return ''
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message
  }
}

/**
 * Three layers of sums of up to 9 curves, each of 8 terms, and of means of 40 rows: some 200 roundings of 1.1e-16 of values that may be
 * ten times the largest output, which curves of slope up to about 20 a layer amplify: 200 * 1.1e-16 * 10 * 20.
 */
const TOLERANCE = 5e-12

describe('a smaller network', () => {
  const seeds = Array.from({ length: 120 }, (_, seed) => seed)

  it('says what the larger one says with every removed edge at its mean, of all that leads nowhere too', async () => {
    let compared = 0
    const refused: string[] = []
    for (const seed of seeds) {
      const { kan, x } = await randomNetwork(seed)
      const parts = randomParts(kan, seed)
      const left = rest(kan, parts)
      if (left === undefined) {
        refused.push(refusalOf(() => kan.remove(parts)))
        continue
      }
      const before = kan.copy()
      const smaller = kan.remove(parts)
      expect(kan).toEqual(before)
      const gone = new Set(parts.inputs?.map(Number))
      const rows = x.map(row => row.filter((_, i) => !gone.has(i)))
      expect(smaller.layout.inputs).toBe(rows[0]!.length)
      const said = await smaller.predict(rows)
      expect(said.every(Number.isFinite)).toBe(true)
      expect(relativeError(said, withMeans(kan, x, left)), `seed ${seed}`).toBeLessThan(TOLERANCE)
      // As small as can be: every edge and every hidden node that is left lies on a path.
      expect(edgesOf(smaller).flat().filter(Boolean)).toHaveLength(left.flat().filter(Boolean).length)
      expect(onPaths(smaller, edgesOf(smaller))).toEqual(edgesOf(smaller))
      smaller.layout.layers.slice(1).forEach(({ inputs, outputs }, l) => {
        const used = new Set(
          edgesOf(smaller)[l + 1]!.flatMap((there, e) => (there ? [Math.floor(e / outputs)] : [])),
        )
        expect(used.size).toBe(inputs)
      })
      compared++
    }
    expect(compared).toBeGreaterThan(60)
    expect(refused.length).toBeGreaterThan(5)
    for (const message of refused) expect(message).toContain('would leave no path')
  }, 30_000)

  it('by thresholds too, of either metric, with unused inputs or without', async () => {
    let compared = 0
    const refused: string[] = []
    for (const seed of seeds.slice(0, 60)) {
      const { kan, x } = await randomNetwork(seed)
      const metric = seed % 2 === 0 ? 'backward' : 'paper_n'
      const { edges, nodes } = kan.attribute({ metric })
      const [edge, node] = [0.2 * (1 + (seed % 4)), 0.1 * (1 + (seed % 4))]
      const kept = edgesOf(kan).map((own, l) => own.map((there, e) => there && edges[l]![e]! >= edge))
      const weak = nodes.flatMap((own, l) =>
        l === 0 || l === edges.length
          ? []
          : Array.from(own).flatMap((score, i) => (score < node ? [[l, i] as const] : [])),
      )
      for (const [l, i] of weak)
        kept[l]!.forEach((_, e) => {
          if (Math.floor(e / kan.layout.layers[l]!.outputs) === i) kept[l]![e] = false
        })
      const left = onPaths(kan, kept)
      const options = { edge, node, metric } as const
      if (!left[0]!.includes(true)) {
        refused.push(refusalOf(() => kan.prune(options)))
        continue
      }
      const expected = withMeans(kan, x, left)
      const all = kan.prune(options)
      expect(all.width[0]).toBe(kan.width[0])
      expect(relativeError(await all.predict(x), expected), `seed ${seed}`).toBeLessThan(TOLERANCE)
      const fewer = kan.prune({ ...options, inputs: true })
      const { outputs } = kan.layout.layers[0]!
      const used = x[0]!.map((_, i) => left[0]!.slice(i * outputs, (i + 1) * outputs).includes(true))
      const rows = x.map(row => row.filter((_, i) => used[i]))
      expect(relativeError(await fewer.predict(rows), expected), `seed ${seed}`).toBeLessThan(TOLERANCE)
      compared++
    }
    expect(compared).toBeGreaterThan(30)
    expect(refused.length).toBeGreaterThan(1)
    for (const message of refused) expect(message).toMatch(/^Pruning with .* would leave /)
  }, 30_000)

  it.each(['backward', 'paper_n'] as const)(
    '%s: multiplying columns changes no decision',
    async metric => {
      for (const seed of seeds.slice(0, 30)) {
        const { kan, x } = await randomNetwork(seed)
        const { kan: other, x: thousandfold } = inOtherUnits(kan, x)
        // The last layer says thousandfold values itself: products stand before it only.
        const plain = kan.copy()
        const { scaleBase, scaleSpline, nodeBias, affine } = plain.layer(-1).values
        for (const values of [scaleBase, scaleSpline, nodeBias])
          values.forEach((value, j) => (values[j] = 1000 * value))
        // c and d of symbolic edges.
        affine.forEach((value, p) => (affine[p] = p % 4 < 2 ? value : 1000 * value))
        await other.calibrate(thousandfold)
        await plain.calibrate(x)
        const decide = (own: KAN): string => {
          const options = { metric, edge: 0.1, node: 0.05, inputs: 0.02 }
          const refusal = refusalOf(() => own.prune(options)).replaceAll(/ \d[\d.e-]*(?=\.? )/g, '')
          if (refusal !== '') return refusal
          const pruned = own.prune(options)
          return JSON.stringify([pruned.width, edgesOf(pruned)])
        }
        expect(decide(other), `seed ${seed}`).toBe(decide(kan))
        expect(decide(plain), `seed ${seed}`).toBe(decide(kan))
      }
    },
    30_000,
  )
})
