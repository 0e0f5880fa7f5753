import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText } from '../../src/formula/index.ts'
import { snap } from '../../src/interpret/snap.ts'
import { Random } from '../../src/random.ts'
import { rms, sampleLaw } from './laws.ts'

const names = ['x1', 'x2']
const square = { variables: names, ranges: [[-1, 1] as const, [-1, 1] as const] }

describe('snap', () => {
  it('recovers exp(sin(pi x1) + x2^2) as it was written, removing what is not there', () => {
    const formula = parse('exp(sin(pi*x1) + x2^2)')
    const { x, y } = sampleLaw({ formula, ...square }, 1000, 1)
    const start = parse('exp(1.01*sin(3.17*x1 + 0.01) + 1.01*(x2 - 0.02)^2) + 0.01*x2 - 0.01')
    const { expression, rmse, snapped, free } = snap(start, names, x, y, 1000)
    expect(toText(expression)).toBe('exp(sin(pi*x1) + x2^2)')
    expect([rmse, snapped, free]).toEqual([0, 7, 0])
  })

  it('snaps noisy constants where the rows do not object, and keeps the held-out error', () => {
    const random = new Random(9)
    const formula = parse('exp(sin(pi*x1) + x2^2)')
    const fresh = sampleLaw({ formula, ...square }, 1000, 3)
    const { x, y } = sampleLaw({ formula, ...square }, 1000, 2)
    const noisy = y.map(value => value + 0.2 * (random.uniform() - 0.5))
    const start = parse('exp(1.01*sin(3.17*x1 + 0.01) + 1.01*(x2 - 0.02)^2) + 0.01*x2 - 0.01')
    const { expression, polished, rmse } = snap(start, names, x, noisy, 1000)
    expect(toText(expression)).toBe('exp(sin(pi*x1) + x2^2)')
    expect(rms(evaluateRows(expression, names, fresh.x, 1000).map((f, i) => f - fresh.y[i]!))).toBe(0)
    // chi99(7) = 18.5 of 1000 rows: half of that in the root.
    expect(rmse / polished).toBeLessThan(1.0093)
  })

  it('does not touch a constant that is none', () => {
    const { x, y } = sampleLaw({ formula: parse('0.7182345611*sin(2.414559021*x1) + x2'), ...square }, 200, 4)
    const { expression, free } = snap(parse('0.7*sin(2.4*x1) + 1.1*x2'), names, x, y, 200)
    expect(toText(expression, { digits: 10 })).toBe('0.7182345611*sin(2.414559021*x1) + x2')
    expect(free).toBe(2)
  })
})
