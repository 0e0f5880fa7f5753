import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseTable, splitRows } from '../../../../src/data/index.ts'
import { compile, evaluateRows, parse } from '../../../../src/formula/index.ts'
import { createCpuEngine } from '../../../../src/index.ts'
import { combine } from '../../../../src/interpret/discover/reading/combine.ts'
import { grow, growOn } from '../../../../src/interpret/discover/networks/grow.ts'
import { Judge } from '../../../../src/interpret/discover/judging/judge.ts'
import { ofLogarithm } from '../../../../src/interpret/discover/logscale.ts'
import { hasLogarithm, ridges, suitsRidges } from '../../../../src/interpret/discover/structures/ridges.ts'
import { pickRows, splitForSearch } from '../../../../src/interpret/discover/rows.ts'
import type { TargetRows } from '../../../../src/interpret/discover/rows.ts'
import { slopedCurves } from '../../../../src/interpret/discover/reading/sloped.ts'
import { gridOf, splinesOf } from '../../../../src/interpret/discover/networks/splines.ts'
import { onColumns } from '../../../../src/interpret/discover/structures/columns.ts'
import { denseStructure } from '../../../../src/interpret/discover/structures/structures.ts'
import { targetTransforms } from '../../../../src/interpret/discover/structures/targets.ts'

/** Planck's law as the shipped table has it, where radiance is positive: noise of a tenth. */
function planck(): TargetRows {
  const text = readFileSync(new URL('../../../../examples/data/planck.csv', import.meta.url), 'utf8')
  const [nu, temperature, radiance] = parseTable(text, { name: 'planck.csv' }).columns.map(({ values }) => [
    ...(values as Float64Array),
  ])
  const places = radiance!.flatMap((value, r) => (value > 0 ? [r] : []))
  return {
    names: ['nu', 'T'],
    x: Float64Array.from(places.flatMap(r => [nu![r]!, temperature![r]!])),
    y: Float64Array.from(places, r => radiance![r]!),
    rows: places.length,
  }
}

describe('ridges', () => {
  it('have lines first, and finer grids for their curves only', () => {
    expect(splinesOf(ridges(3), 5)).toEqual({ grid: [1, 5], degree: [1, 3], base: ['zero', 'silu'] })
    expect(gridOf(ridges(3), 12)).toEqual([1, 12])
    expect(splinesOf(denseStructure([3, 2, 1]), 5)).toEqual({ grid: 5 })
  })

  it('suit several positive columns whose target is judged by its logarithm', () => {
    const rows = planck()
    expect(suitsRidges(rows, [0, 1], new Judge(rows, true))).toBe(true)
    expect(suitsRidges({ ...rows, x: rows.x.with(3, 0) }, [0, 1], new Judge(rows, true))).toBe(false)
    expect(suitsRidges(rows, [0], new Judge(rows, true))).toBe(false)
    // A column that never changes need not have a logarithm.
    const names = ['nu', 'T', 'zero']
    const x = Float64Array.from({ length: 3 * rows.rows }, (_, p) =>
      p % 3 === 2 ? 0 : rows.x[2 * Math.floor(p / 3) + (p % 3)]!,
    )
    expect(suitsRidges({ ...rows, names, x }, [0, 1], new Judge(rows, true))).toBe(true)
    const placed = onColumns(ridges(2), [0, 1], 3)
    expect([0, 1, 2].map(i => hasLogarithm(placed, i))).toEqual([true, true, false])
    const near = { ...rows, y: rows.y.map((_, r) => r) }
    expect(suitsRidges(near, [0, 1], new Judge(near))).toBe(false)
  })

  it("read Planck's law from its table", { timeout: 60_000 }, async () => {
    const all = planck()
    const split = splitRows(all.rows, { test: 0.2, validation: 0, seed: 1 })
    const [some, test] = [split.train, split.test].map(part => pickRows(all, part))
    const judge = new Judge(some!, true)
    const engine = createCpuEngine()
    const ground = {
      ...splitForSearch(some!, 1),
      all: some!,
      judge,
      log: { inputs: [true, false], output: true },
      engine,
      seed: 1,
      signal: new AbortController().signal,
    }
    const rung = { structure: ridges(2), target: ofLogarithm(targetTransforms[0]!) }
    const first = await grow(rung, ground, { steps: 24, goodEnough: 3e-3, over: () => false })
    const grown = await growOn(first, ground, { steps: 50 })
    const [best] = await combine(grown, ground.training, {
      library: undefined,
      logs: ground.log.inputs,
      most: 120,
      stop: () => false,
      isNoise: false,
      judge,
    })
    await engine.destroy()
    const { names, x, rows } = test!
    const values = evaluateRows(best!.expression, names, x, rows)
    // The issue asks for 0.99; the noise, of a tenth, is 1e-6 of the variance of logarithms from -730 to -17.
    expect(judge.errors(values, test!).log!.r2).toBeGreaterThan(0.999)
  })
})

describe('a function beside a multiple of the logarithm', () => {
  it.each([
    ['x^p + log', 'P'],
    ['log(exp - 1) + log', 'log(exp(0.3*P) - 1)'],
    ['log(exp + 1) + log', 'log(exp(0.3*P) + 1)'],
    ['log(1 + x) + log', 'log(1 + 0.3*P)'],
  ])('is found with its scale: %s', (name, text) => {
    const u = Float64Array.from({ length: 80 }, (_, k) => -4 + k / 10)
    const f = compile(parse(text), ['P'])
    const v = u.map(value => 2 - 1.5 * f([Math.exp(value)]) + 0.7 * value)
    const found = slopedCurves({ u, v, weights: undefined }, 1, 1e-12, true).find(one => one.name === name)!
    // Scales are found to 1e-7, whose square is left of the variance at most.
    expect(found.unexplained).toBeLessThan(1e-13)
    const { expression, d } = found.curve[0]!
    const own = compile(expression, ['u'])
    u.forEach((value, k) => expect(own([value]) + d).toBeCloseTo(v[k]!, 5))
    // Where the user's own functions are all that may be taken, only the power is.
    const few = slopedCurves({ u, v, weights: undefined }, 1, 1e-12, false)
    expect(few.map(one => one.name)).toEqual(['x^p + log'])
  })

  it('does not overflow', () => {
    const u = Float64Array.from({ length: 40 }, (_, k) => k / 2)
    const v = u.map(value => -Math.exp(value) - Math.log(-Math.expm1(-Math.exp(value))) + 3 * value)
    const found = slopedCurves({ u, v, weights: undefined }, 1, 1e-12, true)
    for (const { unexplained, score } of found) {
      expect(unexplained).toBeLessThanOrEqual(1)
      expect(Number.isFinite(score)).toBe(true)
    }
    // exp(20) is far beyond where exp(u) ends, and its logarithm is there all the same.
    expect(found.find(({ name }) => name.startsWith('log(exp - 1)'))!.unexplained).toBeLessThan(1e-13)
  })
})
