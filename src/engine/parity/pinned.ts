import type { Engine, KernelChoice } from '../engine.ts'

/** The engine with kernel variants pinned in every plan; the CPU engine has others and stays as it is. Who destroys it destroys both. */
export function pinKernels(engine: Engine, kernels: KernelChoice): Engine {
  if (engine.description.kind === 'cpu') return engine
  return {
    description: engine.description,
    open: plan => engine.open({ ...plan, kernels }),
    memory: () => engine.memory(),
    destroy: () => engine.destroy(),
    [Symbol.asyncDispose]: () => engine.destroy(),
  }
}
