import { describe, expect, it } from 'vitest'
import { discover } from '../../../../src/index.ts'
import { jumps, showsPole } from '../../../../src/interpret/discover/reading/jumps.ts'
import { Random } from '../../../../src/random.ts'

const random = new Random(4)
const x = Float64Array.from({ length: 300 }, () => 2 * random.uniform() - 1)

describe('poles between rows', () => {
  it('are seen where values grow to both signs, and not in a step or a smooth function', () => {
    const [pole] = jumps(
      x,
      x.map(u => 2 / (u - 0.05) + 3),
    )
    // Between the two rows next to it.
    const below = x.reduce((most, u) => (u < 0.05 ? Math.max(most, u) : most), -1)
    const above = x.reduce((least, u) => (u > 0.05 ? Math.min(least, u) : least), 1)
    expect(pole).toBeGreaterThan(below)
    expect(pole).toBeLessThan(above)
    for (const y of [x.map(u => Math.tanh(9 * u)), x.map(u => Math.sin(3 * u)), x.map(Math.sign)]) {
      expect(jumps(x, y)).toEqual([])
      expect(showsPole(y)).toBe(false)
    }
    expect(showsPole(x.map(u => 1 / (u - 0.05)))).toBe(true)
  })

  it.each([
    ['1/(x1 - 0.05)', (u: number) => 1 / (u - 0.05)],
    ['2/(x1 - 0.05) + 3', (u: number) => 2 / (u - 0.05) + 3],
  ])('are found: %s', { timeout: 30_000 }, async (text, f) => {
    const found = await discover({ x: Array.from(x, u => [u]), y: x.map(f) })
    expect(found.exact).toBe(true)
    expect(found.text).toBe(text)
  })
})
