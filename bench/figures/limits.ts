/** The GPU's own limits, by microbenchmarks on the engine's device: what its kernels are held against. */
import copyCode from '../limits/copy.wgsl?raw'
import fmaCode from '../limits/fma.wgsl?raw'
import gatherCode from '../limits/gather.wgsl?raw'
import launchCode from '../limits/launch.wgsl?raw'
import type { Context } from '../context.ts'
import { LIMITS } from '../groups.ts'
import { Limits } from '../limits/pipelines.ts'
import { Replayer, timeReplay } from '../replay.ts'
import type { ReplayTiming } from '../replay.ts'
import { OURS } from '../figure.ts'
import type { TapedCommand } from '../tape.ts'
import { inverted, spreadOf, timeAlone } from '../timing.ts'
import type { Pace } from '../timing.ts'

/** Names of the limits, as kernels are compared with them. */
export const LIMIT = {
  fmaScalar: 'FMA, scalar',
  fmaVector: 'FMA, vec4',
  copy: 'copy',
  gatherScattered: 'gather, scattered',
  gatherNeighbours: 'gather, neighbours together',
  gatherVector: 'gather, neighbours together, vec4',
  gatherWorkgroup: 'gather, workgroup memory',
  gatherWorkgroupVector: 'gather, workgroup memory, vec4',
  dispatch: 'empty dispatch',
  chained: 'dispatch that waits for the one before',
  submission: 'submission',
  readBack: 'read-back of 4 bytes',
} as const

/** A dispatch at least so long has no launch cost worth the name in it. */
const LONG_ENOUGH = 1
const FEWEST_THREADS = 2 ** 14
const MOST_THREADS = 2 ** 22
/** Rounds of a thread: enough to drown what surrounds them. */
const ROUNDS = 256
/** 256 KiB: fits the caches of any GPU, not those of one core. */
const TABLE_WORDS = 2 ** 16
const SHARED_WORDS = 4096

/** Grows the dispatch until it is long enough, then times it. */
async function timeGrown(
  replayer: Replayer,
  pace: Pace,
  build: (threads: number) => Promise<TapedCommand>,
): Promise<ReplayTiming & { readonly threads: number }> {
  for (let threads = FEWEST_THREADS; ; threads *= 4) {
    const command = await build(threads)
    await replayer.run([command], 1)
    const { wall } = await replayer.run([command], 10)
    if (wall / 10 >= LONG_ENOUGH || threads >= MOST_THREADS)
      return { ...(await timeReplay(replayer, [command], pace)), threads }
  }
}

/** Bytes a buffer: well beyond caches on hardware, as far as one binding may be so large. */
function copyBytes(device: GPUDevice, software: boolean): number {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits
  return Math.min(software ? 2 ** 24 : 2 ** 28, maxBufferSize, maxStorageBufferBindingSize)
}

