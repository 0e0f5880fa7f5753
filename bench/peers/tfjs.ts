/** TensorFlow.js in Node: WebAssembly (one thread: it has no other in Node), and WebGPU on Dawn's adapter where ours has it. */
import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { denseLayers, initialModel } from './network.ts'
import type { Peer, PeerTask, PeerTrainer } from './peer.ts'
import { TfjsNetwork } from './tfjs-step.ts'

type Tf = typeof import('@tensorflow/tfjs-core')

/** The WebAssembly back end, with SIMD. */
export function tfjsWasm(): Peer {
  return {
    name: 'tfjs wasm',
    beside: 'cpu',
    missing: () => missingPackage('@tensorflow/tfjs-backend-wasm'),
    async versions() {
      const { version_core: version } = await import('@tensorflow/tfjs-core')
      return { device: 'WebAssembly SIMD, 1 thread', tfjs: version }
    },
    async open(task) {
      const tf = await import('@tensorflow/tfjs-core')
      const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
      const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
      setWasmPaths(dirname(main) + sep)
      await tf.setBackend('wasm')
      return openTfjs(tf, task)
    },
  }
}

/** Why the packages of bench/peers/package.json cannot be used, or undefined. */
export async function missingPackage(name: string): Promise<string | undefined> {
  try {
    await import(name)
    return undefined
  } catch {
    return `The package ${name} is not installed; run: npm run bench:setup`
  }
}

/** A trainer on the back end that is set. */
export function openTfjs(tf: Tf, task: PeerTask): PeerTrainer {
  const network = new TfjsNetwork(tf, denseLayers(initialModel(task)), task.samples)
  return {
    gradients: () => network.gradients(),
    async run(steps) {
      const start = performance.now()
      for (let step = 1; step < steps; step++) network.step(false)
      const loss = network.step(true)!
      const value = (await loss.data())[0]!
      const milliseconds = performance.now() - start
      loss.dispose()
      return { milliseconds, loss: value }
    },
    async close() {
      network.dispose()
    },
  }
}
