import { describe, expect, test } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { DeviceLostError, NonFiniteError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { toyClasses, toySamples, wrappedEngine } from './toy.ts'

const small = toySamples(64)
const network = { width: [2, 3, 1], grid: 3 } as const

describe('fit learns', () => {
  test('f = exp(sin(pi x1) + x2^2) with [2, 5, 1], full batch', { timeout: 60_000 }, async () => {
    const kan = new KAN({ width: [2, 5, 1] })
    const report = await kan.fit(toySamples(500), { steps: 600, learningRate: 0.02 })
    const { rmse, r2 } = await kan.evaluate(toySamples(300, 2))
    // Seeds 0 to 4 reach 0.006 to 0.0144 on fresh rows, this one 0.0144; the deviation of f is 1.28.
    expect(rmse).toBeLessThan(0.02)
    expect(r2).toBeGreaterThan(0.9995)
    expect(report).toMatchObject({ stop: 'steps', steps: 600 })
    expect(report.losses).toHaveLength(600)
    expect(report.evaluations).toHaveLength(60)
    expect(report.best.loss).toBe(Math.min(...report.evaluations.map(({ loss }) => loss)))
  })

  test('classes, in mini-batches, with a held-out part', { timeout: 60_000 }, async () => {
    const kan = new KAN({ width: [2, 4, 3] })
    const samples = toyClasses(400)
    await kan.fit(samples, {
      loss: 'cross-entropy',
      batch: 64,
      validation: 0.2,
      steps: 400,
      classWeights: 'balanced',
    })
    const { accuracy, loss, rmse, rows } = await kan.evaluate(toyClasses(300, 2), { loss: 'cross-entropy' })
    // Three equal sectors: guessing gives 1/3 and log 3 = 1.1. Seeds 0 to 4 reach 0.98 to 0.997, and 0.026 to 0.038.
    expect(accuracy).toBeGreaterThan(0.97)
    expect(loss).toBeLessThan(0.06)
    expect(rmse).toBeUndefined()
    expect(rows).toBe(300)
    expect(kan.scaling?.output.scale).toEqual(Float64Array.of(1, 1, 1))
  })
})

describe('what a run leaves', () => {
  test('best weights, scaling and statistics of the training rows; no bytes on the engine', async () => {
    const engine = createCpuEngine()
    const kan = new KAN(network)
    const report = await kan.fit(small, { engine, steps: 50, validation: 0.25, learningRate: 0.05 })
    expect((await engine.memory()).bytes).toBe(0)
    expect(kan.parameters).toEqual(report.checkpoint.state.best.parameters)
    expect(kan.statistics?.rows).toBe(48)
    const calibrated = kan.copy()
    await calibrated.calibrate(small.x)
    expect(calibrated.statistics?.rows).toBe(64)
    const inputs = kan.statistics!.layers[0]!
    // min-max scaling of the training rows: they fill the grid range (to rounding of the affine map).
    for (const i of [0, 1]) {
      expect(inputs.inputMin[i]).toBeCloseTo(-1, 12)
      expect(inputs.inputMax[i]).toBeCloseTo(1, 12)
    }
    await engine.destroy()
  })

  test('evaluation losses are those of evaluate', async () => {
    const kan = new KAN(network)
    const validation = toySamples(32, 5)
    const report = await kan.fit(small, { steps: 40, validation })
    const { loss } = await kan.evaluate(validation)
    // Same weights and rows, sums in another order: a few ulp of float64 on 32 terms.
    expect(Math.abs(loss - report.best.loss)).toBeLessThan(1e-13 * loss)
  })

  test('a second fit keeps the first scaling and goes on from its weights', async () => {
    const kan = new KAN(network)
    const first = await kan.fit(small, { steps: 50 })
    const { scaling } = kan
    const second = await kan.fit(toySamples(64, 9), { steps: 1 })
    expect(kan.scaling).toBe(scaling)
    expect(second.losses[0]).toBeLessThan(first.losses[0]!)
  })

  test('fewer steps than an evaluation takes: the last weights, evaluated', async () => {
    const kan = new KAN(network)
    const report = await kan.fit(small, { optimizer: 'adam', steps: 3 })
    expect(report.evaluations).toEqual([report.best])
    expect(report.best.step).toBe(3)
    expect(kan.parameters).toEqual(report.checkpoint.state.parameters)
    expect((await kan.evaluate(small)).loss).toBeCloseTo(report.best.loss, 13)
    expect(report.checkpoint.evaluations).toEqual([])
  })

  test('the same whatever the pace', async () => {
    const outcome = async (progressEvery: number): Promise<unknown[]> => {
      const kan = new KAN(network)
      const options = {
        steps: 130,
        batch: 20,
        evaluateEvery: 7,
        patience: 3,
        validation: 0.3,
        learningRate: 0.3,
      }
      const { stop, steps, losses, evaluations, best } = await kan.fit(small, { ...options, progressEvery })
      return [stop, steps, losses, evaluations, best, kan.parameters]
    }
    expect(await outcome(0)).toEqual(await outcome(1e9))
  })
})

describe('stopping', () => {
  const overfitting = {
    steps: 400,
    learningRate: 0.3,
    evaluateEvery: 5,
    patience: 2,
    validation: toySamples(8, 4),
  } as const

  test('patience: the run ends that many evaluations after its best one', async () => {
    const kan = new KAN(network)
    const report = await kan.fit(small, overfitting)
    expect(report.stop).toBe('patience')
    expect(report.steps).toBe(report.best.step + 10)
    expect(report.losses).toHaveLength(report.steps)
    expect(report.evaluations.at(-1)?.step).toBe(report.steps)
    const { checkpoint } = report
    const again = await kan.fit(small, { ...overfitting, resume: checkpoint })
    expect(again).toMatchObject({ stop: 'patience', steps: report.steps, best: report.best })
  })

  test('no call goes beyond the end of patience, where a GPU would train on', async () => {
    let asked = 0
    const engine = wrappedEngine(session => ({
      run: steps => {
        asked += steps
        return session.run(steps)
      },
    }))
    const report = await new KAN(network).fit(small, { ...overfitting, engine, progressEvery: 1e9 })
    expect(report.stop).toBe('patience')
    expect(asked).toBe(report.steps)
  })

  test('abort: after the call under way, with valid weights and a report', async () => {
    let calls = 0
    const controller = new AbortController()
    const engine = wrappedEngine(session => ({
      run: steps => {
        calls++
        if (calls === 12) controller.abort()
        return session.run(steps)
      },
    }))
    const kan = new KAN(network)
    const report = await kan.fit(small, {
      engine,
      optimizer: 'adam',
      steps: 1000,
      progressEvery: 0,
      signal: controller.signal,
    })
    expect(calls).toBe(12)
    expect(report).toMatchObject({ stop: 'aborted', steps: 12 })
    expect(report.best.step).toBe(10)
    expect(kan.parameters).toEqual(report.checkpoint.state.best.parameters)
    expect(kan.statistics?.rows).toBe(64)
    expect((await engine.memory()).bytes).toBe(0)
  })

  test('break: the model is at rest after the loop', async () => {
    const kan = new KAN(network)
    const run = kan.fit(small, { optimizer: 'adam', steps: 100_000, progressEvery: 0 })
    for await (const { step, steps, epoch } of run) {
      expect(steps).toBe(100_000)
      expect(epoch).toBe(step)
      if (step >= 15) break
    }
    expect(kan.statistics?.rows).toBe(64)
    expect(await run).toMatchObject({ stop: 'aborted', steps: 15 })
  })

  test('a signal that was aborted before: no step, the initial weights, evaluated', async () => {
    const kan = new KAN(network)
    const initial = kan.parameters.slice()
    const report = await kan.fit(small, { signal: AbortSignal.abort() })
    expect(report).toMatchObject({ stop: 'aborted', steps: 0, best: { step: 0 } })
    expect(report.best.loss).toBeGreaterThan(0)
    expect(kan.parameters).toEqual(initial)
  })

  test('progress counts epochs of mini-batches from 1', async () => {
    const epochs: number[] = []
    const run = new KAN(network).fit(small, { steps: 9, batch: 16, progressEvery: 0 })
    for await (const { epoch } of run) epochs.push(epoch)
    expect(epochs).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3])
  })
})

