/** How time grows with G, width and batch, around shape C: forward and backward apart from what the optimizer adds. */
import type { Context } from '../context.ts'
import type { GpuBench } from '../gpu.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { GROWTH_WITH_BATCH, GROWTH_WITH_G, GROWTH_WITH_WIDTH } from '../groups.ts'
import { Replayer, timeReplay } from '../replay.ts'
import { OURS } from '../figure.ts'
import { SHAPES } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import { openTraining, timeSteps } from '../training.ts'
import { spreadOf, takeTurns } from '../timing.ts'
import type { Spread } from '../timing.ts'

/** A series of shapes along one axis; the figures' names are its values. */
interface Series {
  readonly group: string
  readonly values: readonly number[]
  /** Fewer, for quick runs. */
  readonly few: readonly number[]
  readonly shape: (value: number) => Shape
}

export const GROWTH: readonly Series[] = [
  {
    group: GROWTH_WITH_G,
    values: [5, 10, 20, 50, 100, 200],
    few: [5, 200],
    shape: intervals => ({ ...SHAPES.C, intervals }),
  },
  {
    group: GROWTH_WITH_WIDTH,
    values: [8, 16, 32, 64, 128],
    few: [8, 32],
    shape: width => ({ ...SHAPES.C, width: [width, width, width] }),
  },
  {
    group: GROWTH_WITH_BATCH,
    values: [64, 256, 1024, 4096],
    few: [64, 256],
    shape: batch => ({ ...SHAPES.C, batch }),
  },
]

/** Names of the two parts that a figure is given for, after the side. */
export const PARTS = { gradient: 'forward + backward', optimizer: 'optimizer' } as const

/** What a step dispatches after the gradient is known. */
const OPTIMIZER_KERNELS = new Set(['clip_gradient', 'weight_decay', 'adam'])

export async function measureGrowth(context: Context): Promise<void> {
  const { gpu, cpu, ledger, quick } = context
  for (const { group, values, few, shape } of GROWTH)
    for (const value of quick ? few : values) {
      const add = (side: string, part: string, spread: Spread): void =>
        ledger.add({ group, name: String(value), side: `${side}, ${part}`, unit: 'ms', spread })
      const name = String(value)
      if (gpu)
        await ledger.attempt({ group, name, side: OURS.gpu }, () =>
          measureOnGpu(context, gpu, shape(value), add),
        )
      if (cpu)
        await ledger.attempt({ group, name, side: OURS.cpu }, () =>
          measureOnCpu(context, cpu, shape(value), add),
        )
    }
}

type Add = (side: string, part: string, spread: Spread) => void

/** A step's dispatches in two parts, each replayed by itself. */
async function measureOnGpu(
  { pace, kernels }: Context,
  { engine, device, tape }: GpuBench,
  shape: Shape,
  add: Add,
): Promise<void> {
  const session = await openTraining(engine, shape, { learningRate: 0, kernels })
  const replayer = new Replayer(device)
  try {
    await session.run(1)
    const commands = await tape.record(() => session.run(1))
    const updates = commands.filter(({ kernel }) => OPTIMIZER_KERNELS.has(kernel))
    const gradient = commands.filter(({ kernel }) => !OPTIMIZER_KERNELS.has(kernel))
    add(OURS.gpu, PARTS.gradient, (await timeReplay(replayer, gradient, pace)).best)
    add(OURS.gpu, PARTS.optimizer, (await timeReplay(replayer, updates, pace)).best)
  } finally {
    replayer.close()
    await session.close()
  }
}

/** The gradient by itself (down to the network's inputs: a little more than a step needs), and a whole step. */
async function measureOnCpu({ pace }: Context, engine: Engine, shape: Shape, add: Add): Promise<void> {
  const session = await openTraining(engine, shape)
  try {
    const gradients = async (times: number): Promise<number> => {
      const began = performance.now()
      for (let n = 0; n < times; n++) await session.gradients()
      return performance.now() - began
    }
    const runners = [
      { name: PARTS.gradient, run: gradients },
      { name: 'step', run: (steps: number) => timeSteps(session, steps) },
    ]
    for (const [part, timing] of await takeTurns(runners, pace)) {
      if ('error' in timing) throw new Error(timing.error)
      add(OURS.cpu, part, spreadOf(timing.values))
    }
  } finally {
    await session.close()
  }
}
