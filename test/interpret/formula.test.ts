import { describe, expect, it } from 'vitest'
import { KAN } from '../../src/index.ts'
import type { ModelParts } from '../../src/index.ts'
import { evaluateRows, parse, toText, variables } from '../../src/formula/index.ts'
import { formula, inputNames } from '../../src/interpret/formula.ts'
import { standardLibrary } from '../../src/interpret/curves/library.ts'
import { seeded } from '../oracle/random.ts'

/** A network of random known functions that are finite everywhere, with every number that a model can have. */
function symbolicKan(
  options: ConstructorParameters<typeof KAN>[0],
  seed: number,
  parts: Partial<ModelParts>,
): KAN {
  const random = seeded(seed)
  const names = ['x', 'x^2', 'sin', 'cos', 'tanh', 'gaussian', 'arctan', 'abs', 'j0', '0']
  let kan = new KAN(options)
  kan.layout.layers.forEach(({ inputs, outputs }, l) => {
    for (let i = 0; i < inputs; i++)
      for (let j = 0; j < outputs; j++) {
        const name = names[Math.floor(random() * names.length)]!
        const [a, b, c, d] = [1, 2, 3, 4].map(() => 2 * random() - 1)
        kan = kan.fix(l, i, j, name, [a!, b!, c!, d!])
      }
  })
  kan.layout.layers.forEach((_, l) => {
    const { nodeScale, nodeBias } = kan.layer(l).values
    nodeScale.forEach((_scale, j) => (nodeScale[j] = 0.5 + random()))
    nodeBias.forEach((_bias, j) => (nodeBias[j] = random() - 0.5))
  })
  const { config, parameters, knots, mask } = kan
  return new KAN({ config, parameters, knots, mask, ...parts })
}

/** The largest difference, relative to the largest value. */
function worst(actual: Float64Array, expected: Float64Array): number {
  const size = Math.max(...expected.map(Math.abs))
  return Math.max(...actual.map((value, p) => Math.abs(value - expected[p]!))) / size
}

function rows(count: number, columns: number, low: number, high: number): Float64Array {
  const random = seeded(9)
  return Float64Array.from({ length: count * columns }, () => low + (high - low) * random())
}

const scaling = {
  input: { shift: Float64Array.of(3, -1, 0.5), scale: Float64Array.of(2, 0.25, 1) },
  output: { shift: Float64Array.of(10, 0), scale: Float64Array.of(3, 0.001) },
}

describe('formula', () => {
  it.each([
    ['sums', [3, 4, 2]],
    ['three layers', [3, 2, 2, 2]],
    ['products', [3, [2, 2], [1, 1]]],
  ] as const)('equals predict: %s', async (_, width) => {
    for (const seed of [1, 2, 3]) {
      const kan = symbolicKan({ width, grid: 3 }, seed, { scaling })
      const x = rows(50, 3, 1, 5)
      const y = await kan.predict(x)
      for (const simplify of [false, true])
        kan.formula({ simplify }).forEach((expression, j) => {
          const own = evaluateRows(expression, ['x1', 'x2', 'x3'], x, 50)
          const printed = evaluateRows(parse(toText(expression)), ['x1', 'x2', 'x3'], x, 50)
          const expected = y.filter((__, p) => p % 2 === j)
          // Some 100 operations of 1e-16 each, on numbers up to about ten times the outputs.
          expect(worst(own, expected)).toBeLessThan(1e-12)
          expect(printed).toEqual(own)
        })
    }
  })

  it('speaks the columns and units of the table, on logarithmic scales too', async () => {
    const kan = symbolicKan({ width: [3, 1], scaling: { log: { inputs: [1], output: true } } }, 4, {
      scaling: {
        input: { ...scaling.input, log: [false, true, false] },
        output: { shift: Float64Array.of(1), scale: Float64Array.of(0.5), log: [true] },
      },
      encoder: {
        task: 'regression',
        inputs: [
          { column: 'mass', kind: 'numeric' },
          { column: 'period days', kind: 'numeric' },
          { column: 'colour', kind: 'one-hot', level: 'red' },
        ],
        target: { column: 'radius' },
      },
    })
    const names = ['mass', 'period days', 'colour=red']
    expect(inputNames(kan)).toEqual(names)
    const [expression] = kan.formula()
    for (const name of variables(expression!)) expect(names).toContain(name)
    expect(toText(kan.formula({ simplify: false })[0]!)).toContain('log(`period days`)')
    const x = rows(40, 3, 0.5, 4)
    const own = evaluateRows(parse(toText(expression!)), names, x, 40)
    expect(worst(own, await kan.predict(x))).toBeLessThan(1e-12)
    expect(variables(kan.formula({ names: ['a', 'b', 'c'] })[0]!)).not.toContain('mass')
  })

  it('names the edges that are splines, where they lead somewhere', () => {
    const kan = new KAN({ width: [2, 2, 1] })
    expect(() => kan.formula()).toThrow('6 edges are splines (layer 0 from input 0 to output 0;')
    const first = kan.fix(1, 0, 0, 'sin', [1, 0, 1, 0]).fix(1, 1, 0, '0', [1, 0, 0, 2])
    expect(() => first.formula()).toThrow(
      '2 edges are splines (layer 0 from input 0 to output 0; layer 0 from input 1 to output 0)',
    )
    const all = first.fix(0, 0, 0, 'x', [1, 0, 1, 0])
    all.layer(0).values.mask[2] = 0
    expect(toText(all.formula()[0]!)).toBe('sin(x1) + 2')
    expect(() => kan.formula({ names: ['x'] })).toThrow('one for each of its 2 inputs')
    expect(formula(all, { names: ['t', 'x'] })).toHaveLength(1)
  })
})

