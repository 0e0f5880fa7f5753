import { denseLayers, initialModel } from './network.ts'
import type { LoadedPeer } from './peer.ts'
import { TfjsNetwork } from './tfjs-step.ts'

/**
 * TensorFlow.js on one of its back ends, in Node or a page. `webgpu` takes the adapter that navigator.gpu gives.
 * @param wasmFolder where the WebAssembly files lie, with a separator at its end; in a page an address
 */
export async function loadTfjs(backend: 'wasm' | 'webgpu', wasmFolder?: string): Promise<LoadedPeer> {
  const tf = await import('@tensorflow/tfjs-core')
  let threads: number | undefined
  if (backend === 'wasm') {
    const wasm = await import('@tensorflow/tfjs-backend-wasm')
    if (wasmFolder !== undefined) wasm.setWasmPaths(wasmFolder)
    // In a page as many as half the cores; setThreadsCount lowers that at most (tensorflow/tfjs issue 6081). In Node one.
    await select()
    threads = wasm.getThreadsCount()
  } else {
    await import('@tensorflow/tfjs-backend-webgpu')
    await select()
  }
  // A process may train on both back ends in turn.
  async function select(): Promise<void> {
    if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no back end '${backend}' here.`)
  }
  return {
    versions: { tfjs: tf.version_core },
    threads,
    async open(task) {
      await select()
      const network = new TfjsNetwork(tf, denseLayers(initialModel(task)), task.samples)
      return {
        async gradients() {
          await select()
          return network.gradients()
        },
        async run(steps) {
          await select()
          const start = performance.now()
          for (let step = 1; step < steps; step++) network.step(false)
          const loss = network.step(true)!
          const [value] = await loss.data()
          const milliseconds = performance.now() - start
          loss.dispose()
          return { milliseconds, loss: value! }
        },
        async close() {
          await select()
          network.dispose()
        },
      }
    },
  }
}
