import { describe, expect, it } from 'vitest'
import { sampleFunction, toyFunction } from '../../src/data/functions.ts'
import { KAN } from '../../src/kan.ts'
import { Random } from '../../src/random.ts'

const f = toyFunction('exp-sin')
const train = sampleFunction(f, 1000, 0)
const test = sampleFunction(f, 1000, 1)

describe('Levenberg-Marquardt', () => {
  it.each([0, 1, 2])('learns exp(sin(pi x1) + x2^2) to 1e-2 in 50 steps, seed %i', async seed => {
    const kan = new KAN({ width: [2, 5, 1], grid: 3, seed })
    const report = await kan.fit(train, { optimizer: 'lm', restarts: 1 })
    const { rmse } = await kan.evaluate(test)
    // Measured over twelve seeds: 8e-4 to 2.5e-3.
    expect(rmse).toBeLessThan(1e-2)
    expect(report.steps).toBeLessThanOrEqual(50)
    expect(report.losses.every((loss, step) => step === 0 || loss <= report.losses[step - 1]!)).toBe(true)
  })

  it('passes by outliers with the losses that do not square them', async () => {
    // A tenth of the targets is up to 20 too high, where the function goes from 0.4 to 7.4.
    const random = new Random(0, 5)
    const y = train.y.map(value => (random.uniform() < 0.1 ? value + 20 * random.uniform() : value))
    const errors: number[] = []
    for (const loss of [{ loss: 'mse' }, { loss: 'huber', huberDelta: 0.05 }, { loss: 'mae' }] as const) {
      const kan = new KAN({ width: [2, 3, 1], grid: 3, seed: 0 })
      const { losses } = await kan.fit({ x: train.x, y }, { optimizer: 'lm', restarts: 1, ...loss })
      expect(losses.every((each, step) => step === 0 || each <= losses[step - 1]!)).toBe(true)
      errors.push((await kan.evaluate(test, loss)).rmse!)
    }
    const [squares, huber, absolute] = errors
    // Measured on 500 rows, seeds 0 to 2: 1.6, 0.02 to 0.04, 0.003 to 0.007.
    expect(squares).toBeGreaterThan(0.5)
    expect(huber).toBeLessThan(0.1)
    expect(absolute).toBeLessThan(0.02)
  })

  it('goes on from a checkpoint bit for bit', async () => {
    const options = { optimizer: 'lm', restarts: 1, steps: 6 } as const
    const whole = new KAN({ width: [2, 3, 1], seed: 5 })
    const uninterrupted = await whole.fit(train, options)
    const half = new KAN({ width: [2, 3, 1], seed: 5 })
    const { checkpoint } = await half.fit(train, { ...options, steps: 3 })
    const resumed = await half.fit(train, { ...options, resume: checkpoint })
    expect(half.parameters).toEqual(whole.parameters)
    expect(resumed.losses).toEqual(uninterrupted.losses)
  })

  it('classifies, with the Gauss-Newton curvature of the cross-entropy', async () => {
    const x = train.x.slice(0, 600)
    const y = Float64Array.from({ length: 300 }, (_, b) => (x[2 * b]! * x[2 * b + 1]! > 0 ? 1 : 0))
    const kan = new KAN({ width: [2, 4, 2], grid: 3, seed: 1 })
    const report = await kan.fit({ x, y }, { optimizer: 'lm', loss: 'cross-entropy', steps: 15 })
    expect(report.best.loss).toBeLessThan(0.1)
    expect((await kan.evaluate({ x, y }, { loss: 'cross-entropy' })).accuracy).toBeGreaterThan(0.97)
  })

  it('stays finite with fewer rows than parameters, repeated rows and unseen coefficients', async () => {
    const x = [0.1, 0.2, 0.1, 0.2, 0.9, -0.4, 0.9, -0.4, 0.1, 0.2]
    const y = [1, 2, 2, 1, 3]
    const kan = new KAN({ width: [2, 5, 1], grid: 20, scaling: { input: 'none' } })
    await kan.fit({ x, y }, { optimizer: 'lm', steps: 30 })
    expect(kan.parameters.every(Number.isFinite)).toBe(true)
    expect((await kan.predict([[0.1, 0.2]]))[0]).toBeGreaterThan(0.5)
    expect((await kan.predict([[0.1, 0.2]]))[0]).toBeLessThan(2.5)
  })

  it('stops as stalled at a minimum, and keeps it', async () => {
    // One input on one edge is linear in its coefficients: a few steps reach the minimum, and then there is no way down.
    const x = Float64Array.from({ length: 50 }, (_, b) => b / 25 - 1)
    const y = x.map(value => Math.abs(value))
    const kan = new KAN({ width: [1, 1], seed: 0 })
    const report = await kan.fit({ x, y }, { optimizer: 'lm', steps: 500, evaluateEvery: 7 })
    expect(report.stop).toBe('stalled')
    expect(report.best.loss).toBeLessThanOrEqual(Math.min(...report.losses))
  })

  it('changes only what is trainable and there', async () => {
    const kan = new KAN({ width: [2, 3, 1], trainable: { scaleBase: false, nodeBias: true } })
    kan.layer(0).values.mask[1] = 0
    const before = kan.copy()
    await kan.fit(train, { optimizer: 'lm', restarts: 1, steps: 3 })
    const [now, then] = [kan.layer(0).values, before.layer(0).values]
    expect(now.scaleBase).toEqual(then.scaleBase)
    expect(now.nodeBias).not.toEqual(then.nodeBias)
    const { outputs, bases } = kan.layer(0)
    for (let m = 0; m < bases; m++) expect(now.coef[m * outputs + 1]).toBe(then.coef[m * outputs + 1])
  })

  it.each([
    [{ batch: 10 }, /batch is for the optimizer 'adam'/],
    [{ learningRate: 0.1 }, /learningRate is for the optimizer 'adam'/],
    [{ adam: {} }, /adam is for the optimizer 'adam'/],
  ])('refuses %j', async (options, message) => {
    const run = new KAN({ width: [2, 1] }).fit(train, { optimizer: 'lm', ...options })
    await expect(run).rejects.toThrow(message)
  })
})
