/** What the processor itself can do from JavaScript: the CPU engine's limits, one thread. */
import type { Context } from '../context.ts'
import { LIMITS } from '../groups.ts'
import { inverted, spreadOf, timeAlone } from '../timing.ts'
import type { Pace } from '../timing.ts'

const SIDE = 'JavaScript, float64'
const ROUNDS = 2 ** 18
/** 512 KiB of float64. */
const TABLE = 2 ** 16
/** 64 MiB: beyond every cache. */
const COPIED = 2 ** 23

/** Everything ends up here, so that no compiler drops it. */
export let sink = 0

/** Four chains of multiply-adds: 2 operations each. */
function multiplyAdd(factor: number, term: number): number {
  let a = 0
  let b = 1
  let c = 2
  let d = 3
  for (let round = 0; round < ROUNDS; round++) {
    a = a * factor + term
    b = b * factor + term
    c = c * factor + term
    d = d * factor + term
  }
  return a + b + c + d
}

/** Reads from random places of a table; the generator is that of limits/gather.wgsl. */
function gather(table: Float64Array): number {
  let state = 1
  let sum = 0
  for (let round = 0; round < ROUNDS; round++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    sum += table[(state >>> 8) & (TABLE - 1)]!
  }
  return sum
}

async function rate(work: () => void, pace: Pace, amount: number) {
  const { values } = await timeAlone(
    {
      name: 'work',
      async run(times) {
        const began = performance.now()
        for (let n = 0; n < times; n++) work()
        return performance.now() - began
      },
    },
    pace,
  )
  return inverted(spreadOf(values), amount / 1e6)
}

export async function measureProcessor({ cpu, ledger, pace }: Context): Promise<void> {
  if (!cpu) return
  const table = Float64Array.from({ length: TABLE }, (_, n) => n / TABLE)
  const copied = new Float64Array(COPIED).fill(1)
  const copy = new Float64Array(COPIED)
  const figures = [
    ['multiply-add', 'GFLOP/s', 8 * ROUNDS, () => void (sink += multiplyAdd(0.999, 0.001))],
    ['gather', 'Gread/s', ROUNDS, () => void (sink += gather(table))],
    ['copy', 'GB/s', 16 * COPIED, () => copy.set(copied)],
  ] as const
  for (const [name, unit, amount, work] of figures)
    await ledger.attempt({ group: LIMITS, name, side: SIDE }, async () => {
      ledger.add({ group: LIMITS, name, side: SIDE, unit, spread: await rate(work, pace, amount) })
    })
}
