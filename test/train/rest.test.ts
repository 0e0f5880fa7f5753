/** Models that stop: at once, in the midst of a run, or because others went further. */
import { describe, expect, test } from 'vitest'
import { STOPPED } from '../../src/engine/engine.ts'
import { KAN } from '../../src/kan.ts'
import { Random } from '../../src/random.ts'
import { toySamples } from './toy.ts'

const samples = toySamples(80)

describe('a run that stalls in its first step', () => {
  test.each(['lm', 'lbfgs'] as const)('reports the loss where it stands: %s', async optimizer => {
    const kan = new KAN({ width: [2, 1], grid: 3, seed: 0 })
    // Linear in its parameters: the minimum is reached, and there is nothing below it.
    for (let run = 0; run < 4; run++) await kan.fit(samples, { optimizer, steps: 300, restarts: 1 })
    const report = await kan.fit(samples, { optimizer, steps: 300 })
    const { loss } = await kan.evaluate(samples)
    expect(report.best.loss / loss).toBeCloseTo(1, 12)
    expect(report.starts).toEqual([report.best.loss])
  })

  test('also where nothing can be learned: every edge is masked', async () => {
    const kan = new KAN({ width: [2, 1], grid: 3 })
    kan.mask.fill(0)
    const report = await kan.fit(samples, { optimizer: 'lm', steps: 5 })
    expect(Number.isFinite(report.best.loss)).toBe(true)
    expect(report.starts.every(Number.isFinite)).toBe(true)
  })
})

describe('starts that rest after a quarter of the steps', () => {
  test('are not chosen, whatever validation keeps of them, and what goes on can be resumed', async () => {
    for (let seed = 0; seed < 2; seed++) {
      const random = new Random(seed + 50)
      const noisy = { x: samples.x, y: samples.y.map(y => y + 3 * random.uniform()) }
      const kan = new KAN({ width: [2, 3, 1], grid: 8, seed })
      const options = { optimizer: 'lm', steps: 12, validation: 0.3 } as const
      const report = await kan.fit(noisy, { ...options, restarts: 6 })
      const { stopped } = report.checkpoint.state.best
      expect(stopped[0]).not.toBe(STOPPED.outrun)
      if (stopped[0] !== 0) continue
      const resumed = await kan.fit(noisy, { ...options, steps: 14, resume: report.checkpoint })
      expect(resumed.steps).toBeGreaterThan(12)
    }
  })
})

describe('grids', () => {
  test('stay where they are with gridUpdate: false, and refine by knot insertion', async () => {
    const kan = new KAN({ width: [2, 2, 1], grid: 3, seed: 1 })
    const report = await kan.fit(samples, {
      optimizer: 'lm',
      steps: 3,
      restarts: 1,
      refine: [6],
      gridUpdate: false,
    })
    expect(report.stages).toHaveLength(2)
    const { knots } = kan.layer(0).values
    const inner = [...knots.subarray(3, 10)]
    const steps = inner.slice(1).map((knot, i) => knot - inner[i]!)
    for (const step of steps) expect(step).toBeCloseTo(1 / 3, 12)
    // Knot insertion changes nothing: training goes on from the loss it had, not from above it.
    expect(report.losses[3]! / report.stages[0]!.best.loss).toBeCloseTo(1, 9)
  })

  test('do not follow rows of weight 0', async () => {
    const far = {
      x: [...samples.x, 0.99, 0.99],
      y: [...samples.y, 0],
      weights: [...samples.y.map(() => 1), 0],
    }
    const options = { optimizer: 'lm', steps: 3, restarts: 1, refine: [5] } as const
    const [kan, other] = [1, 2].map(() => new KAN({ width: [2, 1, 1], grid: 3, scaling: { input: 'none' } }))
    await kan!.fit(far, options)
    await other!.fit(samples, options)
    expect([...kan!.layer(0).values.knots]).toEqual([...other!.layer(0).values.knots])
  })
})
