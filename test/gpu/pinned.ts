import type { Engine, Plan } from '../../src/engine/engine.ts'
import { fusedShape } from '../../src/engine/webgpu/fused.ts'
import { createLayout } from '../../src/model/shape.ts'

/** An engine that runs fused steps wherever a plan can have them, and how many sessions could. It destroys the other one. */
export function pinFused(engine: Engine): { engine: Engine; opened: () => number } {
  let opened = 0
  const pin = (plan: Plan): Plan => {
    if (plan.layers.length === 0 || fusedShape(plan, createLayout(plan.layers)) === undefined) return plan
    opened++
    const pinned = plan.kernels === 'tune' ? {} : plan.kernels
    return { ...plan, kernels: { ...pinned, steps: 'fused' } }
  }
  return {
    engine: {
      description: engine.description,
      open: plan => engine.open(pin(plan)),
      memory: () => engine.memory(),
      destroy: () => engine.destroy(),
      [Symbol.asyncDispose]: () => engine.destroy(),
    },
    opened: () => opened,
  }
}
