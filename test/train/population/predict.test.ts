import { describe, expect, test } from 'vitest'
import { KAN } from '../../../src/kan.ts'
import { quantile, spreadOf } from '../../../src/train/population/spread.ts'
import { toyClasses, toySamples } from '../toy.ts'

const x = toySamples(11, 9).x

/** Mean and deviation of some numbers by their definitions. */
function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) }
}

describe('predictions of a population', () => {
  test.each([
    ['on the same samples', false],
    ['each on samples of its own', true],
  ] as const)('are what the members say, with their spread: %s', async (_, lists) => {
    const population = KAN.population({ width: [2, 3, 2], grid: 3, seeds: 4 })
    const table = (seed: number): { x: Float64Array; y: Float64Array } => {
      const { x: inputs, y } = toySamples(40, seed)
      return {
        x: inputs.map(value => (1 + seed) * value),
        y: Float64Array.from([...y].flatMap(v => [v, -7 * v])),
      }
    }
    await population.fit(lists ? [0, 1, 2, 3].map(table) : table(0), { learningRate: 0.05, steps: 20 })
    const said = await Promise.all(population.members.map(member => member.predict(x)))
    const result = await population.predict(x, { quantiles: [0, 0.5, 0.9], members: true })
    expect(result.numbers).toEqual([0, 1, 2, 3])
    expect(result.members).toEqual(said)
    said[0]!.forEach((__, p) => {
      const column = said.map(own => own[p]!)
      const { mean, deviation } = moments(column)
      expect(result.mean[p]).toBeCloseTo(mean, 12)
      expect(result.deviation[p]).toBeCloseTo(deviation, 12)
      expect(deviation).toBeGreaterThan(0)
      const [a, b, c, d] = column.toSorted((u, v) => u - v) as [number, number, number, number]
      expect(result.quantiles[0]![p]).toBe(a)
      expect(result.quantiles[1]![p]).toBeCloseTo((b + c) / 2, 12)
      // At place 0.9 * 3 = 2.7.
      expect(result.quantiles[2]![p]).toBeCloseTo(c + 0.7 * (d - c), 12)
    })
  })

  test('are probabilities for a classification', async () => {
    const population = KAN.population({ width: [2, 4, 3], grid: 3, seeds: 3 })
    await population.fit(toyClasses(60), { loss: 'cross-entropy', learningRate: 0.05, steps: 15 })
    const { mean, deviation, members } = await population.predict(x, { members: true })
    const said = await Promise.all(population.members.map(member => member.predict(x)))
    for (let r = 0; r < 11; r++) {
      const rows = said.map(own => Array.from(own.subarray(3 * r, 3 * r + 3), Math.exp))
      const shares = rows.map(row => row.map(e => e / (row[0]! + row[1]! + row[2]!)))
      for (const j of [0, 1, 2]) {
        const own = moments(shares.map(row => row[j]!))
        expect(mean[3 * r + j]).toBeCloseTo(own.mean, 12)
        expect(deviation[3 * r + j]).toBeCloseTo(own.deviation, 12)
        members.forEach((member, m) => expect(member[3 * r + j]).toBeCloseTo(shares[m]![j]!, 12))
      }
    }
  })

  test('have no deviation with a single member, and need no fit', async () => {
    const population = KAN.population({ width: [2, 3, 1], seeds: [5] })
    const { mean, deviation, members, quantiles } = await population.predict(x)
    expect(mean).toEqual(await population.members[0]!.predict(x))
    expect(deviation.every(value => value === 0)).toBe(true)
    expect([members, quantiles]).toEqual([[], []])
    await expect(population.predict(x, { quantiles: [1.5] })).rejects.toThrow(/quantiles\[0\] is 1\.5/)
    await expect(population.predict(x, { quantiles: 0.5 as never })).rejects.toThrow(/quantiles is no list/)
  })
})

describe('a spread', () => {
  test('quantiles are between order statistics', () => {
    expect([0, 0.25, 0.5, 1].map(q => quantile([1, 3, 7], q))).toEqual([1, 2, 3, 7])
    expect(quantile([4], 0.3)).toBe(4)
    expect(quantile([], 0.5)).toBeNaN()
  })

  test('is of the numbers that are finite', () => {
    expect(spreadOf(Float64Array.of(9, NaN, 1, Infinity, 2))).toEqual({ best: 1, median: 2, worst: 9 })
    expect(spreadOf(Float64Array.of(NaN))).toEqual({ best: NaN, median: NaN, worst: NaN })
  })
})
