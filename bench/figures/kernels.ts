/** Each kernel of a training step alone, against the empty dispatch and, where it is hot, against the tightest limit. */
import type { Context } from '../context.ts'
import type { GpuBench } from '../gpu.ts'
import { HOT_KERNEL, KERNEL, LIMITS } from '../groups.ts'
import type { Ledger } from '../ledger.ts'
import { Replayer, timeReplay } from '../replay.ts'
import type { ReplayTiming } from '../replay.ts'
import { OURS } from '../figure.ts'
import type { Detail } from '../figure.ts'
import { SHAPES } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import type { TapedCommand } from '../tape.ts'
import { openTraining } from '../training.ts'
import { gathers, HOT, hotKernel, sharesOf, usefulWork } from '../work.ts'
import type { Ceiling, HotKernel } from '../work.ts'
import { LIMIT } from './limits.ts'

/** A hot kernel's batch grows until a dispatch of it takes this long, in milliseconds: launches no longer count. */
const LONG_ENOUGH = 0.2
const MOST_ROWS = 2 ** 16

/** What the limits measured in this run allow a millisecond; undefined where one is missing. */
export function ceilingOf({ figures }: Ledger): Ceiling | undefined {
  const best = (...names: string[]): number =>
    Math.max(
      ...figures
        .filter(({ group, name }) => group === LIMITS && names.includes(name))
        .map(({ spread }) => spread.median),
    )
  const ceiling = {
    flops: best(LIMIT.fmaScalar, LIMIT.fmaVector) * 1e6,
    bytes: best(LIMIT.copy) * 1e6,
    // Coefficients come from a cache, many outputs' side by side, or from workgroup memory.
    gathers:
      best(LIMIT.gatherNeighbours, LIMIT.gatherVector, LIMIT.gatherWorkgroup, LIMIT.gatherWorkgroupVector) *
      1e6,
  }
  return Object.values(ceiling).every(Number.isFinite) ? ceiling : undefined
}

interface TimedCommand {
  readonly command: TapedCommand
  /** 'forward', or 'forward 2' for the second dispatch of one kernel in a step. */
  readonly name: string
  readonly timing: ReplayTiming
}

/** The dispatches of a step, each timed alone. */
async function timeEach(
  { pace, kernels }: Context,
  gpu: GpuBench,
  replayer: Replayer,
  shape: Shape,
  wanted: (kernel: string) => boolean,
): Promise<TimedCommand[]> {
  // Learning rate 0: the optimizer, repeated out of turn, must not move what the other kernels read.
  const session = await openTraining(gpu.engine, shape, { learningRate: 0, kernels })
  try {
    await session.run(1)
    const commands = await gpu.tape.record(() => session.run(1))
    const counts = new Map<string, number>()
    const timed: TimedCommand[] = []
    for (const command of commands) {
      const count = (counts.get(command.kernel) ?? 0) + 1
      counts.set(command.kernel, count)
      if (!wanted(command.kernel)) continue
      const name = count === 1 ? command.kernel : `${command.kernel} ${count}`
      timed.push({ command, name, timing: await timeReplay(replayer, [command], pace) })
    }
    return timed
  } finally {
    await session.close()
  }
}

export async function measureKernels(context: Context): Promise<void> {
  const { gpu, ledger, quick } = context
  if (!gpu) return
  const side = OURS.gpu
  // A software adapter takes minutes for what says nothing of GPUs; who wants it names the shapes.
  const few = quick || (gpu.engine.description.software && !context.shapes)
  const names = few ? (['A', 'C'] as const) : (['A', 'B', 'C', 'D', 'E'] as const)
  const shapes = names.filter(name => context.shapes?.has(name) ?? true)
  const replayer = new Replayer(gpu.device)
  for (const name of shapes) {
    const shape = SHAPES[name]
    await ledger.attempt({ group: KERNEL, name, side }, async () => {
      const timed = await timeEach(context, gpu, replayer, shape, () => true)
      for (const each of timed) addNative(ledger, name, each)
      if (name === 'A' || name === 'B') return
      for (const hot of HOT) await measureHot(context, gpu, replayer, shape, hot, timed)
    })
  }
  replayer.close()
}

