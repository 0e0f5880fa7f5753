import { describe, expect, it } from 'vitest'
import { KAN, StoppedError } from '../../src/index.ts'
import type { KANOptions } from '../../src/index.ts'
import { evaluateRows, parse, toText } from '../../src/formula/index.ts'
import type { SymbolicFormula } from '../../src/interpret/symbolify/options.ts'
import { seeded } from '../oracle/random.ts'

interface Law {
  x: number[][]
  y: number[]
}

function sample(
  law: (...x: number[]) => number,
  count: number,
  low: number[],
  high: number[],
  seed = 3,
): Law {
  const random = seeded(seed)
  const x = Array.from({ length: count }, () => low.map((least, i) => least + (high[i]! - least) * random()))
  return { x, y: x.map(row => law(...row)) }
}

/** A spline network trained on a law. */
async function trained(width: KANOptions['width'], rows: Law): Promise<KAN> {
  const kan = new KAN({ width, grid: 5, seed: 1 })
  await kan.fit(rows, { optimizer: 'lm', steps: 30, restarts: 3 })
  return kan
}

/** RMSE of a formula's text on a law, over the deviation of the law. */
function relativeError(text: string, { x, y }: Law): number {
  const names = x[0]!.map((_, i) => `x${i + 1}`)
  const values = evaluateRows(parse(text), names, x.flat(), x.length)
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length
  const spread = y.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(values.reduce((sum, value, r) => sum + (value - y[r]!) ** 2, 0) / spread)
}

const law = (a: number, b: number): number => Math.exp(Math.sin(Math.PI * a) + b * b)

