/** How time grows with G, width and batch, around shape C: forward and backward apart from what the optimizer adds. */
import type { Context } from '../context.ts'
import type { GpuBench } from '../gpu.ts'
import { adamStep } from '../../src/engine/cpu/adam.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { createLayout } from '../../src/model/shape.ts'
import { GROWTH_WITH_BATCH, GROWTH_WITH_G, GROWTH_WITH_WIDTH } from '../groups.ts'
import { Replayer, timeReplay } from '../replay.ts'
import { OURS } from '../figure.ts'
import type { Detail } from '../figure.ts'
import { SHAPES } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import { countingThreads } from '../threads.ts'
import { ADAM, LEARNING_RATE, openTraining, timeSteps } from '../training.ts'
import { shifted, spreadOf, takeTurns } from '../timing.ts'
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
      const add: Add = (side, part, spread, detail = {}) =>
        ledger.add({ group, name: String(value), side: `${side}, ${part}`, unit: 'ms', spread, detail })
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

type Add = (side: string, part: string, spread: Spread, detail?: Detail) => void

/** A step's dispatches in two parts, each replayed by itself. */
async function measureOnGpu(
  { pace, kernels }: Context,
  { engine, device, tape }: GpuBench,
  shape: Shape,
  add: Add,
): Promise<void> {
  const session = await openTraining(engine, shape, { learningRate: 0, kernels: kernels.gpu })
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

/** A whole step, the optimizer's pass over as many parameters, and what is left of the step: forward and backward. */
async function measureOnCpu(
  { pace, kernels }: Context,
  engine: Engine,
  shape: Shape,
  add: Add,
): Promise<void> {
  const { opened: session, threads } = await countingThreads(() =>
    openTraining(engine, shape, { kernels: kernels.cpu }),
  )
  try {
    const parameters = createLayout(session.plan.layers).parameters
    const runners = [
      { name: 'step', run: (steps: number) => timeSteps(session, steps) },
      { name: PARTS.optimizer, run: adamPasses(parameters) },
    ]
    const timings = await takeTurns(runners, pace)
    const spread = (part: string): Spread => {
      const timing = timings.get(part)!
      if ('error' in timing) throw new Error(timing.error)
      return spreadOf(timing.values)
    }
    const step = spread('step')
    const optimizer = spread(PARTS.optimizer)
    add(OURS.cpu, PARTS.gradient, shifted(step, -optimizer.median), {
      threads,
      how: 'step less the median of optimizer',
    })
    // No thread but the first takes part in it: see AdamOptimizer.
    add(OURS.cpu, PARTS.optimizer, optimizer, { threads: 1 })
    add(OURS.cpu, 'step', step, { threads })
  } finally {
    await session.close()
  }
}

/** Times Adam alone as the engine computes it, on arrays of its own. */
function adamPasses(parameters: number): (times: number) => Promise<number> {
  const [values, gradient, first, second] = Array.from({ length: 4 }, () =>
    new Float64Array(parameters).fill(1e-3),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array]
  const ranges = [{ start: 0, end: parameters }]
  return times => {
    const began = performance.now()
    for (let n = 0; n < times; n++)
      adamStep(ADAM, ranges, 0, LEARNING_RATE, 1, 1, values, gradient, first, second, 1)
    return Promise.resolve(performance.now() - began)
  }
}
