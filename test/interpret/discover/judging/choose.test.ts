import { describe, expect, it } from 'vitest'
import { complexity, parse, toText, variables } from '../../../../src/formula/index.ts'
import { createCpuEngine, KAN } from '../../../../src/index.ts'
import { rivals } from '../../../../src/interpret/discover/judging/choose.ts'
import { Judge } from '../../../../src/interpret/discover/judging/judge.ts'
import { resolveLogScales } from '../../../../src/interpret/discover/logscale.ts'
import { splitForSearch } from '../../../../src/interpret/discover/rows.ts'
import { targetTransforms } from '../../../../src/interpret/discover/structures/targets.ts'
import { Random } from '../../../../src/random.ts'

describe('the formulas to choose from', () => {
  it('hold a constant and the plane, whatever a search of many rows has found', async () => {
    const random = new Random(3)
    const x = Float64Array.from({ length: 1000 }, () => random.uniform())
    const y = Float64Array.from(
      { length: 500 },
      (_, r) => 2 * x[2 * r]! - 3 * x[2 * r + 1]! + 1 + random.uniform(),
    )
    const all = { names: ['a', 'b'], x, y, rows: 500 }
    const engine = createCpuEngine()
    const ground = {
      ...splitForSearch(all, 0),
      all,
      judge: new Judge(all),
      log: resolveLogScales({}, 2),
      engine,
      seed: 0,
      signal: new AbortController().signal,
    }
    const from = {
      rung: { structure: { inputs: 2, layers: [], starts: 1 }, target: targetTransforms[0]! },
      model: new KAN({ width: [2, 1] }),
      error: 1,
    }
    const expression = parse('2*exp(0.7*a) - 1.5')
    const found = [{ expression, error: 0.5, complexity: complexity(expression), from }]
    const { front, chosen } = rivals({ found, ground, networks: { best: from } })
    await engine.destroy()
    expect(variables(front[0]!.expression)).toEqual([])
    // The law is a plane, with noise about it.
    expect(toText(front[chosen]!.expression, { digits: 1 })).toMatch(/^(2\*a - 3\*b|-3\*b \+ 2\*a) \+ [12]$/)
  })
})
