import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText } from '../../../../src/formula/index.ts'
import { KAN } from '../../../../src/index.ts'
import { Judge } from '../../../../src/interpret/discover/judging/judge.ts'
import type { Found } from '../../../../src/interpret/discover/search.ts'
import { shortlist } from '../../../../src/interpret/discover/judging/shortlist.ts'
import { targetTransforms } from '../../../../src/interpret/discover/structures/targets.ts'
import { Random } from '../../../../src/random.ts'

describe('the formulas that are worth a fit to all rows', () => {
  const random = new Random(5)
  const x = Float64Array.from({ length: 400 }, () => random.uniform())
  const noisy = { names: ['x'], x, y: x.map(value => 2 * value + random.uniform()), rows: 400 }
  const from = {
    rung: { structure: { inputs: 1, layers: [], starts: 1 }, target: targetTransforms[0]! },
    model: new KAN({ width: [1, 1] }),
    error: 1,
  }
  const found = (text: string, complexity: number, error: number): Found => ({
    expression: parse(text),
    error,
    complexity,
    from,
  })

  it('hold one whose numbers were fitted to few rows, though others had smaller errors then', () => {
    const judge = new Judge(noisy)
    const lists = shortlist(
      [found('0.5*x + 0.5', 5, 0.5), found('0.1*x^2 + 1', 4, 0.3), found('exp(0.1*x) + 1', 6, 0.2)],
      { training: noisy, judge },
      () => false,
    )
    const errors = lists.map(one => judge.error(evaluateRows(one.expression, ['x'], x, 400), noisy))
    // The line's: uniform noise has a deviation of sqrt(1/12), the target one of sqrt(4/12 + 1/12), 0.447 of which is noise.
    expect(Math.min(...errors)).toBeLessThan(0.48)
    expect(lists.some(one => one.complexity === 5)).toBe(true)
  })

  it('are the front alone where errors are no noise', () => {
    const lists = shortlist(
      [found('x', 1, 0.5), found('2*x', 2, 1e-3), found('3*x', 3, 1e-2)],
      { training: noisy, judge: new Judge(noisy) },
      () => false,
    )
    expect(lists.map(({ expression }) => toText(expression))).toEqual(['x', '2*x'])
  })
})
