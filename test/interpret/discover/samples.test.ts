import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../../src/errors.ts'
import type { DiscoverOptions } from '../../../src/interpret/discover/options.ts'
import { targetTransforms } from '../../../src/interpret/discover/structures/targets.ts'
import { checkTask } from '../../../src/interpret/discover/task.ts'

describe('samples of a search', () => {
  const x = Float64Array.from({ length: 60 }, (_, r) => r)
  const y = x.map((value, r) => (r % 7 === 0 ? 1000 : 2 * value + 1))
  const weights = x.map((_, r) => (r % 7 === 0 ? 0 : 2))

  it('are those of a weight', () => {
    const { all, test } = checkTask({ x, y, weights }, { test: { x, y, weights } })
    expect(all.rows).toBe(51)
    expect(test!.rows).toBe(51)
    all.y.forEach((value, r) => expect(value).toBe(2 * all.x[r]! + 1))
  })

  it('keep their weights where some weigh more than others', () => {
    expect(checkTask({ x, y, weights }, {}).all.weights).toBeUndefined()
    const { all, test } = checkTask(
      { x, y, weights: weights.with(1, 3) },
      { test: { x, y, weights: weights.with(2, 5) } },
    )
    // Row 0 weighs nothing.
    expect([...all.weights!.subarray(0, 3)]).toEqual([3, 2, 2])
    expect([...test!.weights!.subarray(0, 3)]).toEqual([2, 5, 2])
    expect(all.weights).toHaveLength(51)
  })

  it('are refused where a column on a logarithmic scale has no logarithm', () => {
    const log = { inputs: [true], output: true }
    const names = ['mass, kg']
    expect(() => checkTask({ x, y }, { names, log: { inputs: [0] } })).toThrow(
      new DataError(
        'x, column "mass, kg", row 1, is 0, which has no logarithm, and the column is on a logarithmic scale; leave such rows out, ' +
          'or the column out of log.',
      ),
    )
    // The first row weighs nothing.
    expect(checkTask({ x, y, weights }, { log }).log).toEqual(log)
    const negative = { x, y: y.with(9, -1), weights }
    expect(() => checkTask(negative, { log })).toThrow(/^y, row 10, is -1, which has no logarithm/)
    expect(() => checkTask({ x, y, weights }, { log, test: negative })).toThrow(/^test\.y, row 10,/)
  })

  it('are on the scales that the option says', () => {
    const scales = (log: DiscoverOptions['log']): unknown =>
      checkTask({ x: [[1, 2]], y: [3] }, { ...(log && { log }) })
    expect(() => scales({ inputs: [2] })).toThrow(ConfigError)
    expect(() => scales({ inputs: [2] })).toThrow(
      /^log\.inputs is \[2\]; give places of columns from 0 to 1, .* as in discover\(/,
    )
  })

  it('may be very many', () => {
    // Some 120,000 arguments are more than a call takes.
    const many = new Float64Array(200_000).map((_, r) => Math.sin(r))
    const fits = (own: Float64Array): string[] =>
      targetTransforms.filter(({ fits }) => fits(own)).map(({ name }) => name)
    expect(fits(many)).toEqual(['y'])
    expect(fits(many.map(value => 1.5 * value))).toEqual(['y', 'sin y'])
  })
})
