import { JaxNetwork } from './jax-step.ts'
import { denseLayers, initialModel } from './network.ts'
import type { LoadedPeer } from './peer.ts'
import packageFile from './package.json' with { type: 'json' }

/** jax-js on one of its devices, in Node or a page. `webgpu` takes the adapter that navigator.gpu gives. */
export async function loadJax(device: 'wasm' | 'webgpu'): Promise<LoadedPeer> {
  const jax = await import('@jax-js/jax')
  if (!(await jax.init(device)).includes(device)) throw new Error(`jax-js has no device '${device}' here.`)
  return {
    // The package does not say its version; bench/peers/package.json names it exactly.
    versions: { 'jax-js': packageFile.dependencies['@jax-js/jax'] },
    threads: undefined,
    async open(task) {
      jax.defaultDevice(device)
      const network = new JaxNetwork(jax, denseLayers(initialModel(task)), task.samples)
      return {
        gradients() {
          jax.defaultDevice(device)
          return network.gradients()
        },
        async run(steps) {
          jax.defaultDevice(device)
          const start = performance.now()
          for (let step = 1; step < steps; step++) network.step().dispose()
          const [loss] = await network.step().data()
          return { milliseconds: performance.now() - start, loss: loss! }
        },
        async close() {
          network.dispose()
        },
      }
    },
  }
}