describe('errors', () => {
  test('a loss that explodes: the weights of the best evaluation, and a remedy', async () => {
    const good = new KAN(network)
    await good.fit(small, { optimizer: 'adam', steps: 20 })
    const engine = wrappedEngine(session => ({
      run: async steps => {
        const progress = await session.run(steps)
        if (progress.step === 24) await session.upload({ learningRate: Float64Array.of(1e200) })
        return progress
      },
    }))
    const kan = new KAN(network)
    const error = await kan
      .fit(small, { engine, optimizer: 'adam', steps: 100, progressEvery: 0 })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(NonFiniteError)
    // The update of step 25 used the new rate, so the loss of step 26 is the first to see it.
    expect(String(error)).toMatch(
      /at step 26 with learning rate 0\.01.*try 0\.001.*holds the weights of step 20/,
    )
    expect(kan.parameters).toEqual(good.parameters)
    expect(kan.scaling).toEqual(good.scaling)
    expect((await engine.memory()).bytes).toBe(0)
  })

  test('a learning rate that explodes at once leaves the model as it was', async () => {
    const kan = new KAN(network)
    const initial = kan.parameters.slice()
    const run = kan.fit(small, { steps: 100, learningRate: 1e200 })
    await expect(run).rejects.toThrow(NonFiniteError)
    await expect(run).rejects.toThrow(/try 0\.01\).* The model holds the weights it had before this run/)
    expect(kan.parameters).toEqual(initial)
    expect(kan.scaling).toBeUndefined()
    await expect(new KAN(network).fit(small, { steps: 1, learningRate: 1e200 })).rejects.toThrow(
      NonFiniteError,
    )
  })

  test('a lost device: says what the model holds, and closes the session', async () => {
    let closed = 0
    const engine = wrappedEngine(session => ({
      run: async steps => {
        const progress = await session.run(steps)
        if (progress.step >= 30) throw new DeviceLostError('The GPU was lost.')
        return progress
      },
      close: async () => {
        closed++
        await session.close()
      },
    }))
    const kan = new KAN(network)
    const initial = kan.parameters.slice()
    const run = kan.fit(small, { engine, optimizer: 'adam' })
    await expect(run).rejects.toThrow(DeviceLostError)
    await expect(run).rejects.toThrow(/lost\. The model holds the weights it had before this run\./)
    expect(closed).toBe(1)
    expect(kan.parameters).toEqual(initial)
  })

  test('an engine destroyed during the run', async () => {
    const engine = createCpuEngine()
    const run = new KAN(network).fit(small, { engine, progressEvery: 0 })
    await expect(async () => {
      for await (const { step } of run) if (step === 5) await engine.destroy()
    }).rejects.toThrow(DeviceLostError)
    expect((await engine.memory()).bytes).toBe(0)
  })
})