export async function measureLimits({ gpu, ledger, pace }: Context): Promise<void> {
  if (!gpu) return
  const { device, engine } = gpu
  const replayer = new Replayer(device)
  const limits = new Limits(device)
  const side = OURS.gpu
  const attempt = (name: string, work: () => Promise<void>): Promise<void> =>
    ledger.attempt({ group: LIMITS, name, side }, work)
  const sink = limits.buffer(MOST_THREADS * 16)

  for (const [name, type, lanes] of [
    [LIMIT.fmaScalar, 'f32', 1],
    [LIMIT.fmaVector, 'vec4f', 4],
  ] as const)
    await attempt(name, async () => {
      const numbers = limits.buffer(16, Float32Array.of(0.999, 0.001))
      const constants = { VALUE: type, ROUNDS: String(ROUNDS) }
      const { best, threads } = await timeGrown(replayer, pace, count =>
        limits.command(fmaCode, constants, [numbers, sink], count),
      )
      const flops = 2 * 8 * 4 * ROUNDS * lanes * threads
      ledger.add({ group: LIMITS, name, side, unit: 'GFLOP/s', spread: inverted(best, flops / 1e6) })
    })

  await attempt(LIMIT.copy, async () => {
    const bytes = copyBytes(device, engine.description.software)
    const command = await limits.command(
      copyCode,
      {},
      [limits.buffer(bytes), limits.buffer(bytes)],
      bytes / 16,
    )
    const { best } = await timeReplay(replayer, [command], pace)
    const detail = { 'bytes each way': bytes }
    ledger.add({
      group: LIMITS,
      name: LIMIT.copy,
      side,
      unit: 'GB/s',
      spread: inverted(best, (2 * bytes) / 1e6),
      detail,
    })
  })

  const table = limits.buffer(
    TABLE_WORDS * 4,
    Float32Array.from({ length: TABLE_WORDS }, (_, n) => n / TABLE_WORDS),
  )
  for (const [name, type, lanes, scattered, shared] of [
    [LIMIT.gatherScattered, 'f32', 1, 1, 0],
    [LIMIT.gatherNeighbours, 'f32', 1, 0, 0],
    [LIMIT.gatherVector, 'vec4f', 4, 0, 0],
    [LIMIT.gatherWorkgroup, 'f32', 1, 0, 1],
    [LIMIT.gatherWorkgroupVector, 'vec4f', 4, 0, 1],
  ] as const)
    await attempt(name, async () => {
      const size = String((shared ? SHARED_WORDS : TABLE_WORDS) / lanes)
      const constants = {
        VALUE: type,
        SCATTERED: String(scattered),
        SHARED: String(shared),
        SIZE: size,
        SHARED_SIZE: shared ? size : '1',
        ROUNDS: String(ROUNDS),
      }
      const { best, threads } = await timeGrown(replayer, pace, count =>
        limits.command(gatherCode, constants, [table, sink], count),
      )
      const words = 8 * lanes * ROUNDS * threads
      ledger.add({ group: LIMITS, name, side, unit: 'Gword/s', spread: inverted(best, words / 1e6) })
    })

  const counter = limits.buffer(16)
  for (const [name, entryPoint] of [
    [LIMIT.dispatch, 'empty'],
    [LIMIT.chained, 'chained'],
  ] as const)
    await attempt(name, async () => {
      const buffers = entryPoint === 'empty' ? [] : [counter]
      const command = await limits.command(launchCode, {}, buffers, 1, entryPoint)
      const { best, wall, clock } = await timeReplay(replayer, [command], pace)
      const detail = { clock, 'wall, ms': wall.median }
      ledger.add({ group: LIMITS, name, side, unit: 'ms', spread: best, detail })
    })

  await attempt(LIMIT.submission, async () => {
    const command = await limits.command(launchCode, {}, [], 1, 'empty')
    const { values } = await timeAlone(
      { name: 'submission', run: times => submitSingly(device, command, times) },
      pace,
    )
    ledger.add({ group: LIMITS, name: LIMIT.submission, side, unit: 'ms', spread: spreadOf(values) })
  })
  await attempt(LIMIT.readBack, async () => {
    const { values } = await timeAlone(
      { name: 'read-back', run: times => readSingly(device, counter, times) },
      pace,
    )
    ledger.add({ group: LIMITS, name: LIMIT.readBack, side, unit: 'ms', spread: spreadOf(values) })
  })
  limits.close()
  replayer.close()
}

/** Milliseconds of `times` submissions of an empty dispatch each, with one wait at the end. */
async function submitSingly(device: GPUDevice, { pipeline }: TapedCommand, times: number): Promise<number> {
  const began = performance.now()
  for (let n = 0; n < times; n++) {
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.dispatchWorkgroups(1)
    pass.end()
    device.queue.submit([encoder.finish()])
  }
  await device.queue.onSubmittedWorkDone()
  return performance.now() - began
}

/** Milliseconds of `times` copies to the host, each waited for. */
async function readSingly(device: GPUDevice, buffer: GPUBuffer, times: number): Promise<number> {
  const staging = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  const began = performance.now()
  for (let n = 0; n < times; n++) {
    const encoder = device.createCommandEncoder()
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, 4)
    device.queue.submit([encoder.finish()])
    await staging.mapAsync(GPUMapMode.READ)
    staging.unmap()
  }
  const milliseconds = performance.now() - began
  staging.destroy()
  return milliseconds
}
