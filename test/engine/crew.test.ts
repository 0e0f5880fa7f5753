import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { JOBS, putUp, waitForAll } from '../../src/engine/cpu/crew/board.ts'
import type { Lane } from '../../src/engine/cpu/crew/lane.ts'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Plan, Session } from '../../src/engine/engine.ts'
import { DeviceLostError } from '../../src/errors.ts'
import { flatRows, flatten, planFor } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'

const workers: Worker[] = []
const lanes: Lane[] = []

/** src/engine/cpu/crew/lane.ts in a thread of its own; tsx compiles it there, as Vitest compiles this file here. */
function startThread(lane: Lane): () => void {
  const module = new URL('../../src/engine/cpu/crew/lane.ts', import.meta.url)
  const start = `const { workerData, parentPort } = require('node:worker_threads')
    import('tsx/esm/api')
      .then(tsx => { tsx.register(); return import(${JSON.stringify(module.href)}) })
      .then(module => { parentPort.postMessage('here'); module.serveLane(workerData) })`
  const worker = new Worker(start, { eval: true, workerData: lane })
  workers.push(worker)
  lanes.push(lane)
  return () => void worker.terminate()
}

afterEach(() => {
  workers.length = lanes.length = 0
})

// 1100 rows are 4 slices of 275 rows; wide enough to be worth sharing.
const network = { ...NETWORKS[0]!, name: 'shared', width: [20, 24, 2], degree: 3, rows: 1100, seed: 77 }
const flat = flatten(caseModel(network))
const training = flatRows(caseInputs(network), caseLoss(network, 'mse', true))

function repeated(values: Float64Array, models: number): Float64Array {
  return Float64Array.from({ length: models * values.length }, (_, v) => values[v % values.length]!)
}

/** A session with the network, one model or several, each with a learning rate of its own. */
async function open(threads: number, changes: Partial<Plan>, rate = 0.01): Promise<Session> {
  const engine = createCpuEngine({ threads, startThread })
  const plan = planFor(flat.layout, network.rows, changes)
  const session = await engine.open(plan)
  const { models } = plan
  await session.upload({
    parameters: repeated(flat.parameters, models),
    knots: repeated(flat.knots, models),
    mask: repeated(flat.mask, models),
    training,
    learningRate: Float64Array.from({ length: models }, (_, m) => rate * (m + 1)),
  })
  await Promise.all(workers.map(worker => new Promise(resolve => worker.once('message', resolve))))
  return session
}

async function train(threads: number, changes: Partial<Plan>): Promise<unknown> {
  workers.length = 0
  const session = await open(threads, changes)
  expect(workers).toHaveLength(threads - 1)
  const result = [await session.run(6), await session.read(), await session.gradients()]
  await session.close()
  return result
}

describe('threads that share a step', () => {
  it.each<[string, Partial<Plan>]>([
    ['Adam', {}],
    ['Adam in batches', { batch: 1030 }],
    ['L-BFGS', { optimizer: { kind: 'lbfgs' } }],
    ['a population', { models: 5 }],
    ['a population with L-BFGS', { models: 2, optimizer: { kind: 'lbfgs' } }],
  ])('come to the same bits as one: %s', async (_, changes) => {
    const alone = await train(1, changes)
    expect(await train(2, changes)).toEqual(alone)
    expect(await train(4, changes)).toEqual(alone)
  })

  it('do tasks without the session', async () => {
    const session = await open(2, {}, 0)
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
    expect(waitForAll(board, true)).toBe(true)
    expect(sums.slice(3)).toEqual(others)
    await session.close()
  })

  it('that fail are not waited for', async () => {
    const session = await open(2, {}, 0)
    const [{ board }] = lanes as [Lane]
    // There is no model 7 to take rows from.
    putUp(board, JOBS.slices, 7, network.rows, 0, 1, 2)
    expect(waitForAll(board, true)).toBe(false)
    await expect(session.run(1)).rejects.toThrow(DeviceLostError)
    await session.close()
  })

  it('end with the session', async () => {
    const session = await open(3, {})
    const ended = Promise.all(workers.map(worker => new Promise(resolve => worker.once('exit', resolve))))
    await session.close()
    await expect(ended).resolves.toHaveLength(2)
  })

  it('are not asked where a step is short, or cannot be cut', async () => {
    const engine = createCpuEngine({ threads: 4, startThread })
    await engine.open(planFor(flat.layout, 100))
    await engine.open(planFor(flat.layout, network.rows, { optimizer: { kind: 'lm' } }))
    expect(workers).toHaveLength(0)
    await engine.destroy()
  })
})
