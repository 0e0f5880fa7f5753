import { JaxNetwork } from './jax-step.ts'
import { denseLayers, initialModel } from './network.ts'
import type { PeerTask, PeerTrainer } from './peer.ts'

/** A trainer on the device of jax-js that is set. */
export function openJax(jax: typeof import('@jax-js/jax'), task: PeerTask): PeerTrainer {
  const network = new JaxNetwork(jax, denseLayers(initialModel(task)), task.samples)
  return {
    gradients: () => network.gradients(),
    async run(steps) {
      const start = performance.now()
      for (let step = 1; step < steps; step++) network.step().dispose()
      const [loss] = await network.step().data()
      return { milliseconds: performance.now() - start, loss: loss! }
    },
    async close() {
      network.dispose()
    },
  }
}
