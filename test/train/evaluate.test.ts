import { describe, expect, test } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { ConfigError, DataError, ShapeError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import type { Samples } from '../../src/train/options.ts'
import { accuracy, meanLoss, rootMeanSquare, rSquared } from '../../src/train/metrics.ts'
import { toyClasses, toySamples } from './toy.ts'

describe('metrics', () => {
  test('by hand: two outputs, weighted', () => {
    const outputs = Float64Array.of(1, 2, 3, 5)
    const rows = { x: new Float64Array(2), y: Float64Array.of(0, 2, 3, 1), weights: Float64Array.of(1, 3) }
    // Row 1: (1 + 0) / 2; row 2: (0 + 16) / 2; weighted mean (0.5 + 3 * 8) / 4.
    expect(meanLoss('mse', outputs, rows)).toBe(24.5 / 4)
    expect(rootMeanSquare(outputs, rows)).toBe(Math.sqrt(24.5 / 4))
    // (1 + 0) / 2 and (0 + 4) / 2. Bent at 3: (1/2 + 0) / 2 and (0 + 3 (4 - 3/2)) / 2; at 1, by default: 1/4 and 7/4.
    expect(meanLoss('mae', outputs, rows)).toBe((0.5 + 3 * 2) / 4)
    expect(meanLoss('huber', outputs, rows, 3)).toBe((0.25 + 3 * 3.75) / 4)
    expect(meanLoss('huber', outputs, rows)).toBe((0.25 + 3 * 1.75) / 4)
    // Output 1: mean 9/4, spread (9/4)^2 + 3 (3/4)^2 = 27/4, residual 1. Output 2: mean 5/4, spread 3/4, residual 48.
    expect(rSquared(outputs, rows)).toBeCloseTo((1 - 4 / 27 + 1 - 64) / 2, 12)
    const constant = { ...rows, y: Float64Array.of(0.1, 2, 0.1, 1) }
    expect(rSquared(outputs, constant)).toBeNaN()
  })

  test('cross-entropy and accuracy by hand, and without overflow', () => {
    const outputs = Float64Array.of(0, Math.log(3), 1000, 0, 2, 2)
    const rows = { x: new Float64Array(3), y: Float64Array.of(1, 1, 0), weights: Float64Array.of(1, 2, 1) }
    // -log(3/4), 1000 (e^-1000 is 0), log 2.
    expect(meanLoss('cross-entropy', outputs, rows)).toBeCloseTo(
      (Math.log(4 / 3) + 2000 + Math.log(2)) / 4,
      9,
    )
    expect(accuracy(outputs, rows)).toBe(2 / 4)
  })
})

describe('predict', () => {
  test("works in the table's own units: scaling in and out by hand", async () => {
    const samples = toySamples(40)
    const y = samples.y.map(value => 500 + 30 * value)
    const x = samples.x.map((value, p) => (p % 2 === 0 ? 1e4 * value : 7 + value))
    const kan = new KAN({ width: [2, 2, 1], grid: 3 })
    await kan.fit({ x, y }, { steps: 30 })
    const { input, output } = kan.scaling!
    const raw = kan.copy()
    raw.scaling = undefined
    const u = x.map((value, p) => (value - input.shift[p % 2]!) / input.scale[p % 2]!)
    const scaled = await raw.predict(u)
    expect(await kan.predict(x)).toEqual(scaled.map(value => output.shift[0]! + output.scale[0]! * value))
  })

  test('nested rows, one row, more rows than an engine takes at once', async () => {
    const kan = new KAN({ width: [2, 1] })
    const { x } = toySamples(5000)
    const all = await kan.predict(x)
    expect(all).toHaveLength(5000)
    expect((await kan.predict([[x[9998]!, x[9999]!]]))[0]).toBe(all[4999])
  })

  test('refuses what is not rows, and leaves nothing on the engine', async () => {
    const engine = createCpuEngine()
    const kan = new KAN({ width: [2, 1] })
    await expect(kan.predict([1, 2, 3], { engine })).rejects.toThrow(ShapeError)
    await expect(kan.predict([], { engine })).rejects.toThrow(DataError)
    await kan.predict([1, 2], { engine })
    const options: [unknown, RegExp][] = [
      [{ engine: 'cpu' }, /engine is 'cpu', which is no engine; give await requestEngine\(\)/],
      [{ engine: Promise.resolve(engine) }, /engine is a promise; await it/],
      [{ engine: null }, /engine is null/],
      [{ engien: engine }, /predict has no option 'engien'. Did you mean 'engine'\?/],
      [engine, /predict takes an engine as one of its options: predict\(\.\.\., \{ engine \}\)/],
    ]
    for (const [given, message] of options) {
      await expect(kan.predict([1, 2], given as object)).rejects.toThrow(ConfigError)
      await expect(kan.predict([1, 2], given as object)).rejects.toThrow(message)
    }
    expect((await engine.memory()).bytes).toBe(0)
  })
})

describe('evaluate', () => {
  test('regression: the errors of predict', async () => {
    const samples = toySamples(60)
    const kan = new KAN({ width: [2, 3, 1], grid: 3 })
    await kan.fit(samples, { steps: 60 })
    const outputs = await kan.predict(samples.x)
    const { rmse, mae, r2, loss, accuracy: share, rows } = await kan.evaluate(samples)
    expect(mae).toBeCloseTo(
      outputs.reduce((sum, value, r) => sum + Math.abs(value - samples.y[r]!), 0) / 60,
      12,
    )
    const residual = outputs.reduce((sum, value, r) => sum + (value - samples.y[r]!) ** 2, 0)
    expect(rmse).toBeCloseTo(Math.sqrt(residual / 60), 12)
    // In the network's units targets have deviation 1, so the loss is the unexplained share of the variance.
    expect(loss).toBeCloseTo(1 - r2!, 12)
    expect([share, rows]).toEqual([undefined, 60])
  })

  test.each([{ loss: 'mae' }, { loss: 'huber' }, { loss: 'huber', huberDelta: 0.1 }] as const)(
    'regression: the loss that a fit of %j ends with',
    async options => {
      const samples = toySamples(60)
      const kan = new KAN({ width: [2, 3, 1], grid: 3 })
      const { best, losses } = await kan.fit(samples, { steps: 60, ...options })
      expect(best.loss).toBeLessThan(losses[0]! / 2)
      const { loss: _, ...delta } = { huberDelta: undefined, ...options }
      const { loss, rmse } = await kan.evaluate(samples, delta.huberDelta === undefined ? {} : delta)
      // The engine folds weights before it multiplies: a few roundings.
      expect(Math.abs(loss / best.loss - 1)).toBeLessThan(1e-12)
      expect(rmse).toBe((await kan.evaluate(samples, { loss: 'mse' })).rmse)
      await expect(kan.evaluate(samples, { loss: 'mse', huberDelta: 1 })).rejects.toThrow(/huberDelta is for/)
    },
  )

  test('the table of a model decides the loss', async () => {
    const kan = new KAN({ width: [2, 3] })
    kan.encoder = {
      task: 'classification',
      inputs: [
        { column: 'a', kind: 'numeric' },
        { column: 'b', kind: 'numeric' },
      ],
      target: { column: 'c', labels: ['x', 'y', 'z'] },
    }
    const samples = toyClasses(30)
    await kan.fit(samples, { steps: 20 })
    expect((await kan.evaluate(samples)).accuracy).toBeGreaterThan(0.5)
  })

  test('the loss it was fitted with is remembered, by fit too', async () => {
    const samples = toyClasses(30)
    const kan = new KAN({ width: [2, 3] })
    await kan.fit(samples, { steps: 20, loss: 'cross-entropy' })
    expect(kan.loss).toBe('cross-entropy')
    const evaluation = await KAN.load(kan.save()).evaluate(samples)
    expect(evaluation).toEqual(await kan.evaluate(samples, { loss: 'cross-entropy' }))
    expect(evaluation.accuracy).toBeGreaterThan(0.5)
    const { losses } = await kan.fit(samples, { steps: 1 })
    // The mean of 30 losses, summed in another order: a few ulp.
    expect(losses[0]).toBeCloseTo(evaluation.loss, 13)
    const oneHot = samples.x.map((_, p) => p % 2)
    await kan.fit({ x: samples.x.slice(0, 4), y: oneHot.slice(0, 6) }, { steps: 1, loss: 'mse' })
    expect(kan.loss).toBe('mse')
  })

  test('targets of the other loss: a ShapeError that names it', async () => {
    const kan = new KAN({ width: [2, 3] })
    const { x, y } = toyClasses(6)
    const nested = Array.from(y, label => [label])
    for (const classes of [y, nested]) {
      await expect(kan.evaluate({ x, y: classes })).rejects.toThrow(ShapeError)
      await expect(kan.fit({ x, y: classes })).rejects.toThrow(
        /y has 1 value a row, and the network has 3 outputs; for class indices give loss: 'cross-entropy'/,
      )
    }
    const loss = 'cross-entropy'
    const rows = new Float64Array(18)
    for (const targets of [rows, Array.from({ length: 6 }, () => [0, 0, 1])])
      await expect(kan.evaluate({ x, y: targets }, { loss })).rejects.toThrow(
        /y has 3 values a row, and cross-entropy takes one.*for a regression give loss: 'mse'/,
      )
    await expect(kan.fit({ x, y: rows }, { validation: { x, y }, steps: 1 })).rejects.toThrow(
      /^validation\.y has 1 value a row/,
    )
  })

  test('samples that are not { x, y }', async () => {
    const kan = new KAN({ width: [2, 1] })
    const { x, y } = toySamples(3)
    const call = (samples?: unknown): Promise<unknown> => kan.evaluate(samples as Samples)
    await expect(call()).rejects.toThrow(/The samples are undefined; give \{ x, y \}/)
    await expect(call(x)).rejects.toThrow(/The samples are a list of 6; give \{ x, y \}/)
    await expect(call({ X: x, Y: y })).rejects.toThrow(/The samples are an object with X, Y; /)
    await expect(call({ x })).rejects.toThrow(ShapeError)
  })

  test('a loss that does not fit the model is a ConfigError', async () => {
    const regression = new KAN({ width: [2, 2] })
    await regression.fit({ x: [0, 1, 1, 0], y: [1, 20, 30, 4] }, { steps: 1 })
    await expect(regression.evaluate({ x: [0, 1], y: [1] }, { loss: 'cross-entropy' })).rejects.toThrow(
      ConfigError,
    )
  })
})

test('calibrate: statistics of the rows it is given', async () => {
  const kan = new KAN({ width: [2, 1], scaling: { input: 'none' } })
  await kan.calibrate([
    [-0.5, 2],
    [0.25, -3],
    [0.75, 0],
  ])
  const { rows, layers } = kan.statistics!
  expect(rows).toBe(3)
  expect([...layers[0]!.inputMin, ...layers[0]!.inputMax]).toEqual([-0.5, -3, 0.75, 2])
  expect(layers[0]!.histogram.reduce((sum, count) => sum + count, 0)).toBe(6)
})
