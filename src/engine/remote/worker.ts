/**
 * The module published as `webkan/worker`: run as a browser's module Worker or as a Worker of node:worker_threads, it serves a
 * CPU engine to whoever created it (see workerPort, nodeWorkerPort and connectEngine). In Node, workerData may hold a
 * `memoryLimit`: see CpuEngineOptions.
 */
import { UnsupportedError } from '../../errors.ts'
import { createCpuEngine } from '../cpu/engine.ts'
import { messagePort, scopePort } from './port.ts'
import type { EnginePort } from './port.ts'
import { serveEngine } from './serve.ts'

const { port, memoryLimit = Infinity } = creator()
serveEngine(port, () =>
  Promise.resolve(createCpuEngine({ reason: 'A CPU worker was asked for.', memoryLimit })),
)

/**
 * Found without waiting: messages that arrive before the receiver is set would be lost. getBuiltinModule (Node 20.16) instead of
 * an import, so that bundlers for browsers see no node: module.
 */
function creator(): { readonly port: EnginePort; readonly memoryLimit?: number } {
  if ('DedicatedWorkerGlobalScope' in globalThis) return { port: scopePort(self) }
  const threads = process.getBuiltinModule('node:worker_threads')
  const parent = threads.parentPort
  if (parent === null)
    throw new UnsupportedError(
      'webkan/worker runs inside a Worker only; import webkan to use an engine on this thread.',
    )
  const given: unknown = threads.workerData
  const limited = typeof given === 'object' && given !== null && 'memoryLimit' in given
  return {
    port: messagePort(parent as unknown as MessagePort),
    ...(limited && typeof given.memoryLimit === 'number' ? { memoryLimit: given.memoryLimit } : {}),
  }
}
