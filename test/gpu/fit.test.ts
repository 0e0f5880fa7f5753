import { afterAll, describe, expect, test } from 'vitest'
import { requestEngine } from '../../src/engine/request.ts'
import { ConfigError, NonFiniteError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { toyClasses, toySamples } from '../train/toy.ts'

const engine = await requestEngine({ device: 'webgpu' })
const samples = toySamples(100)
const network = { width: [2, 3, 1], grid: 3 } as const

afterAll(() => engine.destroy())

describe('fit on the GPU', () => {
  test('follows the CPU engine, learns, and leaves no bytes', async () => {
    const options = { steps: 200, learningRate: 0.02, batch: 32, validation: 0.2 }
    const [gpu, cpu] = [new KAN(network), new KAN(network)]
    const before = (await engine.memory()).bytes
    const report = await gpu.fit(samples, { ...options, engine })
    const expected = await cpu.fit(samples, options)
    expect((await engine.memory()).bytes).toBe(before)
    // float32 against float64: trajectories drift apart by rounding (2^-24 relative a step) that Adam's division amplifies.
    for (const step of [0, 1, 5, 20])
      expect(Math.abs(report.losses[step]! / expected.losses[step]! - 1)).toBeLessThan(1e-4)
    expect(report.best.loss / expected.best.loss).toBeCloseTo(1, 1)
    const { loss } = await gpu.evaluate(samples, { engine })
    expect(Math.abs(loss / (await gpu.evaluate(samples)).loss - 1)).toBeLessThan(1e-4)
    expect(gpu.statistics?.rows).toBe(80)
    gpu.statistics!.layers.forEach((layer, l) =>
      layer.edgeL1.forEach((value, e) => {
        expect(Math.abs(value - cpu.statistics!.layers[l]!.edgeL1[e]!)).toBeLessThan(0.05)
      }),
    )
  })

  test('a resumed run equals an uninterrupted one, bit for bit', async () => {
    const options = { engine, batch: 16, validation: 0.2 }
    const whole = new KAN(network)
    const expected = await whole.fit(samples, { ...options, steps: 60 })
    const { checkpoint } = await new KAN(network).fit(samples, { ...options, steps: 25 })
    const resumed = new KAN(network)
    const report = await resumed.fit(samples, { ...options, steps: 60, resume: checkpoint })
    expect(report.losses).toEqual(expected.losses)
    expect(resumed).toEqual(whole)
  })

  test('patience ends at the same step however many steps were recorded ahead', async () => {
    const options = { engine, steps: 2000, learningRate: 0.3, evaluateEvery: 5, patience: 3, validation: 0.2 }
    const reports = await Promise.all(
      [0, 1e9].map(async progressEvery => {
        const { stop, steps, losses, best, checkpoint } = await new KAN(network).fit(samples, {
          ...options,
          progressEvery,
        })
        return { stop, steps, losses, best, checkpoint }
      }),
    )
    expect(reports[0]!.stop).toBe('patience')
    expect(reports[0]).toEqual(reports[1])
  })

  test('break, and a loss that explodes', async () => {
    const kan = new KAN({ width: [2, 4, 3] })
    const run = kan.fit(toyClasses(100), { engine, loss: 'cross-entropy', steps: 1e6, progressEvery: 0 })
    for await (const { step } of run) if (step >= 12) break
    const { stop, best } = await run
    expect([stop, best.step]).toEqual(['aborted', 10])
    const initial = new KAN(network)
    await expect(initial.fit(samples, { engine, learningRate: 1e30 })).rejects.toThrow(NonFiniteError)
    expect(initial).toEqual(new KAN(network))
    await expect(initial.fit(samples, { engine, batch: 1000 })).rejects.toThrow(ConfigError)
  })
})
