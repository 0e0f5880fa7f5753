import { describe, expect, it } from 'vitest'
import type { SchedulePlan } from '../../src/engine/engine.ts'
import { rateFactor } from '../../src/engine/schedule.ts'

const factors = (schedule: SchedulePlan, steps: number[]): number[] =>
  steps.map(step => rateFactor({ kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, schedule }, step))

describe('rateFactor', () => {
  it('is 1 without a schedule and with a constant one', () => {
    expect(rateFactor({ kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, 7)).toBe(1)
    expect(factors({ kind: 'constant' }, [0, 1e6])).toEqual([1, 1])
  })

  it('falls by half a cosine to the floor, and stays there', () => {
    // As torch's CosineAnnealingLR(T_max = 8, eta_min = 0.2) has it, from rate 1: at a quarter, half and three quarters of the way.
    const at = factors({ kind: 'cosine', steps: 8, floor: 0.2 }, [0, 2, 4, 6, 8, 100])
    const quarter = Math.SQRT1_2
    const expected = [1, 0.6 + 0.4 * quarter, 0.6, 0.6 - 0.4 * quarter, 0.2, 0.2]
    // A cosine and four roundings of numbers up to 1.
    at.forEach((factor, i) => expect(Math.abs(factor - expected[i]!)).toBeLessThan(1e-15))
  })

  it('falls by equal factors to the floor, and stays there', () => {
    const at = factors({ kind: 'exponential', steps: 4, floor: 1 / 16 }, [0, 1, 2, 3, 4, 5])
    const expected = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 16]
    at.forEach((factor, i) => expect(Math.abs(factor - expected[i]!)).toBeLessThan(1e-15))
  })
})
