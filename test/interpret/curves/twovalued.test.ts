import { describe, expect, it } from 'vitest'
import { KAN } from '../../../src/kan.ts'
import { discover } from '../../../src/interpret/discover/discover.ts'
import { twoValuedColumns } from '../../../src/interpret/curves/twovalued.ts'
import { seeded } from '../../oracle/random.ts'

describe('columns of two values', () => {
  it('are found, wherever a third value comes', () => {
    // Columns: two values; three; one; two until the last row.
    const x = [0, 1, 5, 2, 1, 2, 5, 3, 0, 3, 5, 2, 1, 1, 5, 4]
    expect([...twoValuedColumns(x, 4)]).toEqual([0, 2])
    expect([...twoValuedColumns([7, 8], 2)]).toEqual([0, 1])
  })

  it('have lines for curves, in symbolify and in discover', { timeout: 60_000 }, async () => {
    const random = seeded(6)
    const x = Array.from({ length: 120 }, (_, r) => [2 * random() - 1, r % 3 === 0 ? 1 : 0])
    const rows = { x, y: x.map(([a, b]) => Math.exp(a!) + 4 * b!) }
    const kan = new KAN({ width: [2, 1], grid: 5, seed: 1 })
    await kan.fit(rows, { optimizer: 'lm', steps: 20, restarts: 1 })
    const { edges, texts } = await kan.symbolify(rows)
    expect(edges.find(({ i }) => i === 1)!.name).toBe('x')
    expect(texts).toEqual(['exp(x1) + 4*x2'])
    // Without a line in the library there is no other way than a curve.
    const { edges: bent } = await kan.symbolify(rows, { library: ['exp'] })
    expect(bent.find(({ i }) => i === 1)!.name).toBe('exp')
    const found = await discover(rows, { width: [2, 1], restarts: 1, seconds: 20 })
    expect(found.pareto.flatMap(({ text }) => text.match(/\w+\([^()]*x2/g) ?? [])).toEqual([])
    expect(found.text).toBe('exp(x1) + 4*x2')
  })
})
