import { describe, expect, it } from 'vitest'
import { minimise } from '../../../src/interpret/curves/brent.ts'

describe('minimise', () => {
  const bracket = { low: -1, high: 2, evaluations: 80 }

  it('finds smooth minima to the root of the rounding error, and kinks', () => {
    // 1e-8 is the square root of the rounding of values of about 1.
    expect(Math.abs(minimise(x => 1 + (x - 0.3) ** 2, 0, bracket) - 0.3)).toBeLessThan(3e-8)
    expect(Math.abs(minimise(x => Math.exp(x) - 2 * x, 0, bracket) - Math.log(2))).toBeLessThan(3e-8)
    expect(Math.abs(minimise(x => Math.abs(x - 0.7), 0, bracket) - 0.7)).toBeLessThan(3e-8)
  })

  it('goes round where the loss is infinite, and stays where it is flat', () => {
    const beside = (x: number): number => (x > 0.5 ? Infinity : (x - 0.4) ** 2)
    expect(Math.abs(minimise(beside, 0, bracket) - 0.4)).toBeLessThan(1e-7)
    const flat = minimise(() => 1, 0.25, bracket)
    expect(flat).toBeGreaterThanOrEqual(-1)
    expect(flat).toBeLessThanOrEqual(2)
    expect(Number.isFinite(minimise(() => Infinity, 0.25, bracket))).toBe(true)
  })

  it('takes no more evaluations than it may', () => {
    let count = 0
    minimise(
      x => {
        count++
        return x ** 4
      },
      0.5,
      { ...bracket, evaluations: 9 },
    )
    expect(count).toBe(9)
  })
})
