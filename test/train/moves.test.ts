import { describe, expect, test } from 'vitest'
import type { Upload } from '../../src/engine/engine.ts'
import { NonFiniteError } from '../../src/errors.ts'
import { KAN, loadCheckpoint, saveCheckpoint } from '../../src/kan.ts'
import { updateGrid } from '../../src/model/gridupdate.ts'
import { scaleRows } from '../../src/model/scaling.ts'
import type { FitOptions } from '../../src/train/options.ts'
import { toySamples, wrappedEngine } from './toy.ts'

/** Rows that crowd where x1 is near 1: evenly spaced knots are not where they are needed. */
function crowded(rows: number): { x: Float64Array; y: Float64Array } {
  const { x } = toySamples(rows, 5)
  const moved = x.map(value => 1 - (1 - value) ** 2 / 2)
  const y = Float64Array.from(
    { length: rows },
    (_, r) => Math.sin(6 * moved[2 * r]!) + moved[2 * r + 1]! ** 2,
  )
  return { x: moved, y }
}

const samples = crowded(200)
const network = { width: [2, 3, 1], grid: 5 } as const

describe('gridUpdate', () => {
  test('moves the knots to the samples while Adam goes on down', async () => {
    const kan = new KAN(network)
    const before = kan.knots.slice()
    const options = { optimizer: 'adam', learningRate: 0.02, steps: 300 } as const
    const report = await kan.fit(samples, { ...options, gridUpdate: { every: 50 } })
    expect(kan.knots).not.toEqual(before)
    // The default ends with half of the steps, and older weights belong to other knots.
    expect(report.best.step).toBeGreaterThan(150)
    expect(report.best.loss).toBe(
      Math.min(...report.evaluations.filter(({ step }) => step > 150).map(({ loss }) => loss)),
    )
    expect((await kan.evaluate(samples)).loss).toBeCloseTo(report.best.loss, 13)
    expect(report.best.loss).toBeLessThan(report.losses[0]! / 20)
    expect(report.losses[299]).toBeLessThan(report.losses[150]!)
  })

  test('is the update of the model, on the training rows, at its step', async () => {
    const options = { optimizer: 'lm', restarts: 1 } as const
    const kan = new KAN(network)
    await kan.fit(samples, { ...options, steps: 5, gridUpdate: { every: 4, until: 4, eps: 0.3 } })
    const byHand = new KAN(network)
    const { checkpoint } = await byHand.fit(samples, { ...options, steps: 4 })
    byHand.parameters.set(checkpoint.state.parameters)
    const moved = updateGrid(byHand, scaleRows(samples.x, byHand.scaling!.input), { eps: 0.3 })
    expect(kan.knots).toEqual(moved.knots)
  })

  test.each<[number, FitOptions]>([
    [10, { optimizer: 'adam', batch: 50 }],
    [20, { optimizer: 'adam', batch: 50 }],
    [31, { optimizer: 'adam' }],
    [20, { optimizer: 'lbfgs', restarts: 1 }],
    [25, { optimizer: 'lbfgs', restarts: 1 }],
    [10, { optimizer: 'lm', restarts: 1 }],
  ])('resumed after %i steps it ends with the same bits: %j', async (steps, given) => {
    const options = { ...given, gridUpdate: { every: 10, until: 30 } }
    const whole = new KAN(network)
    const expected = await whole.fit(samples, { ...options, steps: 60 })
    const first = new KAN(network)
    const { checkpoint } = await first.fit(samples, { ...options, steps })
    const { kan, checkpoint: loaded } = loadCheckpoint(saveCheckpoint(first, checkpoint))
    const report = await kan.fit(samples, { ...options, steps: 60, resume: loaded })
    expect(kan).toEqual(whole)
    expect({ ...report, seconds: 0 }).toEqual({ ...expected, seconds: 0 })
  })

  test('a checkpoint of moved knots does not fit others', async () => {
    const options = { optimizer: 'adam', gridUpdate: { every: 10, until: 10 } } as const
    const { checkpoint } = await new KAN(network).fit(samples, { ...options, steps: 15 })
    await expect(
      new KAN(network).fit(samples, { ...options, steps: 60, resume: checkpoint }),
    ).rejects.toThrow(/another run: grid is /)
  })

  test('moves the grids of every start for itself', async () => {
    const options = { optimizer: 'adam', steps: 25, gridUpdate: { every: 10, until: 20 } } as const
    const kan = new KAN(network)
    const report = await kan.fit(samples, { ...options, restarts: 3 })
    const own = new KAN(network)
    const { best } = await own.fit(samples, { ...options, restarts: 1 })
    expect(report.starts[0]).toBe(best.loss)
    expect((await kan.evaluate(samples)).loss).toBeCloseTo(Math.min(...report.starts), 13)
  })

  test('uploads parameters and knots after the state, so that L-BFGS starts anew', async () => {
    const uploads: Upload[] = []
    const engine = wrappedEngine(session => ({
      upload: contents => {
        uploads.push(contents)
        return session.upload(contents)
      },
    }))
    await new KAN(network).fit(samples, {
      engine,
      optimizer: 'adam',
      steps: 9,
      gridUpdate: { every: 5, until: 5 },
    })
    const names = uploads.map(contents => Object.keys(contents).toSorted())
    expect(names.slice(1)).toEqual([['state'], ['knots', 'parameters'], ['parameters']])
    expect(uploads[1]!.state).toMatchObject({ step: 5, best: { loss: Float64Array.of(Infinity) } })
  })

  test.each(['lm', 'lbfgs'] as const)('goes on down after every move: %s', async optimizer => {
    const kan = new KAN(network)
    const gridUpdate = { every: 8, until: 16 }
    const report = await kan.fit(samples, { optimizer, restarts: 1, steps: 40, gridUpdate })
    const { losses } = report
    // Within a grid no step goes up; a move may.
    for (const [from, to] of [
      [0, 8],
      [8, 16],
      [16, losses.length],
    ] as const)
      for (let step = from + 1; step < to; step++) expect(losses[step]).toBeLessThanOrEqual(losses[step - 1]!)
    expect(report.best.step).toBeGreaterThan(16)
    expect(report.best.loss).toBeLessThan(losses[16]! / 2)
    expect((await kan.evaluate(samples)).loss).toBeCloseTo(report.best.loss, 13)
  })

  test('a failure right after an update leaves the best weights before it, on their own knots', async () => {
    const options = { optimizer: 'adam', gridUpdate: { every: 20, until: 20 } } as const
    const good = new KAN(network)
    await good.fit(samples, { ...options, steps: 20 })
    good.statistics = undefined
    const engine = wrappedEngine(session => ({
      upload: contents =>
        session.upload(
          contents.knots && !contents.training
            ? { ...contents, parameters: contents.parameters!.map(() => NaN) }
            : contents,
        ),
    }))
    const kan = new KAN(network)
    const run = kan.fit(samples, { ...options, engine, steps: 40 })
    await expect(run).rejects.toThrow(NonFiniteError)
    await expect(run).rejects.toThrow(/at step 21 .*holds the weights of step 20\./)
    expect(kan).toEqual(good)
  })
})