describe('fixing an edge', () => {
  it('fits the function to the curve where the rows are, and can be undone', async () => {
    const kan = new KAN({ width: [1, 1], grid: 20, base: 'zero' })
    const x = Array.from({ length: 200 }, (_, r) => [r / 100 - 1])
    const y = x.map(([value]) => Math.sin(4 * value!))
    await kan.fit({ x, y }, { optimizer: 'lm', steps: 10 })
    const [best] = kan.suggest(0, 0, 0)
    expect(best!.name).toBe('sin')
    expect(best!.a).toBeCloseTo(4 * 0.995, 2) // u = (x + 0.005) / 0.995 is the network's input
    expect(best!.fitted).toHaveLength(best!.x.length)
    expect(Math.max(...best!.fitted.map((value, k) => Math.abs(value - best!.y[k]!)))).toBeLessThan(1e-3)
    const fixed = kan.fix(0, 0, 0, 'sin')
    const again = fixed.suggest(0, 0, 0, { library: ['sin'] })[0]!
    expect(again.unexplained).toBeLessThan(1e-25)
    expect(fixed.statistics!.layers[0]!.edgeDeviation[0]).toBeCloseTo(
      kan.statistics!.layers[0]!.edgeDeviation[0]!,
      2,
    )
    await fixed.fit({ x, y }, { optimizer: 'lm', steps: 20 })
    const [expression] = fixed.formula()
    const values = evaluateRows(expression!, ['x1'], x.flat(), 200)
    expect(Math.max(...values.map((value, r) => Math.abs(value - y[r]!)))).toBeLessThan(1e-12)
    expect([...kan.fix(0, 0, 0, 'sin').unfix(0, 0, 0).parameters]).toEqual([...kan.parameters])
  })

  it('weighs the curve by the rows', async () => {
    const kan = new KAN({ width: [1, 1], grid: 20, scaling: { input: 'none', output: 'none' } })
    const x = [-1, ...Array.from({ length: 2000 }, (_, r) => r / 2000), 1]
    await kan.fit({ x, y: x.map(value => (value < 0 ? 1 : Math.exp(value))) }, { optimizer: 'lm', steps: 10 })
    const samples = kan.suggest(0, 0, 0)[0]!
    expect(samples.x[0]).toBe(-1)
    expect(samples.x.at(-1)).toBe(1)
    expect(samples.x.filter(value => value > 0).length / samples.x.length).toBeGreaterThan(0.7)
    // Unweighted, a parabola or the like would have to serve both halves.
    expect(kan.suggest(0, 0, 0, { library: ['exp'], noise: 1e-3 })[0]!.a).toBeCloseTo(1, 0)
  })

  it('takes functions by name, and says what it does not know', async () => {
    const kan = new KAN({ width: [2, 1] })
    expect(() => kan.fix(0, 0, 0, 'Sin')).toThrow("Did you mean 'sin'?")
    expect(() => kan.fix(0, 0, 0, 'sin')).toThrow('no statistics')
    expect(() => kan.fix(0, 2, 0, 'sin', [1, 0, 1, 0])).toThrow('no edge')
    await kan.calibrate([
      [0, 1],
      [1, 0.3],
      [0.4, 0.4],
    ])
    kan.mask[1] = 0
    expect(() => kan.suggest(0, 1, 0)).toThrow('was removed')
    expect(() => kan.fix(0, 0, 0, { name: 'nowhere', formula: 'sqrt(-1 - u^2)' })).toThrow(
      'no value anywhere',
    )
    expect(kan.suggest(0, 0, 0)).toHaveLength(standardLibrary.length)
  })

  it('takes an input that is always the same for a constant', async () => {
    const kan = new KAN({ width: [1, 1] })
    await kan.calibrate([[0.5], [0.5]])
    expect(kan.suggest(0, 0, 0)[0]).toMatchObject({ name: '0', c: 0, unexplained: 0 })
  })
})
