import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Engine, Plan, Rows } from '../../src/engine/engine.ts'
import { trainableGroups } from '../../src/engine/parity/cases.ts'
import { createWebGpuEngine } from '../../src/engine/webgpu/engine.ts'
import { KAN } from '../../src/index.ts'
import { Random } from '../../src/random.ts'
import { requireGpuEngine } from './require.ts'

function samples(rows: number, inputs: number): { x: Float64Array; y: Float64Array } {
  const random = new Random(5)
  const x = Float64Array.from({ length: rows * inputs }, () => 2 * random.uniform() - 1)
  const y = Float64Array.from(
    { length: rows },
    (_, b) => Math.sin(3 * x[b * inputs]!) + x[b * inputs + inputs - 1]! ** 2,
  )
  return { x, y }
}

const plan: Plan = {
  layers: [
    { inputs: 2, outputs: 3, intervals: 5, degree: 3, base: 'silu' },
    { inputs: 3, outputs: 1, intervals: 5, degree: 3, base: 'silu' },
  ],
  trainable: trainableGroups('cb'),
  models: 1,
  rows: 50,
  batch: 50,
  validationRows: 0,
  loss: 'mse',
  optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  seed: 0,
  evaluateEvery: 10,
  patience: 0,
}

function rowsOf(count: number): Rows {
  return { ...samples(count, 2), weights: new Float64Array(count).fill(1) }
}

function network(seed: number) {
  const kan = new KAN({ width: [2, 3, 1], seed })
  return { parameters: kan.parameters, knots: kan.knots, mask: kan.mask, learningRate: Float64Array.of(0.01) }
}

