import { Worker } from 'node:worker_threads'
import type { Engine } from '../engine/engine.ts'
import { connectEngine, nodeWorkerPort } from '../engine/remote/index.ts'
import { requestNodeEngine } from '../node/engine.ts'
import type { NodeEngineRequest } from '../node/engine.ts'
import { sessionMemory } from '../node/memory.ts'

/**
 * requestNodeEngine, with the CPU engine on a thread of its own: a step of a large network takes seconds, and Ctrl-C and the
 * progress lines would wait for it. Destroying that engine ends the thread at once, in the middle of a step.
 */
export async function requestThreadedEngine(options: NodeEngineRequest = {}): Promise<Engine> {
  const engine = await requestNodeEngine(options)
  if (engine.description.kind !== 'cpu') return engine
  await engine.destroy()
  const workerData = { memoryLimit: sessionMemory(), threads: options.threads }
  const worker = new Worker(new URL('../engine/remote/worker.ts', import.meta.url), {
    workerData,
    // V8 takes 128 MB of addresses for machine code otherwise, and ends the program where `ulimit -v` leaves less.
    resourceLimits: { codeRangeSizeMb: 16 },
  })
  const remote = await connectEngine(nodeWorkerPort(worker))
  const destroy = async (): Promise<void> => void (await worker.terminate())
  return {
    description: engine.description,
    open: plan => remote.open(plan),
    memory: () => remote.memory(),
    destroy,
    [Symbol.asyncDispose]: destroy,
  }
}
