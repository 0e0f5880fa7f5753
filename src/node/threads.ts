import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { CpuEngineOptions } from '../engine/cpu/engine.ts'

/** Slices of a batch, and so threads that can share it: see MOST_SLICES of engine/cpu/slices.ts. */
const MOST_THREADS = 8

/** The threads that the CPU engine may work with here: one a core. */
export function cpuThreads(): Pick<CpuEngineOptions, 'threads' | 'startThread'> {
  // Node 20 starts no .ts file as a Worker: run from its sources the engine keeps to its own thread.
  if (import.meta.url.endsWith('.ts')) return {}
  return {
    threads: Math.min(MOST_THREADS, availableParallelism()),
    startThread(lane) {
      const worker = new Worker(new URL('../engine/remote/worker.ts', import.meta.url), {
        workerData: { lane },
      })
      // A session that nobody closes does not keep the program from ending.
      worker.unref()
      return () => void worker.terminate()
    },
  }
}
