import { describe, expect, it } from 'vitest'
import { isLikeNoise } from '../../../../src/interpret/discover/judging/residuals.ts'
import { Random } from '../../../../src/random.ts'

const names = ['x1', 'x2']

describe('isLikeNoise', () => {
  it('tells noise from what a formula does not say, whatever the units', () => {
    let seen = 0
    for (let seed = 0; seed < 50; seed++) {
      const random = new Random(seed)
      const x = Float64Array.from({ length: 1000 }, (_, p) => (p % 2 === 0 ? 1e6 : 1e-3) * random.uniform())
      const noise = Float64Array.from({ length: 500 }, () => random.uniform() - 0.5)
      if (isLikeNoise(noise, { x, names })) seen++
      const smooth = noise.map((_, r) => Math.sin(6e-6 * x[2 * r]!) * Math.cos(6e3 * x[2 * r + 1]!))
      expect(isLikeNoise(smooth, { x, names })).toBe(false)
    }
    // Three standard errors: one in 700 is taken for a curve.
    expect(seen).toBeGreaterThanOrEqual(48)
  })

  it('calls no errors at all no noise', () => {
    expect(isLikeNoise(new Float64Array(9), { x: new Float64Array(18), names })).toBe(false)
  })
})
