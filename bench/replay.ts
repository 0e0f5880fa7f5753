/** Times dispatches on a device: the same ones over and over, in one submission, with one wait at its end. */
import type { TapedCommand } from './tape.ts'
import { spreadOf, timeAlone } from './timing.ts'
import type { Pace, Spread } from './timing.ts'

/** Dispatches a submission at most: encoding more takes the host longer than is worth waiting for. */
const MOST_DISPATCHES = 4000

/** Milliseconds of a replay. */
export interface ReplayTime {
  /** From the submission until the host knew of its end. */
  readonly wall: number
  /** Between the timestamps around it, where the device has them and they are of use. */
  readonly device: number | undefined
}

/** What measures replays on one device; close it. */
export class Replayer {
  readonly #device: GPUDevice
  readonly #queries: GPUQuerySet | undefined
  /** Two timestamps of 64 bits. */
  readonly #resolved: GPUBuffer
  readonly #staging: GPUBuffer

  constructor(device: GPUDevice) {
    this.#device = device
    if (device.features.has('timestamp-query'))
      this.#queries = device.createQuerySet({ type: 'timestamp', count: 2 })
    this.#resolved = device.createBuffer({
      label: 'timestamps',
      size: 16,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    })
    this.#staging = device.createBuffer({
      label: 'timestamps, read back',
      size: 16,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    })
  }

  /** The commands in their order, `times` times over. */
  async run(commands: readonly TapedCommand[], times: number): Promise<ReplayTime> {
    const encoder = this.#device.createCommandEncoder()
    const pass = encoder.beginComputePass(this.#timed())
    for (let n = 0; n < times; n++) {
      for (const { pipeline, groups, workgroups } of commands) {
        pass.setPipeline(pipeline)
        for (const { index, group, offsets } of groups) pass.setBindGroup(index, group, offsets)
        pass.dispatchWorkgroups(...workgroups)
      }
    }
    pass.end()
    if (this.#queries) encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0)
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, 16)
    const buffer = encoder.finish()
    // Encoding is the host's work and not part of this.
    const began = performance.now()
    this.#device.queue.submit([buffer])
    await this.#staging.mapAsync(GPUMapMode.READ)
    const wall = performance.now() - began
    const [start = 0n, end = 0n] = new BigUint64Array(this.#staging.getMappedRange().slice(0))
    this.#staging.unmap()
    return { wall, device: end > start ? Number(end - start) / 1e6 : undefined }
  }

  close(): void {
    this.#queries?.destroy()
    this.#resolved.destroy()
    this.#staging.destroy()
  }

  #timed(): GPUComputePassDescriptor {
    const querySet = this.#queries
    if (!querySet) return {}
    return { timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } }
  }
}

/** A list of dispatches, timed. Milliseconds for one time through it. */
export interface ReplayTiming {
  /** By the device's clock where it has one, else by the host's. */
  readonly best: Spread
  readonly clock: 'device' | 'host'
  readonly wall: Spread
  /** Times through the list a submission. */
  readonly times: number
}

/** Repeats the commands at this pace. A submission's own cost is part of a wall time, spread over `times`. */
export async function timeReplay(
  replayer: Replayer,
  commands: readonly TapedCommand[],
  pace: Pace,
): Promise<ReplayTiming> {
  const onDevice: number[] = []
  const { values, steps } = await timeAlone(
    {
      name: 'replay',
      mostSteps: Math.ceil(MOST_DISPATCHES / commands.length),
      async run(times) {
        const { wall, device } = await replayer.run(commands, times)
        if (device !== undefined) onDevice.push(device / times)
        return wall
      },
    },
    pace,
  )
  const wall = spreadOf(values)
  // The warm-up's come first and do not count.
  const counted = onDevice.slice(-values.length)
  const timed = counted.length === values.length
  return { wall, best: timed ? spreadOf(counted) : wall, clock: timed ? 'device' : 'host', times: steps }
}
