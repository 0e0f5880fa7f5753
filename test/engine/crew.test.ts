import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { JOBS, putUp, waitForAll } from '../../src/engine/cpu/crew/board.ts'
import type { StartThread } from '../../src/engine/cpu/crew/crew.ts'
import type { Lane } from '../../src/engine/cpu/crew/lane.ts'
import { createCpuEngine, createCrewEngine } from '../../src/engine/cpu/engine.ts'
import type { Plan, Progress, Session } from '../../src/engine/engine.ts'
import { DeviceLostError, OutOfMemoryError } from '../../src/errors.ts'
import type { OracleModel } from '../oracle/kan.ts'
import { seeded } from '../oracle/random.ts'
import { withSymbolicEdges } from '../oracle/symbolic.ts'
import { flatRows, flatten, planFor } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'

const workers: Worker[] = []
const lanes: Lane[] = []

/** Starts threads that run `use` of a module of src/engine/cpu/crew; tsx compiles it there, as Vitest compiles this file here. */
function startOf(file: string, use: string): StartThread {
  const module = new URL(`../../src/engine/cpu/crew/${file}`, import.meta.url)
  const start = `const { workerData, parentPort } = require('node:worker_threads')
    import('tsx/esm/api')
      .then(tsx => { tsx.register(); return import(${JSON.stringify(module.href)}) })
      .then(module => { parentPort.postMessage('here'); ${use} })`
  return lane => {
    const worker = new Worker(start, { eval: true, workerData: lane })
    worker.on('error', () => undefined)
    workers.push(worker)
    lanes.push(lane)
    return () => void worker.terminate()
  }
}

const startThread = startOf('lane.ts', 'module.serveLane(workerData)')

afterEach(() => {
  vi.restoreAllMocks()
  workers.length = lanes.length = 0
})

// 1100 rows are 4 slices of 275 rows; wide enough to be worth sharing.
const network = { ...NETWORKS[0]!, name: 'shared', width: [20, 24, 2], degree: 3, rows: 1100, seed: 77 }
const flat = flatten(caseModel(network))
const training = flatRows(caseInputs(network), caseLoss(network, 'mse', true))

const PENALTY = { metric: 'paper', l1: 1, entropy: 2, coef: 0.5, coefdiff: 0.5 } as const

function repeated(values: Float64Array, models: number): Float64Array {
  return Float64Array.from({ length: models * values.length }, (_, v) => values[v % values.length]!)
}

/** A session with the network, one model or several, each with a learning rate of its own. */
async function open(
  threads: number,
  changes: Partial<Plan>,
  start = startThread,
  firstRate = 0.01,
  model: OracleModel = caseModel(network),
): Promise<Session> {
  const engine = createCrewEngine({ threads, startThread: start })
  const flat = flatten(model)
  const plan = planFor(flat.layout, network.rows, changes)
  const session = await engine.open(plan)
  const { models } = plan
  await session.upload({
    parameters: repeated(flat.parameters, models),
    knots: repeated(flat.knots, models),
    mask: repeated(flat.mask, models),
    training,
    learningRate: Float64Array.from({ length: models }, (_, m) => firstRate + 0.01 * m),
    ...(plan.penalty && { lambda: new Float64Array(models).fill(0.3) }),
  })
  await Promise.all(workers.map(worker => new Promise(resolve => worker.once('message', resolve))))
  return session
}

async function train(
  threads: number,
  changes: Partial<Plan>,
  firstRate?: number,
  model?: OracleModel,
): Promise<unknown[]> {
  workers.length = 0
  const session = await open(threads, changes, startThread, firstRate, model)
  expect(workers).toHaveLength(threads - 1)
  const progress = await session.run(6)
  const result = [progress, await session.read(), await session.gradients()]
  await session.close()
  return result
}

