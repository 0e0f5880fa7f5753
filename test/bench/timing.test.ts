import { describe, expect, it } from 'vitest'
import { inTime, inverted, scaled, spreadOf, takeTurns, timeAlone } from '../../bench/timing.ts'
import type { Pace, Runner } from '../../bench/timing.ts'

const PACE: Pace = { repetitions: 4, length: 10, most: 1e6, patience: 1e6 }

/** A runner that claims `each` milliseconds a step, and notes when it was called. */
function pretender(name: string, each: number, calls: [string, number][] = []): Runner {
  return {
    name,
    async run(steps) {
      calls.push([name, steps])
      return steps * each
    },
  }
}

describe('spreadOf', () => {
  it('takes the middle of an odd list and the mean of the two in the middle of an even one', () => {
    expect(spreadOf([5, 1, 9])).toEqual({ minimum: 1, median: 5, maximum: 9, repetitions: 3 })
    expect(spreadOf([4, 1, 9, 6])).toEqual({ minimum: 1, median: 5, maximum: 9, repetitions: 4 })
  })

  it('turns times into rates, the largest time into the smallest rate', () => {
    expect(inverted(spreadOf([2, 4, 8]), 16)).toEqual({ minimum: 2, median: 4, maximum: 8, repetitions: 3 })
    expect(inverted(spreadOf([1, 4, 16]), 16)).toEqual({ minimum: 1, median: 4, maximum: 16, repetitions: 3 })
    expect(scaled(spreadOf([1, 2, 5]), 10)).toMatchObject({ minimum: 10, median: 20, maximum: 50 })
  })
})

describe('takeTurns', () => {
  it('repeats by turns, with as many steps as make a repetition', async () => {
    const calls: [string, number][] = []
    const results = await takeTurns([pretender('fast', 1, calls), pretender('slow', 5, calls)], PACE)
    expect(results.get('fast')).toEqual({ values: [1, 1, 1, 1], steps: 10, first: 1 })
    expect(results.get('slow')).toEqual({ values: [5, 5, 5, 5], steps: 2, first: 5 })
    const turns = calls.slice(-8).map(([name]) => name)
    expect(turns).toEqual(['fast', 'slow', 'fast', 'slow', 'fast', 'slow', 'fast', 'slow'])
  })

  it('takes no more steps at once than a runner allows', async () => {
    const { steps } = await timeAlone({ ...pretender('a', 0.001), mostSteps: 7 }, PACE)
    expect(steps).toBe(7)
  })

  it('leaves out who fails, with the reason, and goes on with the others', async () => {
    let calls = 0
    const breaks: Runner = {
      name: 'breaks',
      async run(steps) {
        if (++calls > 5) throw new Error('It broke.')
        return steps
      },
    }
    const never: Runner = { name: 'never', run: () => Promise.reject(new Error('It never ran.')) }
    const results = await takeTurns([breaks, never, pretender('sound', 1)], PACE)
    expect(results.get('breaks')).toEqual({ error: 'It broke.' })
    expect(results.get('never')).toEqual({ error: 'It never ran.' })
    expect(results.get('sound')).toMatchObject({ values: [1, 1, 1, 1] })
  })

  it('measures what takes very long once, and what takes long three times', async () => {
    const pace = { repetitions: 11, length: 10, most: 100, patience: 1000 }
    const results = await takeTurns([pretender('hours', 2000), pretender('long', 200)], pace)
    expect(results.get('hours')).toMatchObject({ values: [2000], steps: 1 })
    expect(results.get('long')).toMatchObject({ values: [200, 200, 200], steps: 1 })
  })
})

describe('inTime', () => {
  it('gives what is there in time and an error else', async () => {
    expect(await inTime(Promise.resolve(3), 'peer', 1000)).toBe(3)
    await expect(inTime(new Promise(() => undefined), 'peer', 1)).rejects.toThrow(
      'peer did not answer within 0.001 s.',
    )
  })
})
