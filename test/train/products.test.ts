import { describe, expect, it } from 'vitest'
import { KAN } from '../../src/kan.ts'
import { Random } from '../../src/random.ts'

/** The product of each row's values, which are uniform in [-1, 1]. */
function productRows(columns: number, rows: number, seed: number): { x: Float64Array; y: Float64Array } {
  const random = new Random(seed, 1)
  const x = Float64Array.from({ length: rows * columns }, () => 2 * random.uniform() - 1)
  const y = Float64Array.from({ length: rows }, (_, b) =>
    x.subarray(b * columns, (b + 1) * columns).reduce((product, value) => product * value, 1),
  )
  return { x, y }
}

describe('a product node', () => {
  it.each([2, 3])(
    'of %i factors is the product of as many inputs, with the usual restarts',
    async factors => {
      const train = productRows(factors, 400, 0)
      const kan = new KAN({ width: [factors, [0, 1], 1], arity: factors, grid: 3, seed: 0 })
      const { losses } = await kan.fit(train, { optimizer: 'lm', steps: 100 })
      expect(losses.every((loss, step) => step === 0 || loss <= losses[step - 1]!)).toBe(true)
      // Measured over seeds 0 to 2, on fresh rows: 2e-8 for two factors, 6e-8 for three.
      expect((await kan.evaluate(productRows(factors, 1000, 1))).rmse).toBeLessThan(1e-6)
    },
  )

  it.each([2, 3])('of %i factors is the output itself', async factors => {
    const train = productRows(factors, 400, 0)
    const y = train.y.map(value => 5 * value)
    const kan = new KAN({ width: [factors, [0, 1]], arity: factors, grid: 3, seed: 0 })
    await kan.fit({ x: train.x, y }, { optimizer: 'lm', steps: 100 })
    const fresh = productRows(factors, 1000, 1)
    expect((await kan.evaluate({ x: fresh.x, y: fresh.y.map(value => 5 * value) })).rmse).toBeLessThan(1e-6)
  })

  it('trains with a sum beside it, on finer grids that follow the samples, and goes on from a file', async () => {
    const train = productRows(3, 400, 0)
    const kan = new KAN({ width: [3, [1, 1], 1], arity: 3, grid: 3, seed: 0 })
    await kan.fit(train, { optimizer: 'lm', steps: 50, refine: [5] })
    const again = KAN.load(kan.updateGrid(train.x).save())
    expect(again.width).toEqual([3, [1, 1], 1])
    expect(again.arity).toEqual([[3], []])
    await again.fit(train, { optimizer: 'lm', steps: 20 })
    const loaded = KAN.load(again.save())
    expect(await loaded.predict(train.x)).toEqual(await again.predict(train.x))
    expect((await loaded.evaluate(train)).rmse).toBeLessThan(1e-2)
  })

  it('goes on from a checkpoint bit for bit, and from none of another arity', async () => {
    const train = productRows(3, 100, 0)
    const options = { optimizer: 'lm', restarts: 1, steps: 6 } as const
    const shape = { width: [3, [1, 1], 1], grid: 3, seed: 1 } as const
    const whole = new KAN({ ...shape, arity: 3 })
    await whole.fit(train, options)
    const half = new KAN({ ...shape, arity: 3 })
    const { checkpoint } = await half.fit(train, { ...options, steps: 3 })
    await half.fit(train, { ...options, resume: checkpoint })
    expect(half.parameters).toEqual(whole.parameters)
    const other = new KAN({ ...shape, arity: 2 })
    await expect(other.fit(train, { ...options, resume: checkpoint })).rejects.toThrow(
      'another run: arity is [[2],[]], and was [[3],[]]',
    )
  })

  it.each(['adam', 'lbfgs'] as const)(
    'trains with %s, with a penalty and in a population',
    async optimizer => {
      const train = productRows(2, 300, 0)
      const population = KAN.population({ width: [2, [1, 1], 1], grid: 3, seeds: 4 })
      await population.fit(train, { optimizer, steps: 150, lambda: 1e-4 })
      const after = await Promise.all(population.members.map(member => member.evaluate(train)))
      // The targets' deviation is 1/3.
      for (const { rmse } of after) expect(rmse).toBeLessThan(0.1)
    },
  )
})
