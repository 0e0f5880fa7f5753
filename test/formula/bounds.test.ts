import { describe, expect, it } from 'vitest'
import { evaluateRows, functionNames, parse, toText } from '../../src/formula/index.ts'
import { boundsOf } from '../../src/formula/normal/bounds.ts'
import type { Bounds } from '../../src/formula/normal/bounds.ts'
import { Random } from '../../src/random.ts'
import { randomTree } from './trees.ts'

describe('boundsOf', () => {
  it.each([
    ['x', [1, 2]],
    ['x - z', [-Infinity, Infinity]],
    ['x - y', [0, 3]],
    ['y^2', [0, 1]],
    ['1/x', [0.5, 1]],
    ['1/y', [-Infinity, Infinity]],
    ['abs(y)*x', [0, 2]],
    ['exp(z)', [0, Infinity]],
    ['sqrt(x)', [1, Math.SQRT2]],
  ] satisfies [string, Bounds][])('of %s', (text, expected) => {
    const variables = new Map<string, Bounds>([
      ['x', [1, 2]],
      ['y', [-1, 1]],
    ])
    expect(boundsOf(parse(text), variables)).toEqual(expected)
  })

  it('holds all values that exist', () => {
    const random = new Random(51)
    const names = ['x', 'y']
    const rows = 30
    const outside: string[] = []
    for (let i = 0; i < 3000; i++) {
      const numbers = [0, 1, -1, 2, 0.5, -3]
      const tree = randomTree(random, 4, { numbers, names, calls: functionNames })
      const ranges = names.map((): Bounds => {
        const low = 4 * random.uniform() - 3
        return [low, low + 3 * random.uniform()]
      })
      const [low, high] = boundsOf(tree, new Map(names.map((name, k) => [name, ranges[k]!])))
      const x = Float64Array.from({ length: 2 * rows }, (_, k) => {
        const [from, to] = ranges[k % 2]!
        return from + (to - from) * random.uniform()
      })
      for (const value of evaluateRows(tree, names, x, rows)) {
        // Bounds and values are rounded in a dozen operations each.
        const slack = 1e-12 * (1 + Math.abs(value))
        if (Number.isFinite(value) && !(value >= low - slack && value <= high + slack))
          outside.push(`${toText(tree)}: ${value} outside ${low}, ${high} for ${ranges.join(' and ')}`)
      }
    }
    expect(outside.slice(0, 10)).toEqual([])
  })
})