describe('symbolify', () => {
  it('reads exp(sin(pi x1) + x2^2) off a [2, 1, 1] to rounding', async () => {
    const kan = await trained([2, 1, 1], sample(law, 300, [-1, -1], [1, 1]))
    const before = kan.parameters.slice()
    const stages = new Set<string>()
    const run = kan.symbolify(sample(law, 300, [-1, -1], [1, 1]))
    for await (const { stage, fixed, edges, relative } of run) {
      stages.add(stage)
      expect(fixed).toBeLessThanOrEqual(edges)
      expect(relative).toBeGreaterThanOrEqual(0)
    }
    const found = await run
    expect([...stages]).toEqual(['splines', 'edges', 'alternatives', 'formulas'])
    expect(found.edges.map(({ l, i, name }) => `${l} ${i} ${name}`)).toEqual([
      '0 0 sin',
      '0 1 x^2',
      '1 0 exp',
    ])
    const fresh = sample(law, 1000, [-1, -1], [1, 1], 8)
    expect(relativeError(found.texts[0]!, fresh)).toBeLessThan(1e-9)
    // The network itself was left alone, and erred by a million times as much.
    expect(kan.parameters).toEqual(before)
    expect(found.network.heldOut!.relative).toBeGreaterThan(1e-4)
    expect(found.stop).toBe('done')
    // The symbolic network has the constants from before they were polished on its formula.
    const own = await found.kan.predict(fresh.x)
    expect(Math.max(...own.map((value, r) => Math.abs(value - fresh.y[r]!)))).toBeLessThan(1e-9)
    expect(found.kan.layer(0).symbolic).toHaveLength(2)
  })

  it('lists formulas that nothing else beats, each with the errors of its text', async () => {
    const rows = sample((a, b) => Math.sin(3 * a) + 0.2 * b * b, 300, [-1, -1], [1, 1])
    const kan = await trained([2, 1], rows)
    const validation = sample((a, b) => Math.sin(3 * a) + 0.2 * b * b, 100, [-1, -1], [1, 1], 5)
    const found = await kan.symbolify(rows, { validation })
    expect(found.pareto.length).toBeGreaterThan(1)
    const errors = found.pareto.map(({ heldOut }) => heldOut!.relative)
    const costs = found.pareto.map(({ complexity }) => complexity)
    expect(errors).toEqual(errors.toSorted((p, q) => q - p))
    expect(costs).toEqual([...new Set(costs)].toSorted((p, q) => p - q))
    for (const { texts, train, heldOut } of found.pareto) {
      expect(heldOut!.relative / relativeError(texts[0]!, validation)).toBeCloseTo(1, 9)
      expect(train.relative / relativeError(texts[0]!, rows)).toBeCloseTo(1, 9)
    }
    const plain = ({ texts }: SymbolicFormula): string => texts[0]!
    expect(found.pareto.map(plain)).toContain(plain(found))
  })

  it('takes nodes that say the same for one', async () => {
    const rows = sample(law, 300, [-1, -1], [1, 1])
    const kan = await trained([2, 2, 1], rows)
    const found = await kan.symbolify(rows)
    expect(relativeError(found.texts[0]!, sample(law, 500, [-1, -1], [1, 1], 8))).toBeLessThan(1e-9)
    expect(found.edges).toHaveLength(3)
  })

  it('reads products, and leaves out what does not matter', async () => {
    const product = (a: number, b: number): number => a * Math.log(b)
    const rows = sample(product, 300, [1, 1, 1], [4, 4, 4])
    const kan = await trained([3, [0, 1]], rows)
    const found = await kan.symbolify(rows)
    const fresh = sample(product, 500, [1, 1, 1], [4, 4, 4], 8)
    expect(relativeError(found.texts[0]!, fresh)).toBeLessThan(1e-9)
    expect(found.edges.filter(({ i }) => i === 2)).toEqual([])
  })

  it('reads a jump, and no function through its inverse', async () => {
    const x = Array.from({ length: 200 }, (_, r) => [r / 100 - 1])
    const jump = new KAN({ width: [1, 1], grid: 3 })
    const steps = { x, y: x.map(([value]) => (value! > 0.2 ? 1 : 0)) }
    await jump.fit(steps, { optimizer: 'lm', steps: 8, restarts: 1 })
    const read = await jump.symbolify(steps)
    expect(read.train.relative).toBeLessThan(1e-6)
    // Where in the gap the jump is, no row says: one of the 40 held-out rows may lie there, and be off by 1/2 of a deviation 1/2.
    expect(read.heldOut!.relative).toBeLessThan(1 / Math.sqrt(40) + 0.01)
    // Two curves in a row: any function after its inverse would do.
    const line = { x, y: x.map(([value]) => 3 * value! + 1) }
    const chain = new KAN({ width: [1, 1, 1], grid: 3, seed: 2 })
    await chain.fit(line, { optimizer: 'lm', steps: 20, restarts: 1 })
    const found = await chain.symbolify(line)
    expect(found.texts).toEqual(['3*x1 + 1'])
    expect(found.edges.map(({ name }) => name)).toEqual(['x', 'x'])
  })

  it('follows no noise', async () => {
    const random = seeded(12)
    const clean = sample((a, b) => Math.exp(2 * a) - 3 * b, 500, [-1, -1], [1, 1])
    const noise = clean.y.map(() => random() - 0.5)
    const rows = { x: clean.x, y: clean.y.map((value, r) => value + noise[r]!) }
    const kan = await trained([2, 1], rows)
    const found = await kan.symbolify(rows)
    expect(found.edges.map(({ name }) => name)).toEqual(['exp', 'x'])
    // Five constants from 400 rows err by sqrt(5 / 400) of the noise's deviation; 0.25 of it is twice that.
    const deviation = Math.sqrt(1 / 12)
    const fresh = sample((a, b) => Math.exp(2 * a) - 3 * b, 500, [-1, -1], [1, 1], 8)
    expect(relativeError(found.texts[0]!, fresh)).toBeLessThan((0.25 * deviation) / 2.5)
    expect(found.heldOut!.rmse).toBeLessThan(1.2 * deviation)
  })

  it('undoes logarithmic scales, and judges by relative errors there', async () => {
    // Kepler's third law on six planets: days by astronomical units.
    const x = [0.387, 0.723, 1, 1.524, 5.203, 9.537]
    const y = [87.97, 224.7, 365.26, 686.98, 4332.82, 10775.6]
    const kan = new KAN({ width: [1, 1], grid: 1, scaling: { log: { inputs: [0], output: true } } })
    await kan.fit({ x, y }, { optimizer: 'lm', steps: 30 })
    const found = await kan.symbolify({ x, y })
    expect(found.edges.map(({ name }) => name)).toEqual(['x'])
    const at = (au: number): number => evaluateRows(parse(found.texts[0]!), ['x1'], [au], 1)[0]!
    expect(at(1)).toBeCloseTo(365.25, -1)
    expect(Math.log(at(4) / at(1)) / Math.log(4)).toBeCloseTo(1.5, 2)
  })

  it('fits and writes constants by the sample weights', async () => {
    const x = Array.from({ length: 200 }, (_, r) => [r / 100 - 1])
    const isOutlier = (r: number): boolean => r % 10 === 3
    const y = x.map(([value], r) => Math.sin(2 * value!) + (isOutlier(r) ? 5 : 0))
    const weights = x.map((_, r) => (isOutlier(r) ? 1e-6 : 1))
    const kan = new KAN({ width: [1, 1], grid: 5 })
    await kan.fit({ x, y, weights }, { optimizer: 'lm', steps: 20, restarts: 1 })
    const found = await kan.symbolify({ x, y, weights })
    const at = (value: number): number => evaluateRows(parse(found.texts[0]!), ['x1'], [value], 1)[0]!
    // Of the rows' weight 20 1e-6 / 180 = 1e-7 says that the constant is 5.
    expect(Math.max(...[-0.9, -0.2, 0, 0.5].map(v => Math.abs(at(v) - Math.sin(2 * v))))).toBeLessThan(1e-5)
  })

  it('keeps the formula with the network, until that changes', async () => {
    const random = seeded(14)
    const rows = sample((a, b) => a * a + Math.exp(b), 200, [-1, -1], [1, 1])
    const noisy = { x: rows.x, y: rows.y.map(value => value + 0.2 * (random() - 0.5)) }
    const kan = await trained([2, 1], noisy)
    const { kan: found, texts } = await kan.symbolify(noisy)
    const textsOf = (model: KAN): string[] => model.formula().map(expression => toText(expression))
    expect(texts).toEqual(['x1^2 + exp(x2)'])
    expect(textsOf(found)).toEqual(texts)
    expect(textsOf(KAN.load(found.save()))).toEqual(texts)
    expect(found.formula({ names: ['a', 'x1'] }).map(f => toText(f))).toEqual(['a^2 + exp(x1)'])
    // The network itself has the constants that were read off it.
    const composed = found.formula({ simplify: false }).map(f => toText(f))
    expect(composed).not.toEqual(texts)
    const changed = [
      found.fix(0, 0, 0, 'cosh'),
      found.fix(0, 0, 0, 'cosh').unfix(0, 0, 0),
      found.prune(),
      found.removeEdge(0, 0, 0),
      found.refine(7, { x: noisy.x }),
      found.updateGrid(noisy.x),
    ]
    expect(changed.map(model => model.formulas)).toEqual(changed.map(() => undefined))
    expect(found.copy().formulas).toEqual(texts)
    await found.fit(noisy, { optimizer: 'lm', steps: 2, restarts: 1 })
    expect(found.formulas).toBeUndefined()
  })

  it('has a formula for every output', async () => {
    const x = Array.from({ length: 200 }, (_, r) => [r / 100 - 1])
    const y = x.map(([value]) => [Math.sin(4 * value!), 1000 * Math.exp(value!)])
    const kan = new KAN({ width: [1, 2], grid: 5 })
    await kan.fit({ x, y }, { optimizer: 'lm', steps: 20, restarts: 1 })
    const found = await kan.symbolify({ x, y })
    expect(found.texts).toHaveLength(2)
    expect(found.heldOut!.relative).toBeLessThan(1e-9)
  })

  it('keeps functions that were fixed by hand', async () => {
    const rows = sample((a, b) => Math.tanh(2 * a) + b, 300, [-1, -1], [1, 1])
    const kan = await trained([2, 1], rows)
    const found = await kan.fix(0, 0, 0, 'arctan').symbolify(rows)
    expect(found.edges.map(({ name }) => name)).toEqual(['arctan', 'x'])
    expect(found.heldOut!.relative).toBeGreaterThan(1e-4)
  })

  it('ends in time, or when it is told to, with a formula', async () => {
    const rows = sample(law, 100, [-1, -1], [1, 1])
    const kan = new KAN({ width: [2, 3, 1], grid: 3 })
    await kan.fit(rows, { optimizer: 'lm', steps: 10, restarts: 1 })
    const late = await kan.symbolify(rows, { seconds: 0 })
    expect(late.stop).toBe('seconds')
    expect(late.train.relative).toBeLessThan(1)
    const ended = await kan.symbolify(rows, { signal: AbortSignal.abort() })
    expect(ended.stop).toBe('aborted')
    expect(ended.texts[0]!.length).toBeGreaterThan(0)
    const run = kan.symbolify(rows)
    for await (const { fixed } of run) if (fixed > 0) break
    expect((await run).stop).toBe('aborted')
  })

  it('says that it has no formula where it is stopped before many curves have names', async () => {
    const rows = sample(law, 100, [-1, -1], [1, 1])
    const kan = new KAN({ width: [2, 8, 1], grid: 3, seed: 1 })
    await kan.fit(rows, { optimizer: 'lm', steps: 3, restarts: 1 })
    const stopped = kan.symbolify(rows, { signal: AbortSignal.abort() })
    await expect(stopped).rejects.toBeInstanceOf(StoppedError)
    await expect(stopped).rejects.toThrow(/the network has 24 curves to name.*prune/)
  })

  it('says no NaN, whatever functions it may use', async () => {
    const rows = sample((a, b) => a * b, 120, [-1, -1], [1, 1])
    const kan = new KAN({ width: [2, 2, 1], grid: 3 })
    await kan.fit(rows, { optimizer: 'lm', steps: 10, restarts: 1 })
    for (const library of [['log'], ['1/x', 'arctanh'], ['sqrt', 'arcsin', '0']]) {
      // Two seconds of work: the clock is for a machine that stands still.
      const found = await kan.symbolify(rows, { library, seconds: 3600 })
      expect(found.stop).toBe('done')
      for (const { train, heldOut, complexity } of found.pareto)
        for (const number of [train.rmse, train.relative, heldOut!.relative, complexity])
          expect(number).toBeGreaterThanOrEqual(0) // which NaN is not
      expect(found.train.relative).toBeLessThan(1.1)
      expect(found.kan.parameters.every(Number.isFinite)).toBe(true)
    }
  })

  it('refuses what it cannot do', async () => {
    const rows = sample(law, 50, [-1, -1], [1, 1])
    const kan = new KAN({ width: [2, 1] })
    await expect(kan.symbolify(rows, { simplicity: 2 })).rejects.toThrow('simplicity')
    await expect(kan.symbolify(rows, { tries: 0 })).rejects.toThrow('tries')
    await expect(kan.symbolify(rows, { seconds: -1 })).rejects.toThrow('seconds')
    await expect(kan.symbolify(rows, { library: ['sine'] })).rejects.toThrow("Did you mean 'sin'?")
    kan.loss = 'cross-entropy'
    await expect(kan.symbolify(rows)).rejects.toThrow('regressions')
  })
})

