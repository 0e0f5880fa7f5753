/** What the processor itself can do from JavaScript and WebAssembly: the CPU engine's limits. */
import { availableParallelism } from 'node:os'
import type { Context } from '../context.ts'
import { LIMITS } from '../groups.ts'
import { inverted, spreadOf, timeAlone } from '../timing.ts'
import type { Pace } from '../timing.ts'
import { CHAIN_FLOPS, chainsHere, ChainThreads } from './chains.ts'

const SIDES = { vectors: 'WebAssembly, float64 x 2', scalars: 'JavaScript, float64' } as const
const ROUNDS = 2 ** 18
/** 512 KiB of float64. */
const TABLE = 2 ** 16
/** 64 MiB: beyond every cache. */
const COPIED = 2 ** 23

/** Everything ends up here, so that no compiler drops it. */
export let sink = 0

/** Eight reads at constant distances from each random place, as in limits/gather.wgsl. */
function gather(table: Float64Array): number {
  const step = TABLE / 16
  let state = 1
  let even = 0
  let odd = 0
  for (let round = 0; round < ROUNDS; round++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const place = (state >>> 8) & (TABLE / 4 - 1)
    even += table[place]! + table[place + step]! + (table[place + 2 * step]! + table[place + 3 * step]!)
    odd +=
      table[place + 4 * step]! +
      table[place + 5 * step]! +
      (table[place + 6 * step]! + table[place + 7 * step]!)
  }
  return even + odd
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
  const chains = chainsHere()
  const figures = [
    [SIDES.vectors, 'multiply-add', 'GFLOP/s', CHAIN_FLOPS, () => chains.run()],
    [SIDES.scalars, 'gather', 'Gread/s', 8 * ROUNDS, () => void (sink += gather(table))],
    [SIDES.scalars, 'copy', 'GB/s', 16 * COPIED, () => copy.set(copied)],
  ] as const
  for (const [side, name, unit, amount, work] of figures)
    await ledger.attempt({ group: LIMITS, name, side }, async () => {
      const spread = await rate(work, pace, amount)
      ledger.add({ group: LIMITS, name, side, unit, spread, detail: { threads: 1 } })
    })

  const key = { group: LIMITS, name: 'multiply-add, all threads', side: SIDES.vectors }
  await ledger.attempt(key, async () => {
    const threads = availableParallelism()
    const crew = new ChainThreads(threads)
    try {
      const { values } = await timeAlone({ name: 'chains', run: times => crew.run(times) }, pace)
      const spread = inverted(spreadOf(values), (threads * CHAIN_FLOPS) / 1e6)
      ledger.add({ ...key, unit: 'GFLOP/s', spread, detail: { threads } })
    } finally {
      await crew.close()
    }
  })
}
