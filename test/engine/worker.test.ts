import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { connectEngine } from '../../src/engine/remote/connect.ts'
import { nodeWorkerPort } from '../../src/engine/remote/port.ts'
import { ConfigError, DeviceLostError } from '../../src/errors.ts'
import { flatRows, flatten, planFor } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'

/** src/engine/remote/worker.ts in a thread of its own; tsx compiles it there, as Vitest compiles this file here. */
function createWorker(workerData?: object): Worker {
  const module = new URL('../../src/engine/remote/worker.ts', import.meta.url)
  const start = `import('tsx/esm/api').then(tsx => { tsx.register(); return import(${JSON.stringify(module.href)}) })`
  return new Worker(start, { eval: true, workerData })
}

const network = NETWORKS[0]!
const flat = flatten(caseModel(network))
const training = flatRows(caseInputs(network), caseLoss(network, 'mse', false))

async function train(engine: Engine): Promise<unknown> {
  const session = await engine.open(planFor(flat.layout, network.rows, { batch: 10 }))
  await session.upload({ ...flat, training, learningRate: new Float64Array([0.01]) })
  return [await session.run(20), await session.read()]
}

describe('webkan/worker in a thread of Node', () => {
  it('trains to the same bits as this thread, and ends when its engine is destroyed', async () => {
    const worker = createWorker()
    const ended = new Promise(resolve => worker.once('exit', resolve))
    const engine = await connectEngine(nodeWorkerPort(worker))
    await using direct = createCpuEngine()
    expect(await train(engine)).toEqual(await train(direct))
    await engine.destroy()
    expect(await engine.memory()).toMatchObject({ bytes: 0, buffers: 0 })
    expect(await ended).toBe(1)
  })

  it('works with as many threads as its creator says, and refuses what is no number of them', async () => {
    const request = (threads: unknown): Promise<Engine> =>
      connectEngine(nodeWorkerPort(createWorker({ threads })))
    const engine = await request(3)
    expect(engine.description.device).toBe('CPU, float64, up to 3 threads')
    await engine.destroy()
    await expect(request(0)).rejects.toThrow(ConfigError)
  })

  it('says so when the thread dies', async () => {
    const worker = createWorker()
    const engine = await connectEngine(nodeWorkerPort(worker))
    const session = await engine.open(planFor(flat.layout, network.rows))
    const lost = new Promise(resolve => worker.once('exit', resolve))
    await worker.terminate()
    await lost
    await expect(session.read()).rejects.toThrow(DeviceLostError)
    await engine.destroy()
  })
})
