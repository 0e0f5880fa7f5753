/**
 * The module published as `webkan/worker`: run as a browser's module Worker or as a Worker of node:worker_threads, it serves a
 * CPU engine to whoever created it (see workerPort, nodeWorkerPort and connectEngine).
 */
import { UnsupportedError } from '../../errors.ts'
import { createCpuEngine } from '../cpu/engine.ts'
import { messagePort, scopePort } from './port.ts'
import type { EnginePort } from './port.ts'
import { serveEngine } from './serve.ts'

serveEngine(creatorPort(), () => Promise.resolve(createCpuEngine({ reason: 'A CPU worker was asked for.' })))

/**
 * Found without waiting: messages that arrive before the receiver is set would be lost. getBuiltinModule (Node 20.16) instead of
 * an import, so that bundlers for browsers see no node: module.
 */
function creatorPort(): EnginePort {
  if ('DedicatedWorkerGlobalScope' in globalThis) return scopePort(self)
  const parent = process.getBuiltinModule('node:worker_threads').parentPort
  if (parent === null)
    throw new UnsupportedError(
      'webkan/worker runs inside a Worker only; import webkan to use an engine on this thread.',
    )
  return messagePort(parent as unknown as MessagePort)
}
