import { describe, expect, it } from 'vitest'
import { createCpuEngine, discover } from '../../../../src/index.ts'
import { evaluateRows, parse, toText } from '../../../../src/formula/index.ts'
import { rivals } from '../../../../src/interpret/discover/judging/choose.ts'
import { Judge } from '../../../../src/interpret/discover/judging/judge.ts'
import { resolveLogScales } from '../../../../src/interpret/discover/logscale.ts'
import { splitForSearch } from '../../../../src/interpret/discover/rows.ts'
import { Search } from '../../../../src/interpret/discover/search.ts'
import { addends } from '../../../../src/interpret/discover/structures/addends.ts'
import {
  denseStructure,
  structureText,
  widthAndArity,
} from '../../../../src/interpret/discover/structures/structures.ts'
import { targetTransforms } from '../../../../src/interpret/discover/structures/targets.ts'
import { Model } from '../../../../src/model/model.ts'
import { Random } from '../../../../src/random.ts'

const ROWS = 300

/** Rows of a law of a and b on [0, 3], with normal noise (Box and Muller) of that share of the law's own deviation. */
function rowsOf(law: string, noise: number): { x: Float64Array; y: Float64Array } {
  const random = new Random(1)
  const x = Float64Array.from({ length: 2 * ROWS }, () => 3 * random.uniform())
  const truth = evaluateRows(parse(law), ['a', 'b'], x, ROWS)
  const mean = truth.reduce((sum, value) => sum + value, 0) / ROWS
  const sigma = noise * Math.sqrt(truth.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ROWS)
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  return { x, y: truth.map(value => value + sigma * normal()) }
}

describe('sums with products among them', () => {
  it('are those of two columns, then of three, of sums, and of two and two', () => {
    const [pairs, others] = addends(
      4,
      [
        [[0], [1]],
        [[2], [3]],
        [[0], [2]],
      ],
      [
        [[0], [1], [2]],
        [[0, 1], [2]],
        [
          [0, 1],
          [2, 3],
        ],
      ],
    )
    expect(pairs.map(structureText)).toEqual(['+ *(1|2) -> +', '+ *(3|4) -> +', '+ *(1|3) -> +'])
    expect(others.map(structureText)).toEqual(['+ *(1|2|3) -> +', '+ *(1 2|3) -> +', '+ *(1|2) *(3|4) -> +'])
    for (const structure of [...pairs, ...others])
      expect(new Model(widthAndArity(structure)).layout.outputs).toBe(1)
  })

  // On half a period and a bit a sine is like a parabola, and the product's offsets hide what a adds: a network with a curve in
  // the place of the sum's line has an error of 1e-4 and no formula.
  it('are read without noise', { timeout: 60_000 }, async () => {
    const found = await discover(rowsOf('exp(-a)*sin(b) + a', 0), { names: ['a', 'b'] })
    expect(found.text).toBe('a + exp(-a)*sin(b)')
    expect(found.exact).toBe(true)
  })

  // The search to the end takes 15 s: deeper structures may have a plainer formula.
  it('are read from noisy rows, where the formula is chosen', { timeout: 60_000 }, async () => {
    const all = { names: ['a', 'b'], ...rowsOf('exp(-a)*sin(b) + a', 0.05), rows: ROWS }
    const engine = createCpuEngine()
    const judge = new Judge(all)
    const { signal } = new AbortController()
    const log = resolveLogScales({}, 2)
    const ground = { ...splitForSearch(all, 0), all, judge, log, engine, seed: 0, signal }
    const search = new Search(ground, { library: undefined, over: () => false, tell: () => {} })
    const target = targetTransforms[0]!
    await search.measure({ structure: denseStructure([2, 5, 1]), target })
    const [pairs] = addends(2, [[[0], [1]]], [])
    await search.climb(pairs.map(structure => ({ structure, target })))
    const { front, chosen } = rivals(search)
    await engine.destroy()
    const { expression } = front[chosen]!
    expect(toText(judge.table(all).snap(expression, () => false))).toBe('a + exp(-a)*sin(b)')
  })
})
