/**
 * The module published as `webkan/worker`: run as a browser's module Worker or as a Worker of node:worker_threads, it serves a
 * CPU engine to whoever created it (see workerPort, nodeWorkerPort and connectEngine). In Node, workerData may hold a
 * `memoryLimit` (see CpuEngineOptions) and the most `threads`.
 *
 * The engine shares long steps with more Workers of this same module, one for every core: in Node, and on pages that are
 * cross-origin isolated, since they need shared memory.
 */
import { UnsupportedError } from '../../errors.ts'
import { serveLane } from '../cpu/crew/lane.ts'
import type { Lane } from '../cpu/crew/lane.ts'
import { createCrewEngine } from '../cpu/engine.ts'
import type { CrewOptions } from '../cpu/engine.ts'
import { messagePort, scopePort } from './port.ts'
import type { EnginePort } from './port.ts'
import { serveEngine } from './serve.ts'

/** What a page's Worker is called that works for an engine in another. */
const LANE_NAME = 'webkan lane'

interface Creator {
  readonly port: EnginePort
  readonly memoryLimit: number
  readonly crew: CrewOptions
}

const creator = 'DedicatedWorkerGlobalScope' in globalThis ? onPage() : inNode()
if (creator) {
  const { port, crew, memoryLimit } = creator
  // A promise also where the creator's options are refused: whoever connects then hears why.
  serveEngine(port, async () =>
    createCrewEngine(crew, { reason: 'A CPU worker was asked for.', memoryLimit }),
  )
}

/** Found without waiting: messages that arrive before the receiver is set would be lost. */
function onPage(): Creator | undefined {
  if (self.name === LANE_NAME) {
    self.addEventListener('message', ({ data }: MessageEvent<Lane>) => serveLane(data), { once: true })
    return undefined
  }
  return {
    port: scopePort(self),
    memoryLimit: Infinity,
    crew: {
      threads: self.crossOriginIsolated ? navigator.hardwareConcurrency : 1,
      startThread(lane) {
        // Its own address, which a bundler may have chosen.
        const worker = new Worker(self.location.href, { type: 'module', name: LANE_NAME })
        // Unheard it would reach the page as an error of the engine's worker; see StartThread.
        worker.addEventListener('error', event => event.preventDefault())
        worker.postMessage(lane, { transfer: [] })
        return () => worker.terminate()
      },
    },
  }
}

/** getBuiltinModule (Node 20.16) instead of an import, so that bundlers for browsers see no node: module. */
function inNode(): Creator | undefined {
  const nodeThreads = process.getBuiltinModule('node:worker_threads')
  const parent = nodeThreads.parentPort
  if (parent === null)
    throw new UnsupportedError(
      'webkan/worker runs inside a Worker only; import webkan to use an engine on this thread.',
    )
  const given = nodeThreads.workerData as
    { lane?: Lane; memoryLimit?: number; threads?: number } | null | undefined
  if (given?.lane) {
    serveLane(given.lane)
    return undefined
  }
  const here = import.meta.url
  // Node 20 starts no .ts file as a Worker.
  const cores = here.endsWith('.ts') ? 1 : process.getBuiltinModule('node:os').availableParallelism()
  const { resourceLimits } = nodeThreads
  return {
    port: messagePort(parent as unknown as MessagePort),
    memoryLimit: given?.memoryLimit ?? Infinity,
    crew: {
      threads: given?.threads ?? cores,
      startThread(lane) {
        const worker = new nodeThreads.Worker(new URL(here), { workerData: { lane }, resourceLimits })
        // Unheard it would end this thread; see StartThread.
        worker.on('error', () => undefined)
        worker.unref()
        return () => void worker.terminate()
      },
    },
  }
}
