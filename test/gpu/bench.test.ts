/** That the benchmark measures what it says: replays do what the engine did, and microbenchmarks do the work they count. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Context } from '../../bench/context.ts'
import { measureKernels } from '../../bench/figures/kernels.ts'
import { measureLimits } from '../../bench/figures/limits.ts'
import { openGpu } from '../../bench/gpu.ts'
import type { GpuBench } from '../../bench/gpu.ts'
import { Ledger } from '../../bench/ledger.ts'
import copyCode from '../../bench/limits/copy.wgsl?raw'
import fmaCode from '../../bench/limits/fma.wgsl?raw'
import gatherCode from '../../bench/limits/gather.wgsl?raw'
import { Limits } from '../../bench/limits/pipelines.ts'
import { Replayer } from '../../bench/replay.ts'
import { openTraining } from '../../bench/training.ts'

let gpu: GpuBench
let replayer: Replayer
beforeAll(async () => {
  gpu = await openGpu(navigator.gpu, 'allow')
  replayer = new Replayer(gpu.device)
})
afterAll(async () => {
  replayer.close()
  await gpu.engine.destroy()
})

async function read(buffer: GPUBuffer, words: number): Promise<Float32Array> {
  const { device } = gpu
  const staging = device.createBuffer({
    size: words * 4,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  })
  const encoder = device.createCommandEncoder()
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, words * 4)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  const values = new Float32Array(staging.getMappedRange().slice(0))
  staging.destroy()
  return values
}

describe('a replay', () => {
  it('takes the same step again, to the last bit', async () => {
    const shape = { name: 'small', width: [2, 3, 1], batch: 70, intervals: 4, degree: 3 }
    const session = await openTraining(gpu.engine, shape)
    const start = await session.read()
    const commands = await gpu.tape.record(() => session.run(1))
    const taken = await session.read()
    await session.upload({ state: start })
    expect((await session.read()).parameters).toEqual(start.parameters)
    await replayer.run(commands, 1)
    const replayed = await session.read()
    expect(replayed.parameters).toEqual(taken.parameters)
    expect(replayed.parameters).not.toEqual(start.parameters)
    await session.close()
  })
})

describe('a microbenchmark', () => {
  it.each([
    ['f32', 1],
    ['vec4f', 4],
  ])('multiplies and adds as often as it counts: %s', async (type, lanes) => {
    const limits = new Limits(gpu.device)
    const sink = limits.buffer(512 * 4 * lanes)
    const numbers = limits.buffer(16, Float32Array.of(0.5, 1))
    const command = await limits.command(fmaCode, { VALUE: type, ROUNDS: '2' }, [numbers, sink], 512)
    await replayer.run([command], 1)
    // Eight times x -> x / 2 + 1 is x / 256 + 2 (1 - 1 / 256); all numbers are exact in float32.
    const expected = Array.from({ length: 512 * lanes }, (_, n) => {
      const start = Math.floor(n / lanes)
      return Array.from({ length: 8 }, (_, chain) => (start + chain) / 256 + 2 - 2 / 256).reduce(
        (sum, x) => sum + x,
      )
    })
    expect([...(await read(sink, 512 * lanes))]).toEqual(expected)
    limits.close()
  })

  it('copies everything', async () => {
    const limits = new Limits(gpu.device)
    const values = Float32Array.from({ length: 4096 }, (_, n) => n)
    const to = limits.buffer(values.byteLength)
    const command = await limits.command(
      copyCode,
      {},
      [limits.buffer(values.byteLength, values), to],
      values.length / 4,
    )
    await replayer.run([command], 1)
    expect(await read(to, values.length)).toEqual(values)
    limits.close()
  })

  it.each([
    { name: 'scattered', type: 'f32', scattered: 1, shared: 0 },
    { name: 'neighbours together', type: 'f32', scattered: 0, shared: 0 },
    { name: 'neighbours together', type: 'vec4f', scattered: 0, shared: 0 },
    { name: 'workgroup memory', type: 'f32', scattered: 0, shared: 1 },
    { name: 'workgroup memory', type: 'vec4f', scattered: 0, shared: 1 },
  ])('reads as often and where it says: $name, $type', async ({ type, scattered, shared }) => {
    const limits = new Limits(gpu.device)
    const size = 1024
    const lanes = type === 'f32' ? 1 : 4
    const table = Float32Array.from({ length: size * lanes }, (_, n) => n)
    const sink = limits.buffer(512 * 4 * lanes)
    const constants = {
      VALUE: type,
      SCATTERED: `${scattered}`,
      SHARED: `${shared}`,
      SIZE: `${size}`,
      SHARED_SIZE: shared ? `${size}` : '1',
      ROUNDS: '3',
    }
    const buffers = [limits.buffer(table.byteLength, table), sink]
    const command = await limits.command(gatherCode, constants, buffers, 512)
    await replayer.run([command], 1)
    const expected = Array.from({ length: 512 * lanes }, (_, n) => {
      const index = Math.floor(n / lanes)
      let state = Math.imul(scattered ? index : Math.floor(index / 256), 2654435761) >>> 0
      let sum = 0
      for (let round = 0; round < 3; round++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        const random = (state >>> 8) % (size / 4)
        const place = scattered ? random : random - (random % 64) + (index % 256)
        for (let read = 0; read < 8; read++) sum += table[(place + (read * size) / 16) * lanes + (n % lanes)]!
      }
      return sum
    })
    expect([...(await read(sink, 512 * lanes))]).toEqual(expected)
    limits.close()
  })
})

describe('the figures of a GPU', () => {
  it('are all there: limits, and each dispatch of a step', async () => {
    const ledger = new Ledger()
    const absent = (): never => {
      throw new Error('This test opens no other engine.')
    }
    const context: Context = {
      ledger,
      pace: { repetitions: 1, length: 0.1, most: 1, patience: 1 },
      quick: true,
      gpu,
      cpu: undefined,
      openGpu: absent,
      openCpu: absent,
      peers: [],
      kernels: { backward_coef: 'columns' },
      shapes: new Set(['A']),
    }
    await measureLimits(context)
    expect(ledger.figures).toHaveLength(12)
    await measureKernels(context)
    expect(ledger.failures).toEqual([])
    const names = ledger.figures.map(({ name }) => name)
    for (const name of ['A basis', 'A basis 2', 'A backward_coef', 'A backward_coef 2', 'A adam'])
      expect(names).toContain(name)
    for (const { spread } of ledger.figures) {
      expect(spread.minimum).toBeGreaterThan(0)
      expect(spread.maximum).toBeLessThan(Infinity)
    }
  })
})