/** A dispatch in multiples of one that does nothing, and of one that does nothing but wait for the one before. */
function addNative(ledger: Ledger, shape: string, { command, name, timing }: TimedCommand): void {
  const multiples = (
    [
      ['empty dispatches', LIMIT.dispatch],
      ['waiting dispatches', LIMIT.chained],
    ] as const
  ).flatMap(([key, limit]) => {
    const found = ledger.figures.find(figure => figure.group === LIMITS && figure.name === limit)
    if (!found) return []
    // One clock for both: where only one has the device's, the host's.
    const same = found.detail?.['clock'] === timing.clock
    const launch = same ? found.spread.median : Number(found.detail?.['wall, ms'])
    return [[key, (same ? timing.best : timing.wall).median / launch] as const]
  })
  const detail: Detail = {
    clock: timing.clock,
    'wall, ms': timing.wall.median,
    workgroups: command.workgroups.join(' x '),
    'dispatches a submission': timing.times,
    ...Object.fromEntries(multiples),
  }
  const figure = { group: KERNEL, name: `${shape} ${name}`, side: OURS.gpu, unit: 'ms' }
  ledger.add({ ...figure, spread: timing.best, detail })
}

/** One hot kernel, all its dispatches of a step together, at the batch that makes the longest of them long enough. */
async function measureHot(
  context: Context,
  gpu: GpuBench,
  replayer: Replayer,
  native: Shape,
  hot: HotKernel,
  timedNatively: readonly TimedCommand[],
): Promise<void> {
  const { ledger } = context
  const key = { group: HOT_KERNEL, name: `${native.name} ${hot}`, side: OURS.gpu }
  await ledger.attempt(key, async () => {
    let { batch } = native
    let timed = timedNatively.filter(({ command }) => hotKernel(command.kernel) === hot)
    if (timed.length === 0) throw new Error('A step has no dispatch of that name.')
    for (;;) {
      const longest = Math.max(...timed.map(({ timing }) => timing.best.median))
      const wanted = batch * 2 ** Math.ceil(Math.log2(LONG_ENOUGH / longest))
      if (longest >= LONG_ENOUGH || batch >= MOST_ROWS) break
      batch = Math.min(MOST_ROWS, wanted)
      timed = await timeEach(
        context,
        gpu,
        replayer,
        { ...native, batch },
        kernel => hotKernel(kernel) === hot,
      )
    }
    const layers = native.width.slice(1).map((outputs, l) => ({
      inputs: native.width[l]!,
      outputs,
      intervals: native.intervals,
      degree: native.degree,
      base: 'silu' as const,
    }))
    const work = usefulWork(hot, layers, batch, 1, gathers(timed.map(({ command }) => command.kernel)))
    const total = (pick: (timing: ReplayTiming) => number): number =>
      timed.reduce((sum, { timing }) => sum + pick(timing), 0)
    const spread = {
      minimum: total(({ best }) => best.minimum),
      median: total(({ best }) => best.median),
      maximum: total(({ best }) => best.maximum),
      repetitions: Math.min(...timed.map(({ timing }) => timing.best.repetitions)),
    }
    const ceiling = ceilingOf(ledger)
    const shares: Detail = ceiling ? sharesOf(work, ceiling, spread.median) : {}
    const variants = [...new Set(timed.map(({ command }) => command.kernel))].join(', ')
    const detail: Detail = {
      kernels: variants,
      batch,
      'wall, ms': total(({ wall }) => wall.median),
      'GFLOP/s': work.flops / spread.median / 1e6,
      ...shares,
    }
    ledger.add({ ...key, unit: 'ms', spread, detail })
  })
}
