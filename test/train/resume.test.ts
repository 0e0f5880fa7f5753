import { describe, expect, test } from 'vitest'
import { ConfigError, FormatError, ShapeError } from '../../src/errors.ts'
import { KAN, loadCheckpoint, saveCheckpoint } from '../../src/kan.ts'
import type { Checkpoint, FitOptions } from '../../src/train/options.ts'
import { toySamples } from './toy.ts'

const samples = toySamples(50)
const network = { width: [2, 3, 1], grid: 3 } as const

describe('a resumed run equals an uninterrupted one, bit for bit', () => {
  const cases: Record<string, FitOptions> = {
    'full batch': { optimizer: 'adam' },
    'Levenberg-Marquardt, one start': { optimizer: 'lm', restarts: 1, evaluateEvery: 10 },
    'L-BFGS': { optimizer: 'lbfgs', restarts: 1 },
    'mini-batches, stopped within an epoch': { batch: 16 },
    'validation and patience': { batch: 16, validation: 0.2, patience: 4, learningRate: 0.1 },
  }
  test.each(Object.entries(cases))('%s', async (_, options) => {
    const whole = new KAN(network)
    const expected = await whole.fit(samples, { ...options, steps: 90 })
    // 3 steps: before the first evaluation. 37: between two.
    let { checkpoint } = await new KAN(network).fit(samples, { ...options, steps: 3 })
    ;({ checkpoint } = await new KAN(network).fit(samples, { ...options, steps: 37, resume: checkpoint }))
    const resumed = new KAN(network)
    const seen: number[] = []
    const run = resumed.fit(samples, { ...options, steps: 90, resume: checkpoint })
    for await (const { losses } of run) seen.push(...losses)
    const report = await run
    expect({ ...report, seconds: 0 }).toEqual({ ...expected, seconds: 0 })
    expect(Float64Array.from(seen)).toEqual(expected.losses.slice(37))
    expect(resumed).toEqual(whole)
  })

  test('with a schedule, decay and clipping, interrupted', async () => {
    const options = {
      steps: 90,
      schedule: 'cosine',
      adam: { weightDecay: 0.1, clip: 0.5 },
      progressEvery: 0,
    } as const
    const whole = new KAN(network)
    const expected = await whole.fit(samples, options)
    const run = new KAN(network).fit(samples, options)
    for await (const { step } of run) if (step >= 37) break
    const { checkpoint, stop } = await run
    expect(stop).toBe('aborted')
    const resumed = new KAN(network)
    const report = await resumed.fit(samples, { ...options, resume: checkpoint })
    expect(report.losses).toEqual(expected.losses)
    expect(resumed).toEqual(whole)
    // The schedule is as long as the run it was made for.
    const longer = new KAN(network).fit(samples, { ...options, steps: 120, resume: checkpoint })
    await expect(longer).rejects.toThrow(/another run: optimizer is .*"steps":120.*, and was .*"steps":90/)
  })

  test('through a file, by another process', async () => {
    const options = { batch: 16, validation: 0.2 }
    const whole = new KAN(network)
    await whole.fit(samples, { ...options, steps: 60 })
    const first = new KAN(network)
    const { checkpoint } = await first.fit(samples, { ...options, steps: 25 })
    const bytes = saveCheckpoint(first, checkpoint)
    const loaded = loadCheckpoint(bytes)
    expect(loaded.checkpoint).toEqual(checkpoint)
    expect(KAN.load(bytes)).toEqual(first)
    await loaded.kan.fit(samples, { ...options, steps: 60, resume: loaded.checkpoint })
    expect(loaded.kan).toEqual(whole)
  })

  test('before the first evaluation, when the best loss is Infinity, through a file', async () => {
    const kan = new KAN(network)
    const { checkpoint } = await kan.fit(samples, { optimizer: 'adam', steps: 4 })
    expect(checkpoint.state.best.loss[0]).toBe(Infinity)
    expect(loadCheckpoint(saveCheckpoint(kan, checkpoint)).checkpoint).toEqual(checkpoint)
  })
})

