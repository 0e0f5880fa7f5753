/** The engine of a page: a GPU where there is one, else the CPU engine in a worker, so that the page stays responsive. */
import { connectEngine, requestEngine, workerPort } from 'webkan'
import type { Engine } from 'webkan'
import { chosenDevice } from './optimizers.ts'
import type { Settings } from './settings.ts'

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
export async function requestPageEngine(settings: Settings, hasKnown: boolean): Promise<PageEngine> {
  if (hasKnown && settings.device !== 'cpu')
    return inWorker('Known functions train with Levenberg–Marquardt, in float64, which WebGPU lacks.')
  const device = chosenDevice(settings)
  if (device === 'cpu')
    return inWorker(
      settings.device === 'cpu'
        ? 'The CPU was asked for.'
        : 'Levenberg–Marquardt needs float64, which WebGPU lacks.',
    )
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
