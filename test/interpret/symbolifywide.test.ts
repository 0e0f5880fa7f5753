import { describe, expect, it } from 'vitest'
import { KAN } from '../../src/index.ts'
import { evaluateRows, parse } from '../../src/formula/index.ts'
import { seeded } from '../oracle/random.ts'

const law = ([a = 0, b = 0]: readonly number[]): number => Math.exp(Math.sin(Math.PI * a) + b * b)

function sample(count: number, seed = 3): { x: number[][]; y: number[] } {
  const random = seeded(seed)
  const x = Array.from({ length: count }, () => [2 * random() - 1, 2 * random() - 1])
  return { x, y: x.map(law) }
}

describe('symbolify', () => {
  it('has a formula of a wide network soon, with short numbers, and hears a stop while it looks for better ones', async () => {
    const random = seeded(6)
    const rows = sample(150)
    const noisy = { x: rows.x, y: rows.y.map(value => value + 0.2 * (random() - 0.5)) }
    const kan = new KAN({ width: [2, 8, 1], grid: 3, seed: 1 })
    await kan.fit(noisy, { optimizer: 'lm', steps: 5, restarts: 1 })
    const run = kan.symbolify(noisy)
    let named = 0
    for await (const { stage, fixed, edges } of run) {
      named = Math.max(named, fixed)
      // All 24 are named at once; then the search goes on with the splines.
      if (named === 24 && stage === 'splines') break
      expect(fixed).toBeLessThanOrEqual(edges)
    }
    const found = await run
    expect(found.stop).toBe('aborted')
    expect(named).toBe(24)
    // Noise is 0.058 of the law's deviation 0.7; the splines were hardly trained.
    expect(found.train.relative).toBeLessThan(0.3)
    const digits = found.texts[0]!.match(/\d+\.\d+/g)!.map(text => text.replaceAll(/^0\.0*|\./g, '').length)
    expect(Math.max(...digits)).toBeLessThan(10)
  })

  it('has a formula of a wide network whenever it is stopped once the first edge is named', async () => {
    const rows = sample(100)
    const kan = new KAN({ width: [2, 8, 1], grid: 3, seed: 1 })
    await kan.fit(rows, { optimizer: 'lm', steps: 3, restarts: 1 })
    const run = kan.symbolify(rows)
    for await (const { fixed } of run) if (fixed > 0) break
    const late = await kan.symbolify(rows, { seconds: 0 })
    for (const [found, stop] of [
      [await run, 'aborted'],
      [late, 'seconds'],
    ] as const) {
      expect(found.stop).toBe(stop)
      expect(found.train.relative).toBeLessThan(1.1)
    }
    // Where no function of the library is quick, and some have no value on the rows.
    const narrow = await kan.symbolify(rows, { seconds: 0, library: ['log', '1/x'] })
    expect(narrow.train.relative).toBeLessThan(Infinity)
    expect(narrow.kan.parameters.every(Number.isFinite)).toBe(true)
  })

  it('gives the network without the nodes that have no edge any more', async () => {
    const rows = sample(300)
    const kan = new KAN({ width: [2, 2, 1], grid: 5, seed: 1 })
    await kan.fit(rows, { optimizer: 'lm', steps: 30, restarts: 3 })
    const { kan: compact, edges, texts } = await kan.symbolify(rows)
    expect(compact.width).toEqual([2, 1, 1])
    expect(edges.map(({ l, i, j }) => [l, i, j])).toEqual([
      [0, 0, 0],
      [0, 1, 0],
      [1, 0, 0],
    ])
    const fresh = sample(100, 8)
    const values = evaluateRows(parse(texts[0]!), ['x1', 'x2'], fresh.x.flat(), 100)
    const own = await compact.predict(fresh.x)
    // Its constants are those from before they were polished: to rounding on rows without noise.
    expect(Math.max(...own.map((value, r) => Math.abs(value - values[r]!)))).toBeLessThan(1e-8)
    expect(compact.suggest(0, 0, 0, { library: ['sin'] })[0]!.r2).toBeCloseTo(1, 9)
    expect(
      compact.statistics!.layers.map(({ inputMin, edgeL1 }) => [inputMin.length, edgeL1.length]),
    ).toEqual([
      [2, 2],
      [1, 1],
    ])
  })
})
