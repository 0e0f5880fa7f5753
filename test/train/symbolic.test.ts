import { describe, expect, it } from 'vitest'
import { ConfigError, NonFiniteError } from '../../src/errors.ts'
import { KAN, loadCheckpoint, saveCheckpoint } from '../../src/kan.ts'
import type { KANOptions } from '../../src/model/config.ts'
import { edgeCurve } from '../../src/model/curve.ts'
import { fixEdge, unfixEdge } from '../../src/model/fix.ts'
import type { Affine } from '../../src/model/fix.ts'
import { Population } from '../../src/population.ts'
import { Random } from '../../src/random.ts'
import { toySamples } from './toy.ts'

const NO_SCALING = { input: 'none', output: 'none' } as const

function rmse(found: Float64Array, wanted: Float64Array): number {
  return Math.sqrt(found.reduce((sum, value, p) => sum + (value - wanted[p]!) ** 2, 0) / wanted.length)
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function covariance(a: Float64Array, b: Float64Array): number {
  return mean(a.map((value, p) => (value - mean(a)) * (b[p]! - mean(b))))
}

/** exp(sin(pi x1) + x2^2) as [2, 1, 1] with its numbers about a third off, and a scale that any fit has to find. */
function nearby(options: Partial<KANOptions> = {}): KAN {
  const plain = new KAN({ width: [2, 1, 1], grid: 3, ...options })
  const curves: readonly [number, number, string, string, Affine][] = [
    [0, 0, 'sin', 'sin(u)', [2.9, 0.1, 1.2, 0]],
    [0, 1, 'x^2', 'u^2', [1.2, 0.1, 1.1, 0]],
    [1, 0, 'exp', 'exp(u)', [0.8, 0.1, 1.2, 0.1]],
  ]
  return curves.reduce(
    (kan, [l, i, name, formula, affine]) => new KAN(fixEdge(kan, l, i, 0, { name, formula, affine })),
    plain,
  )
}

describe('training symbolic edges', () => {
  const train = toySamples(1000)
  const test = toySamples(1000, 2)

  it.each([
    ['in the network’s coordinates', { scaling: NO_SCALING }],
    ['with the usual scaling', {}],
  ])('finds exp(sin(pi x1) + x2^2) from nearby to 1e-12, %s', async (_, options) => {
    const kan = nearby(options)
    const report = await kan.fit(train)
    expect(report.optimizer).toBe('lm')
    // 4e-16 on the training rows: rounding alone is left.
    expect(rmse(await kan.predict(test.x), test.y)).toBeLessThan(1e-12)
  })

  it('says pi where the function does', async () => {
    const kan = nearby({ scaling: NO_SCALING })
    await kan.fit(train)
    const [a, b] = kan.layer(0).values.affine
    expect(a).toBeCloseTo(Math.PI, 12)
    expect(b).toBeCloseTo(0, 12)
  })

  it('beside splines, ten times as well as splines alone', async () => {
    const kan = new KAN({ width: [2, 1, 1], grid: 5 })
    await kan.fit(train)
    const splines = rmse(await kan.predict(test.x), test.y)
    // The sine of a guess, where its spline goes up and down by as much.
    const points = Float64Array.from({ length: 50 }, (_, p) => p / 25 - 1)
    const sine = points.map(t => Math.sin(3 * t + 0.05))
    const curve = edgeCurve(kan, 0, 0, 0, points)
    const c = covariance(sine, curve) / covariance(sine, sine)
    const affine: Affine = [3, 0.05, c, mean(curve) - c * mean(sine)]
    const mixed = new KAN(fixEdge(kan, 0, 0, 0, { name: 'sin', formula: 'sin(u)', affine }))
    expect(rmse(await mixed.predict(test.x), test.y)).toBeGreaterThan(10 * splines)
    const { losses } = await mixed.fit(train)
    expect(losses.every((loss, step) => step === 0 || loss <= losses[step - 1]!)).toBe(true)
    // Measured: 5.2e-3 and 3.4e-4; on 10 intervals 3.0e-4 and 1.3e-5.
    expect(rmse(await mixed.predict(test.x), test.y)).toBeLessThan(splines / 10)
    const { shift, scale } = mixed.scaling!.input
    const [a, b] = mixed.layer(0).values.affine
    // a (x - shift) / scale + b is pi x: a third of the guess's error would already be 0.05.
    expect(a! / scale[0]!).toBeCloseTo(Math.PI, 3)
    expect(b! - (a! * shift[0]!) / scale[0]!).toBeCloseTo(0, 3)
  })

  it('between splines and rows that train both, the first layer by its second', async () => {
    const plain = new KAN({ width: [2, 1, 1], grid: 10, scaling: NO_SCALING })
    const first = new KAN(
      fixEdge(plain, 0, 0, 0, { name: 'sin', formula: 'sin(u)', affine: [2.9, 0.1, 1, 0] }),
    )
    const kan = new KAN(
      fixEdge(first, 1, 0, 0, { name: 'exp', formula: 'exp(u)', affine: [0.8, 0.1, 1.2, 0] }),
    )
    await kan.fit(train)
    // A cubic spline says x2^2 exactly, but for the silu beside it.
    expect(rmse(await kan.predict(test.x), test.y)).toBeLessThan(1e-5)
  })

  it.each(['adam', 'lbfgs'] as const)('by %s', async optimizer => {
    const kan = nearby({ scaling: NO_SCALING })
    const { losses } = await kan.fit(train, { optimizer, steps: optimizer === 'adam' ? 500 : 60 })
    // Measured: 2.5e-5 and 1.3e-31 of the first loss.
    expect(losses.at(-1)! / losses[0]!).toBeLessThan(1e-2)
  })

  it('leaves their numbers alone where affine is not trainable', async () => {
    const kan = nearby({ trainable: { affine: false, nodeBias: true }, scaling: NO_SCALING })
    const before = kan.parameters.slice()
    await kan.fit(train, { steps: 3 })
    expect(kan.layer(0).values.affine).toEqual(before.slice(kan.layout.layers[0]!.affine).slice(0, 8))
    expect(kan.layer(0).values.nodeBias[0]).not.toBe(0)
  })

  it.each([
    ['lm', {}],
    ['lbfgs', {}],
    ['adam', { adam: { weightDecay: 0.1 } }],
  ] as const)(
    'leaves the splines behind them as they were, penalised or not: %s',
    async (optimizer, more) => {
      const plain = new KAN({ width: [2, 1, 1], trainable: { scaleSpline: true } })
      await plain.fit(train, { steps: 3, restarts: 1 })
      const kan = new KAN(fixEdge(plain, 0, 0, 0, { name: 'sin', formula: 'sin(u)' }))
      const penalty = { coef: 1, coefdiff: 1 }
      await kan.fit(train, { optimizer, steps: 5, lambda: 1e-2, penalty, ...more })
      expect(kan.layer(0).values.affine[0]).not.toBe(1)
      const affine = kan.layer(0).values.affine
      affine.set([1, 0, 1, 0]) // as it was fixed: the spline comes back
      const back = new KAN(unfixEdge(kan, 0, 0, 0))
      const points = [-0.9, -0.2, 0.3, 0.8]
      expect(edgeCurve(back, 0, 0, 0, points)).toEqual(edgeCurve(plain, 0, 0, 0, points))
      expect(edgeCurve(back, 0, 1, 0, points)).not.toEqual(edgeCurve(plain, 0, 1, 0, points))
    },
  )

  it('is by lm on networks beyond its usual limit too, in one start from where the edges were put', async () => {
    const large = new KAN({ width: [4, 15, 1], grid: 10 })
    expect(large.trainableParameters).toBeGreaterThan(1000)
    const kan = new KAN(fixEdge(large, 0, 0, 0, { name: 'sin', formula: 'sin(u)' }))
    const x = Float64Array.from({ length: 40 }, (_, p) => Math.sin(3 * p))
    const y = Float64Array.from({ length: 10 }, (_, p) => x[4 * p]! + x[4 * p + 1]!)
    const report = await kan.fit({ x, y }, { steps: 1 })
    expect(report.optimizer).toBe('lm')
    expect(report.starts).toHaveLength(1)
  })

  it('starts every restart that is asked for from where the edges were put', async () => {
    const kan = nearby({ scaling: NO_SCALING })
    await kan.fit(train, { restarts: 3, steps: 20 })
    expect(rmse(await kan.predict(test.x), test.y)).toBeLessThan(1e-12)
  })

  it('resumes bit for bit, and not with other functions', async () => {
    const options = { steps: 6, restarts: 1 } as const
    const whole = nearby()
    await whole.fit(train, options)
    const kan = nearby()
    const { checkpoint } = await kan.fit(train, { ...options, steps: 2 })
    const other = new KAN(fixEdge(kan, 1, 0, 0, { name: 'cosh', formula: 'cosh(u)' }))
    await expect(other.fit(train, { ...options, resume: checkpoint })).rejects.toThrow(ConfigError)
    await expect(other.fit(train, { ...options, resume: checkpoint })).rejects.toThrow(/symbolic is .*cosh/)
    const loaded = loadCheckpoint(saveCheckpoint(kan, checkpoint))
    await kan.fit(train, { ...options, resume: checkpoint })
    expect(kan.parameters).toEqual(whole.parameters)
    await loaded.kan.fit(train, { ...options, resume: loaded.checkpoint })
    expect(loaded.kan.parameters).toEqual(whole.parameters)
  })

  it('climbs and moves the grids of the splines beside them', async () => {
    const plain = new KAN({ width: [2, 1, 1], grid: 3 })
    const kan = new KAN(fixEdge(plain, 1, 0, 0, { name: 'exp', formula: 'exp(u)' }))
    const { stages } = await kan.fit(train, {
      refine: [6, 12],
      gridUpdate: { every: 5 },
      steps: 20,
      restarts: 6,
    })
    const [first, second, third] = stages.map(({ best }) => best.loss)
    expect(second).toBeLessThan(first!)
    expect(third).toBeLessThan(second!)
    expect(kan.config.layers[1]!.symbolic).toEqual([
      { edge: 0, name: 'exp', formula: 'exp(u)', fixedAt: [1, 0, 1, 0] },
    ])
    // Measured: 1.4e-4.
    expect(rmse(await kan.predict(test.x), test.y)).toBeLessThan(1e-3)
  })

  it('finds the same function from each member of a population', async () => {
    const own = [0, 1, 2].map(seed => nearby({ seed, scaling: NO_SCALING }))
    own.forEach((kan, m) => (kan.layer(0).values.affine[0]! += 0.1 * m))
    const population = new Population(own)
    await population.fit(train, { optimizer: 'lm', steps: 30 })
    for (const kan of population.members) expect(rmse(await kan.predict(test.x), test.y)).toBeLessThan(1e-12)
  })
})

describe('functions with a domain', () => {
  const random = new Random(2)
  const x = Float64Array.from({ length: 200 }, () => random.uniform())

  /** What L-BFGS calls level: roundings of errors of 1e-14. */
  const LEVEL = 1e-25

  /** One edge of the function, with the numbers given. */
  function edge(formula: string, affine: Affine): KAN {
    const plain = new KAN({ width: [1, 1], scaling: NO_SCALING })
    return new KAN(fixEdge(plain, 0, 0, 0, { name: formula, formula, affine }))
  }

  // The targets pull the end of the domain to the rows, or beyond them.
  it.each(['lm', 'lbfgs'] as const)('are never left by a step of %s', async optimizer => {
    for (const [formula, target] of [
      ['log(u)', (t: number) => 3 * Math.log(t + 1e-3)],
      ['sqrt(u)', (t: number) => 2 * Math.sqrt(t)],
      ['1/u', (t: number) => 1 / (t + 0.01)],
      ['asin(u)', (t: number) => 3 * Math.asin(2 * t - 1)],
      ['log(u)', () => -20],
    ] as const) {
      const kan = edge(formula, [0.5, 0.4, 1, 0])
      const { losses } = await kan.fit({ x, y: x.map(target) }, { optimizer, steps: 60 })
      expect(
        losses.every(
          (loss, step) => Number.isFinite(loss) && (step === 0 || loss <= losses[step - 1]! + LEVEL),
        ),
      ).toBe(true)
      expect(losses.at(-1)).toBeLessThan(losses[0]!)
      expect(kan.parameters.every(Number.isFinite)).toBe(true)
      expect((await kan.predict(x)).every(Number.isFinite)).toBe(true)
    }
  })

  it('keep a finite model where Adam steps out of them', async () => {
    const kan = edge('log(u)', [0.5, 0.4, 1, 0])
    const run = kan.fit({ x, y: x.map(() => -20) }, { optimizer: 'adam', learningRate: 1, steps: 100 })
    await expect(run).rejects.toThrow(NonFiniteError)
    expect(kan.parameters.every(Number.isFinite)).toBe(true)
    expect((await kan.predict(x)).every(Number.isFinite)).toBe(true)
  })

  it('train on at a row where the function has no finite slope', async () => {
    const own = Float64Array.of(0, ...x)
    const kan = edge('sqrt(u)', [1, 0, 1, 0])
    kan.layer(0).values.affine[1] = 0
    const { losses } = await kan.fit({ x: own, y: own.map(t => 3 * Math.sqrt(t) + 1) }, { optimizer: 'lm' })
    expect(losses.at(-1)).toBeLessThan(1e-20)
  })

  it.each<[string, (t: number) => number, Affine]>([
    ['sqrt(u)', t => 2 * Math.sqrt(t), [0.9, 0.1, 1.1, 0]],
    ['sqrt(u)', t => 2 * Math.sqrt(t), [1.3, 0.02, 1, 0.3]],
    ['u*sqrt(u)', t => t ** 1.5, [1.3, 0.02, 1, 0.3]],
    ['asin(u)', t => Math.asin(2 * t - 1), [0.5, 0, 1, 0]],
    ['log(u)', t => Math.log(t + 1e-6), [1.3, 0.02, 1, 0.3]],
  ])('are filled to their ends by lm, on which a row lies: %s', async (formula, target, affine) => {
    const kan = edge(formula, affine)
    const own = Float64Array.of(0, ...x)
    const { losses } = await kan.fit({ x: own, y: own.map(target) }, { optimizer: 'lm', steps: 200 })
    // Close to the end of sqrt and asin an error of 1e-16 in u is one of 1e-8 in the curve.
    expect(Math.sqrt(losses.at(-1)!)).toBeLessThan(1e-7)
  })

  it('say so where no row is inside them', async () => {
    const kan = edge('log(u)', [1, -2, 1, 0])
    await expect(kan.fit({ x, y: x })).rejects.toThrow(NonFiniteError)
    expect(kan.parameters.every(Number.isFinite)).toBe(true)
  })
})