describe('a session on the GPU', () => {
  let engine: Engine
  beforeEach(async () => {
    engine = await requireGpuEngine()
  })
  afterEach(() => engine.destroy())

  it('gives bit-identical losses and weights twice, however the steps are cut', async () => {
    const train = async (cuts: readonly number[]) => {
      const session = await engine.open({ ...plan, batch: 16 })
      await session.upload({ ...network(1), training: rowsOf(50) })
      const losses: number[] = []
      for (const steps of cuts) losses.push(...(await session.run(steps)).losses)
      const state = await session.read()
      await session.close()
      return { losses, state }
    }
    const once = await train([60])
    expect(once.losses).toHaveLength(60)
    expect(await train([60])).toEqual(once)
    expect(await train([1, 7, 32, 20])).toEqual(once)
  })

  it('goes on from a saved state as if it had never stopped', async () => {
    const session = await engine.open({ ...plan, batch: 16 })
    await session.upload({ ...network(2), training: rowsOf(50) })
    await session.run(25)
    const middle = await session.read()
    await session.run(25)
    const end = await session.read()
    const resumed = await engine.open({ ...plan, batch: 16 })
    await resumed.upload({ ...network(9), training: rowsOf(50), state: middle })
    await resumed.run(25)
    expect(await resumed.read()).toEqual(end)
  })

  it('runs longer than its loss ring', async () => {
    const session = await engine.open({ ...plan, rows: 4, batch: 4 })
    await session.upload({ ...network(3), training: rowsOf(4) })
    const progress = await session.run(1030)
    expect(progress.losses).toHaveLength(1030)
    expect(progress.evaluationSteps).toHaveLength(103)
    expect(progress.evaluationSteps.at(-1)).toBe(1030)
    expect(progress.losses.at(-1)).toBeLessThan(progress.losses[0]!)
  })

  it('keeps the parameters of the best evaluation and stops by patience, not by timing', async () => {
    const session = await engine.open({ ...plan, validationRows: 7, evaluateEvery: 1, patience: 3 })
    // A learning rate this large makes the loss jump, so that evaluations get worse soon.
    await session.upload({
      ...network(4),
      learningRate: Float64Array.of(0.5),
      training: rowsOf(50),
      validation: { x: rowsOf(7).x, y: new Float64Array(7).fill(-1), weights: new Float64Array(7).fill(1) },
    })
    const progress = await session.run(200)
    const best = Math.min(...progress.evaluationLosses.subarray(0, progress.bestStep[0]! + 3))
    expect(progress.stopped[0]).toBe(1)
    expect(progress.bestLoss[0]).toBe(best)
    expect(progress.evaluationLosses[progress.bestStep[0]! - 1]).toBe(best)
    // Nothing after the third worse evaluation in a row is looked at.
    const { best: kept } = await session.read()
    const check = await engine.open({ ...plan, rows: 7, batch: 7 })
    await check.upload({
      ...network(4),
      parameters: kept.parameters,
      training: { x: rowsOf(7).x, y: new Float64Array(7).fill(-1), weights: new Float64Array(7).fill(1) },
    })
    // The same rows, weights and kernels: the same bits.
    expect((await check.gradients()).loss[0]).toBe(best)
  })

  it('looks at validation rows in chunks when they are more than a pass takes', async () => {
    const validation = rowsOf(2500)
    const whole = await engine.open({ ...plan, rows: 2500, batch: 2500 })
    await whole.upload({ ...network(5), training: validation })
    const loss = (await whole.gradients()).loss[0]!
    // 1024 rows a pass, or a batch where that is more: two full chunks and a rest, one and a rest.
    for (const rows of [50, 1300]) {
      const session = await engine.open({
        ...plan,
        rows,
        batch: rows,
        validationRows: 2500,
        evaluateEvery: 1,
      })
      const learningRate = Float64Array.of(0)
      await session.upload({ ...network(5), learningRate, training: rowsOf(rows), validation })
      const { evaluationLosses } = await session.run(1)
      await session.close()
      // The same losses of rows, added in two trees of 6 levels and one partial sum between: 13 roundings and a division, twice.
      expect(Math.abs(evaluationLosses[0]! / loss - 1)).toBeLessThan(28 * 2 ** -24)
    }
  })

  it('predicts any number of rows, more or fewer than its batch', async () => {
    const session = await engine.open({ ...plan, rows: 0, batch: 16 })
    await session.upload(network(6))
    const { x } = rowsOf(45)
    const all = await session.predict(x)
    expect(all).toHaveLength(45)
    expect(await session.predict(x.subarray(0, 2 * 3))).toEqual(all.subarray(0, 3))
    expect(new Set(all).size).toBeGreaterThan(40)
    await expect(session.run(1)).rejects.toThrow(/0 training rows/)
  })

  it('counts every byte, gives all of them back, and the same number before and after a fit', async () => {
    expect(await engine.memory()).toEqual({ bytes: 0, peak: 0, buffers: 0 })
    const kan = new KAN({ width: [2, 3, 1], seed: 0 })
    await kan.fit(samples(40, 2), { engine, steps: 20 })
    const after = await engine.memory()
    expect(after.bytes).toBe(0)
    expect(after.buffers).toBe(0)
    expect(after.peak).toBeGreaterThan(10_000)
    const session = await engine.open(plan)
    const open = await engine.memory()
    expect(open.bytes).toBeGreaterThan(0)
    await session.upload({ ...network(0), training: rowsOf(50) })
    await session.run(5)
    await session.statistics(rowsOf(50).x)
    expect((await engine.memory()).bytes).toBe(open.bytes)
    await engine.destroy()
    expect((await engine.memory()).bytes).toBe(0)
    await expect(session.run(1)).rejects.toThrow(/destroyed|closed/)
  })

  it('counts exactly what WebGPU was asked for', async () => {
    const adapter = await navigator.gpu.requestAdapter()
    const device = await adapter!.requestDevice()
    let bytes = 0
    const create = device.createBuffer.bind(device)
    device.createBuffer = descriptor => {
      bytes += descriptor.size
      return create(descriptor)
    }
    const own = createWebGpuEngine(device)
    await own.open(plan)
    expect((await own.memory()).bytes).toBe(bytes)
    await own.destroy()
    // The caller's device lives on.
    expect(() => create({ size: 16, usage: GPUBufferUsage.STORAGE })).not.toThrow()
    device.destroy()
  })

  it('leaves Levenberg-Marquardt to the CPU engine, and says so', async () => {
    const refused = engine.open({ ...plan, optimizer: { kind: 'lm' } })
    await expect(refused).rejects.toMatchObject({ name: 'UnsupportedError' })
    await expect(refused).rejects.toThrow(/CPU engine only.*'cpu'/)
    expect((await engine.memory()).peak).toBe(0)
  })

  it('refuses what does not fit before anything is allocated', async () => {
    const huge = { ...plan, layers: [{ ...plan.layers[0]!, inputs: 60000, outputs: 60000 }] }
    await expect(engine.open(huge)).rejects.toThrow(/limit is \d+/)
    const adapter = await navigator.gpu.requestAdapter()
    const small = createWebGpuEngine(await adapter!.requestDevice())
    const rows = 4_000_000
    const failure = small.open({ ...plan, rows, batch: rows })
    await expect(failure).rejects.toMatchObject({ name: 'OutOfMemoryError' })
    await expect(failure).rejects.toThrow(/\d+ bytes .*limit is 134217728.*smaller batch/)
    expect((await small.memory()).bytes).toBe(0)
    expect((await engine.memory()).bytes).toBe(0)
    await small.destroy()
  })

  it('keeps padding rows of a short last batch out of loss and gradient', async () => {
    const session = await engine.open({ ...plan, rows: 5, batch: 4 })
    await session.upload({ ...network(7), learningRate: Float64Array.of(0), training: rowsOf(5) })
    const { losses } = await session.run(2)
    const whole = await engine.open({ ...plan, rows: 5, batch: 5 })
    await whole.upload({ ...network(7), training: rowsOf(5) })
    const { loss } = await whole.gradients()
    // One epoch sees every row once: (4 first + 1 last) / 5 is the loss of all.
    // Sums of 5 squares in another order, some ten roundings: 4 sqrt(10) 2^-24.
    expect(Math.abs((4 * losses[0]! + losses[1]!) / 5 / loss[0]! - 1)).toBeLessThan(7.6e-7)
  })
})
