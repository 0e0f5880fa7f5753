import { describe, expect, it } from 'vitest'
import { complexity, parse } from '../../../src/formula/index.ts'
import { createCpuEngine, discover, Model } from '../../../src/index.ts'
import { rivals } from '../../../src/interpret/discover/judging/choose.ts'
import { Judge } from '../../../src/interpret/discover/judging/judge.ts'
import { splitForSearch } from '../../../src/interpret/discover/rows.ts'
import { denseStructure } from '../../../src/interpret/discover/structures/structures.ts'
import { targetTransforms } from '../../../src/interpret/discover/structures/targets.ts'
import { Random } from '../../../src/random.ts'

describe('simplicity of a search', () => {
  it('is how many standard errors a simpler formula may have more', () => {
    const random = new Random(5)
    const rows = 500
    const x = Float64Array.from({ length: rows }, () => random.uniform())
    const y = x.map(value => 2 * value + 0.2 * value ** 2 + (random.uniform() - 0.5))
    const all = { names: ['x'], x, y, rows }
    const rung = { structure: denseStructure([1, 1]), target: targetTransforms[0]! }
    const from = { rung, model: new Model({ width: [1, 1] }), error: 1 }
    const found = ['x', '2*x', '2*x + 0.1*x^2 + 0.01*sin(40*x)'].map((text, n) => {
      const expression = parse(text)
      return { expression, error: 1 / (n + 1), complexity: complexity(expression), from }
    })
    const engine = createCpuEngine()
    const ground = {
      ...splitForSearch(all, 0),
      all,
      judge: new Judge(all),
      log: { inputs: [false], output: false },
      engine,
      seed: 0,
      signal: new AbortController().signal,
    }
    const chosen = (simplicity?: number): number => {
      const options = simplicity === undefined ? {} : { simplicity }
      return rivals({ found, networks: { best: from }, ground }, () => false, options).chosen
    }
    void engine.destroy()
    const { front } = rivals({ found, networks: { best: from }, ground })
    expect(chosen(0)).toBe(front.length - 1)
    expect(chosen(1)).toBe(chosen())
    expect(chosen()).toBeLessThan(front.length)
    // x alone is a hundred standard errors above: 1.1^2/3 more than the 1/12 of the noise, of which that is 4 %.
    expect(chosen()).toBeGreaterThan(0)
    expect(chosen(1000)).toBe(0)
  })

  it('is a number of at least 0', async () => {
    for (const simplicity of [-1, NaN, Infinity])
      await expect(discover({ x: [[1], [2]], y: [1, 2] }, { simplicity })).rejects.toThrow(
        `simplicity is ${simplicity}; give how many standard errors, 0 (least error) or more.`,
      )
  })
})
