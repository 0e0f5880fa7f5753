import { describe, expect, it } from 'vitest'
import { evaluateRows, parse } from '../../../../src/formula/index.ts'
import { discover } from '../../../../src/index.ts'
import { limitsOf } from '../../../../src/interpret/discover/structures/limits.ts'
import { targetTransforms } from '../../../../src/interpret/discover/structures/targets.ts'
import { Random } from '../../../../src/random.ts'

function targets(library?: readonly string[]): string[] {
  return targetTransforms.filter(limitsOf(library).allowsTarget).map(({ name }) => name)
}

describe('limitsOf', () => {
  it('allows transforms of the target whose way back the library has', () => {
    expect(targets()).toHaveLength(targetTransforms.length)
    expect(targets(['x'])).toEqual(['y', '1/y'])
    expect(targets(['exp', 'sqrt'])).toEqual(['y', 'log y', '1/y', 'y^2', '1/y^2'])
    expect(targets(['arcsin'])).toEqual(['y', '1/y', 'sin y'])
  })

  it.each([
    ['a*b/c + 2*a - 1', ['x'], true],
    ['a^2', ['x'], false],
    ['a^2 + a^-2', ['x^2'], true],
    ['a^4', ['x^2'], true],
    ['a^3', ['x^2'], false],
    ['a^b', ['x^2'], false],
    ['sqrt(a)', ['x', 'x^2'], false],
    ['sqrt(a)', ['sqrt'], true],
    ['a^1.37*sqrt(b)', ['exp'], false],
    ['a^1.37*sqrt(b)', ['exp', 'log'], true],
    ['cos(a)', ['sin'], true],
    ['tan(a)', ['sin'], false],
    ['exp(-a^2)', ['gaussian'], true],
  ] as const)('%s of %j: %s', (text, library, allowed) => {
    expect(limitsOf(library).allows(parse(text))).toBe(allowed)
  })

  it('holds for what discover finds', { timeout: 60_000 }, async () => {
    const random = new Random(1)
    const x = Float64Array.from({ length: 600 }, () => 1 + random.uniform())
    const y = evaluateRows(parse('a*sqrt(b)'), ['a', 'b'], x, 300)
    const library = ['x', 'x^2']
    const { pareto, text } = await discover({ x, y }, { names: ['a', 'b'], library, seconds: 4 })
    for (const one of [text, ...pareto.map(rival => rival.text)])
      expect([one, limitsOf(library).allows(parse(one))]).toEqual([one, true])
    const product = evaluateRows(parse('a*b'), ['a', 'b'], x, 300)
    expect((await discover({ x, y: product }, { names: ['a', 'b'], library })).text).toBe('a*b')
  })
})
