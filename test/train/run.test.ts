import { describe, expect, test } from 'vitest'
import type { FitReport } from '../../src/train/options.ts'
import { nextMacrotask, Pace } from '../../src/train/pace.ts'
import { Run } from '../../src/train/run.ts'
import type { RunControl } from '../../src/train/run.ts'

const none = new Float64Array(0)
const report: FitReport = {
  stop: 'steps',
  optimizer: 'adam',
  steps: 0,
  losses: none,
  evaluations: [],
  best: { step: 0, loss: 0 },
  starts: [0],
  stages: [],
  functionEvaluations: 0,
  readbacks: 0,
  seconds: 0,
  kernels: {},
  checkpoint: {
    state: {
      step: 0,
      parameters: none,
      kind: 'adam',
      optimizer: { first: none, second: none },
      best: { parameters: none, loss: none, step: none, stale: none, stopped: none },
    },
    losses: none,
    evaluations: [],
    functionEvaluations: 0,
    engine: 'cpu',
    kernels: {},
    fingerprint: '',
  },
}

/** Publishes losses 1, 2, 3, ... one a macrotask, until `steps` or an abort. */
function counting(steps: number): (control: RunControl) => Promise<FitReport> {
  return async control => {
    for (let step = 1; step <= steps; step++) {
      if (control.aborted) return { ...report, stop: 'aborted', steps: step - 1 }
      control.publish(
        {
          step,
          steps,
          stage: 1,
          stages: 1,
          intervals: [3],
          epoch: step,
          functionEvaluations: step,
          loss: step,
          evaluation: undefined,
          seconds: 0,
          stepsPerSecond: 0,
        },
        Float64Array.of(step),
      )
      await nextMacrotask()
    }
    return { ...report, steps }
  }
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)

describe('Run', () => {
  test('a quick reader gets every report, and every loss once', async () => {
    const run = new Run(counting(20))
    const steps: number[] = []
    const losses: number[] = []
    for await (const progress of run) {
      steps.push(progress.step)
      losses.push(...progress.losses)
    }
    expect(steps).toEqual(upTo(20))
    expect(losses).toEqual(upTo(20))
    expect((await run).steps).toBe(20)
  })

  test('a slow reader gets fewer reports, and still every loss once', async () => {
    const run = new Run(counting(40))
    const losses: number[] = []
    let reports = 0
    for await (const progress of run) {
      reports++
      losses.push(...progress.losses)
      expect(progress.step).toBe(losses.length)
      for (let i = 0; i < 10; i++) await nextMacrotask()
    }
    expect(losses).toEqual(upTo(40))
    expect(reports).toBeLessThan(10)
  })

  test('readers do not take from each other, also after the end', async () => {
    const run = new Run(counting(5))
    const read = async (): Promise<number[]> => {
      const losses: number[] = []
      for await (const progress of run) losses.push(...progress.losses)
      return losses
    }
    expect(await Promise.all([read(), read()])).toEqual([upTo(5), upTo(5)])
    expect(await read()).toEqual(upTo(5))
  })

  test('break aborts, and the run is over after the loop', async () => {
    let ended = false
    const run = new Run(async control => {
      const result = await counting(1000)(control)
      ended = true
      return result
    })
    for await (const { step } of run) if (step >= 3) break
    expect(ended).toBe(true)
    expect(await run).toMatchObject({ stop: 'aborted', steps: 3 })
  })

  test('abort() and a signal resolve with stop aborted', async () => {
    const run = new Run(counting(1000))
    run.abort()
    expect((await run).stop).toBe('aborted')
    const controller = new AbortController()
    const signalled = new Run(counting(1000), controller.signal)
    await nextMacrotask()
    controller.abort()
    expect((await signalled).stop).toBe('aborted')
    expect(await new Run(counting(1000), AbortSignal.abort())).toMatchObject({ stop: 'aborted', steps: 0 })
  })

  test('an error ends the iteration, and nothing stays unhandled when only iterated or only awaited', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): number => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const failing = (): Run =>
      new Run(async control => {
        await counting(2)(control)
        throw new Error('the device is gone')
      })
    const seen: number[] = []
    await expect(async () => {
      for await (const { step } of failing()) seen.push(step)
    }).rejects.toThrow('the device is gone')
    expect(seen).toEqual([1, 2])
    await expect(failing()).rejects.toThrow('the device is gone')
    const caught = await failing().catch(() => 'caught')
    expect(caught).toBe('caught')
    let after = false
    await new Run(counting(1)).finally(() => (after = true))
    expect(after).toBe(true)
    for (let i = 0; i < 3; i++) await nextMacrotask()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})

describe('Pace', () => {
  test('begins with one step, grows at most sixteenfold, and settles a little above the target', () => {
    const pace = new Pace(100)
    const asked: number[] = []
    for (let call = 0; call < 10; call++) {
      asked.push(pace.steps)
      pace.took(pace.steps, pace.steps * 3) // 3 ms a step
    }
    expect(asked).toEqual([1, 16, 37, 37, 37, 37, 37, 37, 37, 37])
    pace.took(37, 3700)
    expect(pace.steps).toBe(2)
  })

  test('a clock that stands still lets it grow', () => {
    const pace = new Pace(100)
    pace.took(1, 0)
    expect(pace.steps).toBe(16)
  })

  test('two calls more than ten a second, at most, whatever a step takes', () => {
    for (const step of [0.3, 2, 7, 30, 88, 110, 400]) {
      const pace = new Pace(100)
      let calls = 0
      for (let left = 200; left > 0; calls++) {
        const steps = Math.min(left, pace.steps)
        pace.took(steps, steps * step)
        left -= steps
      }
      expect(calls).toBeLessThanOrEqual(2 + Math.ceil((200 * step) / 100))
    }
  })

  test('a target of 0 means one step at a time', () => {
    const single = new Pace(0)
    single.took(1, 0)
    expect(single.steps).toBe(1)
  })
})
