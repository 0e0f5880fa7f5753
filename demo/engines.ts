/** The engine of a page: a GPU where there is one, else the CPU engine in a worker, so that the page stays responsive. */
import { connectEngine, requestEngine, workerPort } from 'webkan'
import type { Engine } from 'webkan'
import type { Device } from './settings.ts'

export interface PageEngine {
  readonly engine: Engine
  readonly inWorker: boolean
  /** One sentence: why this one. */
  readonly reason: string
  /** Frees the engine, and its worker. */
  release(): Promise<void>
}

/** Milliseconds that one submission may keep the GPU: longer ones would make scrolling stutter. */
const budget = 8

/** Throws UnsupportedError when WebGPU is demanded and there is none. */
export async function requestPageEngine(device: Device): Promise<PageEngine> {
  if (device === 'cpu') return inWorker('The CPU was asked for.')
  const engine = await requestEngine({ device, budget })
  const { kind, reason } = engine.description
  if (kind === 'webgpu') return { engine, inWorker: false, reason, release: () => engine.destroy() }
  await engine.destroy()
  return inWorker(reason)
}

async function inWorker(reason: string): Promise<PageEngine> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const engine = await connectEngine(workerPort(worker))
  return { engine, inWorker: true, reason, release: () => engine.destroy() }
}
