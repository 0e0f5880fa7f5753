import { describe, expect, it } from 'vitest'
import { compile, evaluateRows, parse, size, toText } from '../../../src/formula/index.ts'
import { discover } from '../../../src/index.ts'
import { expressionOf, formOf } from '../../../src/interpret/discover/reading/affine.ts'
import { ofLogarithm, ofLogColumn, onScales } from '../../../src/interpret/discover/logscale.ts'
import { targetTransforms } from '../../../src/interpret/discover/structures/targets.ts'
import { Random } from '../../../src/random.ts'
import { evaluate } from '../../../src/train/evaluate.ts'

/** Rows over so many decades from 1 on, with a law's values, each off by a factor of up to exp(noise). */
function decades(
  law: string,
  names: readonly string[],
  { rows = 60, span = 4, noise = 0, seed = 1 } = {},
): { names: readonly string[]; x: Float64Array; y: Float64Array } {
  const random = new Random(seed)
  const x = Float64Array.from({ length: rows * names.length }, () => 10 ** (span * random.uniform()))
  const y = evaluateRows(parse(law), names, x, rows)
  return { names, x, y: y.map(value => value * Math.exp(noise * (2 * random.uniform() - 1))) }
}

describe('discover on logarithmic scales', () => {
  it(
    'finds a power law exactly, and a network that says the target itself',
    { timeout: 30_000 },
    async () => {
      const { names, x, y } = decades('3*a^2.5/b', ['a', 'b'])
      const test = decades('3*a^2.5/b', ['a', 'b'], { seed: 2 })
      const log = { inputs: true, output: true }
      const { text, exact, stop, train, network } = await discover(
        { x, y },
        { names, log, test: { x: test.x, y: test.y } },
      )
      expect(text).toBe('3*a^2.5/b')
      expect([exact, stop]).toEqual([true, 'exact'])
      // The logarithm of values up to 3e10 is rounded at 2^-53 of 24 at most.
      expect(train.log!.rmse).toBeLessThan(1e-13)
      const { scaling, config } = network.model
      expect([scaling!.input.log, scaling!.output.log]).toEqual([[true, true], [true]])
      expect(config.scaling.log).toEqual({ inputs: [0, 1], outputs: [0] })
      // Its errors are those that anyone finds who evaluates it.
      const own = await evaluate(network.model, { x: test.x, y: test.y })
      expect(own.rmse).toBeCloseTo(network.test!.rmse, 6)
      expect(own.log!.r2).toBeCloseTo(network.test!.log!.r2, 9)
      expect(own.log!.r2).toBeGreaterThan(0.999)
    },
  )

  it.each([
    ['5*a^1.5*b/(1 + 0.02*a*b^2)', 'saturation'],
    ['a^3/(exp(3*a/b) - 1)', 'radiation'],
  ])('finds %s: a power of each column times a function of a product', { timeout: 30_000 }, async law => {
    const names = ['a', 'b']
    const rows = (seed: number): { x: number[]; y: number[] } => {
      const all = decades(law, names, { rows: 120, span: 2.5, seed })
      // exp(-3 a / b) ends at 1e-308, before the rows do.
      const good = [...all.y.keys()].filter(r => all.y[r]! > 0)
      return {
        x: good.flatMap(r => [...all.x.subarray(2 * r, 2 * r + 2)]),
        y: good.map(r => all.y[r]!),
      }
    }
    const log = { inputs: true, output: true }
    const { exact, test } = await discover(rows(5), { names, log, test: rows(6) })
    expect(exact).toBe(true)
    expect(test!.log!.rmse).toBeLessThan(1e-11)
  })

  it('finds a line of the logarithm', { timeout: 30_000 }, async () => {
    const { names, x, y } = decades('15.5 - 0.8*log(P)', ['P'], { rows: 25 })
    const { text, exact, train } = await discover({ x, y }, { names, log: { inputs: [0] } })
    expect(text).toBe('15.5 - 0.8*log(P)')
    expect(exact).toBe(true)
    expect(train.log).toBeUndefined()
  })

  it('finds a power beside a function of one column', { timeout: 30_000 }, async () => {
    const { names, x, y } = decades('a^3/(exp(a/30) - 1)', ['a'], { rows: 120, span: 3 })
    const { text, exact } = await discover({ x, y }, { names, log: { inputs: true, output: true } })
    expect(text).toBe('a^3/(exp(a/30) - 1)')
    expect(exact).toBe(true)
  })

  it('finds functions of the logarithm', { timeout: 30_000 }, async () => {
    const { names, x, y } = decades('sin(log(a)) + 2', ['a'], { rows: 200, span: 3 })
    const { test } = await discover(
      { x, y },
      { names, log: { inputs: true }, test: decades('sin(log(a)) + 2', ['a'], { seed: 2, span: 3 }) },
    )
    expect(test!.relative).toBeLessThan(1e-9)
  })

  it('judges a target by factors only where it says so', { timeout: 30_000 }, async () => {
    // One and a half decades are too few for discover to go by logarithms of its own accord.
    const { names, x, y } = decades('7*a^1.5', ['a'], { rows: 36, span: 1, noise: 0.1 })
    expect((await discover({ x, y }, { names })).train.log).toBeUndefined()
    const { text, train } = await discover({ x, y }, { names, log: { inputs: true, output: true } })
    expect(text).toMatch(/^[67](\.\d+)?\*a\^(1\.5|\(3\/2\))$/)
    // Uniform noise of 0.1 has the deviation 0.1 / sqrt(3); that of 36 rows is within 5 of its standard errors of 0.0043.
    expect(Math.abs(train.log!.rmse - 0.1 / Math.sqrt(3))).toBeLessThan(0.0216)
  })
})

