import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { CrewOptions } from '../engine/cpu/engine.ts'

/** The threads that the CPU engine may work with here. */
export function cpuThreads(threads = availableParallelism()): CrewOptions | undefined {
  // Node 20 starts no .ts file as a Worker: run from its sources the engine keeps to its own thread.
  if (import.meta.url.endsWith('.ts')) return undefined
  return {
    threads,
    startThread(lane) {
      const worker = new Worker(new URL('../engine/remote/worker.ts', import.meta.url), {
        workerData: { lane },
      })
      // Unheard it would end the program; see StartThread.
      worker.on('error', () => undefined)
      // A session that nobody closes does not keep the program from ending.
      worker.unref()
      return () => void worker.terminate()
    },
  }
}
