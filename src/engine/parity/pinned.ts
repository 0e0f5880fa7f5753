import { ConfigError } from '../../errors.ts'
import type { Engine, KernelChoice, Plan, Session } from '../engine.ts'

/** The engine with steps that are fused where a plan allows it, and passes where not. Who destroys it destroys both. */
export function withFusedSteps(engine: Engine): Engine {
  const [fused, passes] = (['fused', 'passes'] as const).map(steps => pinKernels(engine, { steps }))
  const open = async (plan: Plan): Promise<Session> => {
    try {
      return await fused!.open(plan)
    } catch (error) {
      if (error instanceof ConfigError) return passes!.open(plan)
      throw error
    }
  }
  return { ...fused!, open }
}

/**
 * The engine with kernel variants pinned in every plan; the CPU engine has others and stays as it is. Who destroys it destroys
 * both.
 */
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