describe('what is seen through logarithms', () => {
  it('leads back to the target', () => {
    for (const inner of targetTransforms) {
      const { fits, forward, inverse, undo } = ofLogarithm(inner)
      const y = [1.1, 1.5, 2.5]
      expect(fits(y)).toBe(inner.fits(y.map(Math.log)))
      const back = compile(expressionOf(undo(formOf(parse('t')))), ['t'])
      for (const value of y) {
        expect(inverse(forward(value))).toBeCloseTo(value, 12)
        expect(back([forward(value)])).toBeCloseTo(value, 12)
      }
    }
  })

  it.each([
    ['x', 'u', 'log'],
    ['exp', 'exp(u)', 'x^p'],
    ['sin', 'sin(u)', 'sin'],
  ])('%s of the logarithm is a function of the column', (name, formula, expected) => {
    const [a, b, c, d] = [0.7, -0.2, 1.5, 3]
    const own = ofLogColumn(name, [{ expression: parse(formula), a, b, c, d }])
    expect(own.name).toBe(expected)
    const f = compile(parse(formula), ['u'])
    for (const value of [0.1, 1, 40]) {
      const said = own.curve.reduce(
        (inner, part) => part.c * compile(part.expression, ['u'])([part.a * inner + part.b]) + part.d,
        value,
      )
      expect(said).toBeCloseTo(c * f([a * Math.log(value) + b]) + d, 12)
    }
  })

  it('costs what it does on the scales that were chosen', () => {
    const scales = { inputs: [true, false], output: true }
    const own = (text: string): string => toText(onScales(parse(text), ['x', 'z'], scales))
    expect(own('3*x^1.5')).toBe('3*x/2 + log(3)')
    expect(own('x*exp(2*z)')).toBe('x + 2*z')
    const plain = { inputs: [true, false], output: false }
    const nodes = (text: string): number => size(onScales(parse(text), ['x', 'z'], plain))
    expect(nodes('2 - 3*log(x)')).toBe(size(parse('2 - 3*z')))
    expect(nodes('2 - 3*sqrt(x)')).toBeGreaterThan(nodes('2 - 3*log(x)'))
  })
})
