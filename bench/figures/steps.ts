/** Time of a training step, ours and every peer's by turns, and what training holds in memory. */
import type { Engine, Plan, Session } from '../../src/engine/engine.ts'
import type { Context } from '../context.ts'
import { BYTES, DEVICE_STEP, STEP } from '../groups.ts'
import type { Peer, PeerTrainer } from '../peers/peer.ts'
import { Replayer, timeReplay } from '../replay.ts'
import { OURS } from '../figure.ts'
import type { Detail, Figure } from '../figure.ts'
import { countEdges, samplesOf, SHAPES } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import { countingThreads } from '../threads.ts'
import { openTraining, timeSteps } from '../training.ts'
import { inTime, reasonOf, scaled, spreadOf, takeTurns } from '../timing.ts'
import type { Runner, Timing } from '../timing.ts'

/** A step beyond this is not waited for, in milliseconds: predicted from the same peer's smaller shapes. */
const LONGEST = { full: 20_000, quick: 5000 } as const

/** With less work (shape A) a step is launches more than work, and says nothing of larger shapes. */
const WORK_ENOUGH = 1e6

/** Beyond so many milliseconds a step the host's share is nothing, and the device's own clock has nothing to add. */
const HOST_MATTERS = 1000

/** Steps a read-back at most, for us and for peers alike. */
const MOST_STEPS = 100

/** A runner and what it holds on to. */
interface Contender {
  readonly runner: Runner
  /** What there is to say beside the times. */
  readonly detail: Detail
  bytes(): Promise<number | undefined>
  close(): Promise<void>
}

async function ourContender(
  engine: Engine,
  name: string,
  shape: Shape,
  kernels: Plan['kernels'],
): Promise<Contender> {
  const { bytes: before } = await engine.memory()
  const { opened: session, threads } = await countingThreads(() => openTraining(engine, shape, { kernels }))
  const { bytes: after } = await engine.memory()
  return {
    runner: { name, mostSteps: MOST_STEPS, run: steps => timeSteps(session, steps) },
    detail: { ...(engine.description.kind === 'cpu' ? { threads } : {}), ...variantsOf(session) },
    // Two of ours may be open at once: the session's own share.
    bytes: () => Promise.resolve(after - before),
    close: () => session.close(),
  }
}

/** The kernel variants of a session, where it has a choice. */
function variantsOf({ kernels }: Session): Detail {
  const chosen = Object.entries(kernels).map(([kernel, variant]) => `${kernel}=${variant}`)
  return chosen.length > 0 ? { kernels: chosen.join(' ') } : {}
}

async function peerContender(peer: Peer, shape: Shape): Promise<Contender> {
  const task = { shape, samples: samplesOf(shape), range: [-1, 1], seed: 0 } as const
  const trainer: PeerTrainer = await inTime(peer.open(task), peer.name)
  return {
    runner: {
      name: peer.name,
      mostSteps: MOST_STEPS,
      async run(steps) {
        const { milliseconds, loss } = await inTime(trainer.run(steps), peer.name)
        if (!Number.isFinite(loss)) throw new Error(`The loss is ${loss}: what was timed is no training.`)
        return milliseconds
      },
    },
    detail: {},
    bytes: async () => trainer.peakBytes && inTime(trainer.peakBytes(), peer.name),
    close: () => inTime(trainer.close(), peer.name),
  }
}

/** Multiplications that dense formulations cannot avoid; ours need k + 1 of G + k. */
function denseWork(shape: Shape): number {
  return countEdges(shape) * shape.batch * (shape.intervals + shape.degree)
}

/** Milliseconds a unit of dense work, at best so far, by side: what a larger shape will take at least. */
type Rates = Map<string, number>

/** Throws where the next shape would take longer than anyone waits for. */
function checkPatience(rates: Rates, side: string, shape: Shape, longest: number): void {
  const predicted = (rates.get(side) ?? 0) * denseWork(shape)
  if (predicted > longest)
    throw new Error(
      `Not run: a step would take about ${Math.round(predicted / 1000)} s, and at most ${longest / 1000} s are waited for.`,
    )
}

export async function measureSteps(context: Context): Promise<void> {
  const rates: Rates = new Map()
  const shapes = Object.values(SHAPES).filter(({ name }) => context.shapes?.has(name) ?? true)
  for (const shape of shapes) {
    if (context.gpu) await measureSide(context, shape, 'gpu', context.gpu.engine, rates)
    if (context.cpu) await measureSide(context, shape, 'cpu', context.cpu, rates)
    await measureOnDevice(context, shape, rates)
  }
}

