import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { targetTransforms } from '../../../src/interpret/discover/targets.ts'
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

  it('are refused where some weigh more than others', () => {
    expect(() => checkTask({ x, y, weights: weights.with(1, 3) }, {})).toThrow(ConfigError)
    expect(() => checkTask({ x, y, weights: weights.with(1, 3) }, {})).toThrow(/3 and 2 for rows 2 and 3/)
    expect(() => checkTask({ x, y }, { test: { x, y, weights: weights.with(1, 3) } })).toThrow(
      /^test\.weights/,
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