describe('threads that share a step', () => {
  it.each<[string, Partial<Plan>]>([
    ['Adam', {}],
    ['Adam in batches', { batch: 1030 }],
    ['L-BFGS', { optimizer: { kind: 'lbfgs' } }],
    ['Adam with a penalty', { penalty: PENALTY }],
    ['L-BFGS with a penalty', { penalty: PENALTY, optimizer: { kind: 'lbfgs' } }],
    ['a population with a penalty', { models: 5, penalty: PENALTY }],
    ['a population', { models: 5 }],
    ['a population with L-BFGS', { models: 2, optimizer: { kind: 'lbfgs' } }],
  ])('come to the same bits as one: %s', async (_, changes) => {
    const alone = await train(1, changes)
    expect(await train(2, changes)).toEqual(alone)
    expect(await train(4, changes)).toEqual(alone)
  })

  it.each<[string, Partial<Plan>]>([
    ['Adam', {}],
    ['L-BFGS', { optimizer: { kind: 'lbfgs' } }],
    ['a population', { models: 5 }],
  ])('come to the same bits as one with products, which have levels of their own: %s', async (_, changes) => {
    const layer = { intervals: 5, degree: 3, base: 'silu', ratio: 1 } as const
    const model = caseModel({ ...network, layers: [{ ...layer, products: [2, 3] }, layer] })
    expect(await train(3, changes, 0.01, model)).toEqual(await train(1, changes, 0.01, model))
  })

  it.each<[string, Partial<Plan>]>([
    ['slices', {}],
    ['slices with a penalty', { penalty: PENALTY }],
    ['models', { models: 5 }],
  ])(
    'come to the same bits as one with symbolic edges, whose programs cross to them: %s',
    async (_, changes) => {
      const model = withSymbolicEdges(caseModel(network), seeded(3), 0.2)
      // Small rates: one member's exponentials would run away from the others.
      const alone = await train(1, changes, 1e-3, model)
      expect((alone[0] as Progress).losses.every(Number.isFinite)).toBe(true)
      expect(await train(3, changes, 1e-3, model)).toEqual(alone)
    },
  )

  it('let members of a population rest that have stopped, as one thread does', async () => {
    const changes: Partial<Plan> = { models: 5, patience: 1, evaluateEvery: 1 }
    // A rate of 0 gets no better: that member stops after step 2, is evaluated in step 3 and then rests.
    const [progress, ...others] = await train(1, changes, 0)
    expect(progress).toMatchObject({ functionEvaluations: new Float64Array([3, 6, 6, 6, 6]) })
    expect(await train(3, changes, 0)).toEqual([progress, ...others])
  })

  it('do tasks without the session', async () => {
    const session = await open(2, {}, startThread, 0)
    await session.run(1)
    const [{ board, network: lane }] = lanes as [Lane]
    const sums = lane.sums.flatMap(({ effective, loss }) => [...effective, loss])
    const before = sums.map(values => values.slice())
    // The first slice holds the sum of all: it alone comes out different, as its own part.
    expect(lane.sums).toHaveLength(4)
    const others = before.slice(3)
    for (const values of sums) values.fill(NaN)
    putUp(
      board,
      JOBS.slices,
      0,
      network.rows,
      0,
      1 / training.weights.reduce((a, b) => a + b),
      lane.sums.length,
    )
    expect(waitForAll(board, true, 10)).toBeUndefined()
    expect(sums.slice(3)).toEqual(others)
    await session.close()
  })

  it('that fail are not waited for, and say why', async () => {
    const session = await open(2, {})
    const [{ board }] = lanes as [Lane]
    // There is no model 7 to take rows from.
    putUp(board, JOBS.slices, 7, network.rows, 0, 1, 2)
    expect(waitForAll(board, true, 10)).toMatch(/^TypeError: ./u)
    await expect(session.run(1)).rejects.toThrow(DeviceLostError)
    await expect(session.run(1)).rejects.toThrow('TypeError')
    await session.close()
  })

  it('that cannot start leave the work to the others', async () => {
    const alone = await open(1, {})
    const session = await open(2, {}, startOf('lane.ts', 'throw new Error("not here")'))
    expect(await session.run(6)).toEqual(await alone.run(6))
    await session.close()
  })

  it('that die with a task in hand end the session with an error', async () => {
    const die =
      'module.waitForNews(workerData.board, 0); if (module.takeTask(workerData.board) >= 0) process.exit()'
    // Whoever came too late for a task looks again.
    const session = await open(2, {}, startOf('board.ts', `for (;;) { ${die} }`))
    const untilItDies = async (): Promise<void> => {
      for (;;) await session.run(1)
    }
    await expect(untilItDies()).rejects.toThrow(DeviceLostError)
    await expect(session.run(1)).rejects.toThrow('silent for 3 s')
    await session.close()
  })

  it('that cannot be had leave nothing behind', async () => {
    const engine = createCrewEngine({
      threads: 3,
      startThread(lane) {
        if (workers.length === 1) throw new RangeError('One is enough.')
        return startThread(lane)
      },
    })
    await expect(engine.open(planFor(flat.layout, network.rows))).rejects.toThrow('One is enough.')
    await new Promise(resolve => workers[0]!.once('exit', resolve))
    expect(await engine.memory()).toMatchObject({ bytes: 0, buffers: 0 })
  })

  it('are left out where there is memory for one only', async () => {
    await using counting = createCpuEngine()
    const plan = planFor(flat.layout, network.rows)
    await counting.open(plan)
    const { bytes } = await counting.memory()
    await using engine = createCrewEngine({ threads: 4, startThread }, { memoryLimit: bytes })
    expect((await engine.open(plan)).kernels).toEqual({ layers: 'simd' })
    expect(workers).toHaveLength(0)
    expect((await engine.memory()).bytes).toBe(bytes)
  })

  it('are named where there can be any', async () => {
    const device = (threads: number, simd = true): string =>
      createCrewEngine({ threads, startThread }, { simd }).description.device
    expect(device(1)).toBe('CPU, float64')
    expect(device(3)).toBe('CPU, float64, up to 3 threads')
    // Plain TypeScript has no memory to share.
    expect(device(3, false)).toBe('CPU, float64')
    expect(() => device(0)).toThrow(/threads is 0; it must be a whole number from 1/)
  })

  it('need a WebAssembly memory, without which plain TypeScript computes, but not in the place of what is pinned', async () => {
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
      throw new RangeError('could not allocate memory')
    })
    await using engine = createCrewEngine({ threads: 4, startThread })
    const plan = planFor(flat.layout, network.rows)
    expect((await engine.open(plan)).kernels).toEqual({ layers: 'plain' })
    expect(workers).toHaveLength(0)
    await expect(engine.open({ ...plan, kernels: { layers: 'simd' } })).rejects.toThrow(OutOfMemoryError)
  })

  it('end with the session', async () => {
    const session = await open(3, {})
    const ended = Promise.all(workers.map(worker => new Promise(resolve => worker.once('exit', resolve))))
    await session.close()
    await expect(ended).resolves.toHaveLength(2)
  })

  it('are not asked where a step is short, or cannot be cut', async () => {
    const engine = createCrewEngine({ threads: 4, startThread })
    await engine.open(planFor(flat.layout, 100))
    await engine.open(planFor(flat.layout, network.rows, { optimizer: { kind: 'lm' } }))
    expect(workers).toHaveLength(0)
    await engine.destroy()
  })
})