describe('symbolify on logarithmic scales', () => {
  it('ranks by logarithms, and says their errors', async () => {
    // A tenth of noise at every size: the rows of large values would drown the others' by absolute errors.
    const noise = seeded(9)
    const off = (): number => Math.exp(0.2 * (noise() - 0.5))
    const { x, y } = sample((a, b) => (3 * (10 ** a) ** 1.5) / 10 ** b, 200, [0, 0], [3, 2])
    const rows = { x: x.map(row => row.map(value => 10 ** value)), y: y.map(value => value * off()) }
    const kan = new KAN({ width: [2, 1], scaling: { log: { inputs: true, output: true } } })
    await kan.fit(rows, { optimizer: 'lm', steps: 20 })
    const { texts, train, heldOut, network, pareto } = await kan.symbolify(rows, {
      library: ['x', 'x^2', '0'],
    })
    const [, factor, a, b] = /^([\d.]+)\*x1\^([\d.]+)\/x2(?:\^([\d.]+))?$/.exec(texts[0]!)!
    // Uniform noise of 0.1 has the deviation 0.058: of 160 rows over 3 decades slopes have standard errors below 0.004.
    expect(Math.abs(Number(factor) - 3)).toBeLessThan(0.3)
    expect(Math.abs(Number(a) - 1.5)).toBeLessThan(0.02)
    expect(Math.abs(Number(b ?? 1) - 1)).toBeLessThan(0.02)
    for (const errors of [train, heldOut!, network.train, network.heldOut!])
      expect(errors.log!.rmse).toBeLessThan(0.1)
    const errors = pareto.map(one => one.heldOut!.log!.rmse)
    expect(errors).toEqual(errors.toSorted((p, q) => q - p))
  })
})
