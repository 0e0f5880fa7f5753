import { describe, expect, test } from 'vitest'
import { philox, Random } from '../src/random.ts'

describe('Philox4x32-10', () => {
  // Known answers of the authors' Random123 library (kat_vectors, philox4x32 10).
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('counter %j, key %j', (counter, key, answer) => {
    const block = Uint32Array.from(counter)
    philox(block, key[0]!, key[1]!)
    expect([...block]).toEqual(answer)
  })
})

describe('Random', () => {
  test('seed 0 begins with the known answer for counter 0', () => {
    const random = new Random(0)
    expect([random.word(), random.word(), random.word(), random.word()]).toEqual([
      0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8,
    ])
  })

  test('equal seeds and streams repeat, others differ', () => {
    const draw = (seed: number, stream?: number): number[] => {
      const random = new Random(seed, stream)
      return Array.from({ length: 8 }, () => random.uniform())
    }
    expect(draw(7, 3)).toEqual(draw(7, 3))
    const first = [draw(7), draw(8), draw(7, 1), draw(7 + 2 ** 32), draw(-7)].map(numbers => numbers[0])
    expect(new Set(first).size).toBe(5)
  })

  test('uniform numbers lie in [0, 1), with the mean and variance of the uniform distribution', () => {
    const random = new Random(1)
    const numbers = Array.from({ length: 100_000 }, () => random.uniform())
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
    const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length
    expect(numbers.every(value => value >= 0 && value < 1)).toBe(true)
    // Standard errors: sqrt(1 / 12 / 1e5) = 9.1e-4 for the mean, sqrt(1 / 180 / 1e5) = 2.4e-4 for the variance; four of each.
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(3.7e-3)
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(1e-3)
  })

  test('shuffle permutes in place, integers stay below their limit', () => {
    const random = new Random(2)
    const array = Uint32Array.from({ length: 100 }, (_, i) => i)
    const shuffled = random.shuffle(array)
    expect(shuffled).toBe(array)
    expect([...array]).not.toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect([...array].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    const integers = new Set(Array.from({ length: 200 }, () => random.integer(3)))
    expect([...integers].toSorted((a, b) => a - b)).toEqual([0, 1, 2])
  })
})