describe('what cannot be resumed', () => {
  test('another run: a ConfigError that names what differs', async () => {
    const { checkpoint } = await new KAN(network).fit(samples, { optimizer: 'adam', steps: 5 })
    const resume = (kan: KAN, data: typeof samples, options: FitOptions = {}): Promise<unknown> =>
      Promise.resolve(kan.fit(data, { steps: 10, resume: checkpoint, ...options }))
    await expect(resume(new KAN(network), samples, { learningRate: 0.5 })).rejects.toThrow(ConfigError)
    await expect(resume(new KAN(network), samples, { learningRate: 0.5, batch: 10 })).rejects.toThrow(
      /another run: batch is 10, and was 50; learningRate is 0\.5, and was 0\.01\./,
    )
    await expect(resume(new KAN({ ...network, grid: 4 }), samples)).rejects.toThrow(
      /intervals is \[4,4\], and was \[3,3\]/,
    )
    await expect(resume(new KAN(network), toySamples(50, 2))).rejects.toThrow(
      /: training is "50 rows, [^;]*$/,
    )
    const pruned = new KAN(network)
    pruned.mask[0] = 0
    await expect(resume(pruned, samples)).rejects.toThrow(/: grid is [^;]*$/)
    await expect(resume(new KAN(network), samples, { steps: 4 })).rejects.toThrow(/already done 5/)
  })

  test('a checkpoint that is not whole', async () => {
    const { checkpoint } = await new KAN(network).fit(samples, { optimizer: 'adam', steps: 5 })
    const resume = {
      ...checkpoint,
      state: { ...checkpoint.state, optimizer: { first: new Float64Array(3) } },
    }
    await expect(new KAN(network).fit(samples, { steps: 10, resume })).rejects.toThrow(/not whole/)
    await expect(
      new KAN(network).fit(samples, { steps: 10, resume: { ...checkpoint, fingerprint: '?' } }),
    ).rejects.toThrow(/fingerprint is not readable/)
  })

  test('saveCheckpoint with other arguments says how to call it', async () => {
    const kan = new KAN(network)
    const report = await kan.fit(samples, { optimizer: 'adam', steps: 5 })
    for (const given of [[], [kan], [report.checkpoint], [report.checkpoint, kan], [kan, report]]) {
      const call = (): Uint8Array => saveCheckpoint(...(given as unknown as [KAN, Checkpoint]))
      expect(call).toThrow(ConfigError)
      expect(call).toThrow('saveCheckpoint(kan, report.checkpoint)')
    }
    const wider = new KAN({ width: [2, 4, 1], grid: 3 })
    expect(() => saveCheckpoint(wider, report.checkpoint)).toThrow(ShapeError)
    expect(() => saveCheckpoint(wider, report.checkpoint)).toThrow(/has 80 parameters and the model 106/)
  })

  test('a model file is no checkpoint, and an altered state is a FormatError', async () => {
    const kan = new KAN(network)
    expect(() => loadCheckpoint(kan.save())).toThrow(/no training state/)
    const { checkpoint } = await kan.fit(samples, { optimizer: 'adam', steps: 5 })
    const { state } = checkpoint
    const broken = [
      { ...checkpoint, losses: new Float64Array(4) },
      { ...checkpoint, state: { ...state, step: -1 } },
      { ...checkpoint, state: { ...state, step: 1e300 } },
      {
        ...checkpoint,
        state: { ...state, optimizer: { ...state.optimizer, second: state.parameters.map(() => NaN) } },
      },
      { ...checkpoint, state: { ...state, optimizer: { ...state.optimizer, first: new Float64Array(1) } } },
      { ...checkpoint, state: { ...state, best: { ...state.best, loss: Float64Array.of(NaN) } } },
      { ...checkpoint, state: { ...state, best: { ...state.best, stale: Float64Array.of(-1) } } },
    ]
    for (const one of broken) expect(() => loadCheckpoint(saveCheckpoint(kan, one))).toThrow(FormatError)
  })
})