/** Our own side with the variants that the engine's autotuner picks; they are in the figure's detail. */
const TUNED = `${OURS.gpu}, tuned`

/** A and C; on a software adapter, where timing variants takes long and says nothing of GPUs, only if shapes were named. */
function isTuned({ gpu, shapes, kernels }: Context, { name }: Shape): boolean {
  if (gpu?.engine.description.software && !shapes) return false
  return kernels.gpu !== 'tune' && (name === 'A' || name === 'C')
}

async function measureSide(
  context: Context,
  shape: Shape,
  beside: 'gpu' | 'cpu',
  engine: Engine,
  rates: Rates,
): Promise<void> {
  const { ledger, quick } = context
  const longest = quick ? LONGEST.quick : LONGEST.full
  const contenders: Contender[] = []
  const enter = (side: string, open: () => Promise<Contender>): Promise<void> =>
    ledger.attempt({ group: STEP, name: shape.name, side }, async () => {
      checkPatience(rates, side, shape, longest)
      contenders.push(await open())
    })
  await enter(OURS[beside], () => ourContender(engine, OURS[beside], shape, context.kernels[beside]))
  if (beside === 'gpu' && isTuned(context, shape))
    await enter(TUNED, () => ourContender(engine, TUNED, shape, 'tune'))
  for (const peer of context.peers)
    if (peer.beside === beside) await enter(peer.name, () => peerContender(peer, shape))
  const results = await takeTurns(
    contenders.map(({ runner }) => runner),
    context.pace,
  )
  for (const contender of contenders) await report(context, shape, contender, results, rates)
}

async function report(
  { ledger }: Context,
  shape: Shape,
  contender: Contender,
  results: Awaited<ReturnType<typeof takeTurns>>,
  rates: Rates,
): Promise<void> {
  const side = contender.runner.name
  const { name } = shape
  const timing = results.get(side)!
  await ledger.attempt({ group: STEP, name, side }, async () => {
    if ('error' in timing) throw new Error(timing.error)
    ledger.add(stepFigure(name, side, timing, contender.detail))
    const spread = spreadOf(timing.values)
    if (denseWork(shape) >= WORK_ENOUGH)
      rates.set(side, Math.min(rates.get(side) ?? Infinity, spread.minimum / denseWork(shape)))
    const bytes = await contender.bytes()
    if (bytes !== undefined)
      ledger.add({ group: BYTES, name, side, unit: 'MB', spread: spreadOf([bytes / 1e6]) })
  })
  try {
    await contender.close()
  } catch (error) {
    ledger.fail({ group: STEP, name, side, error: `Closing: ${reasonOf(error)}` })
  }
}

function stepFigure(name: string, side: string, timing: Timing, more: Detail): Figure {
  const { values, steps, first } = timing
  // Every repetition ends with one read-back: its share in a step is a step-th of it.
  const detail = {
    'steps a repetition': steps,
    'read-backs a repetition': 1,
    'first step, ms': first,
    ...more,
  }
  return { group: STEP, name, side, unit: 'ms', spread: spreadOf(values), detail }
}

/** Steps that are replayed together: a dispatch may take several. */
const TAPED = 8

/** The same step without the host: its dispatches replayed in one submission, by the device's clock where it has one. */
async function measureOnDevice(context: Context, shape: Shape, rates: Rates): Promise<void> {
  const { gpu, ledger, pace, kernels } = context
  if (!gpu || (rates.get(OURS.gpu) ?? 0) * denseWork(shape) > HOST_MATTERS) return
  const key = { group: DEVICE_STEP, name: shape.name, side: OURS.gpu }
  await ledger.attempt(key, async () => {
    const session = await openTraining(gpu.engine, shape, { kernels: kernels.gpu })
    const replayer = new Replayer(gpu.device)
    try {
      await session.run(1)
      const commands = await gpu.tape.record(() => session.run(TAPED))
      const { best, times } = await timeReplay(replayer, commands, pace)
      const detail = { 'dispatches a step': commands.length / TAPED, 'steps a submission': times * TAPED }
      ledger.add({ ...key, unit: 'ms', spread: scaled(best, 1 / TAPED), detail })
    } finally {
      replayer.close()
      await session.close()
    }
  })
}
