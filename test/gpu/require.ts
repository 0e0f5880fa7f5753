import { afterAll, beforeAll } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { requestWebGpuEngine } from '../../src/engine/webgpu/engine.ts'

/** The page's WebGPU engine. Without an adapter the test fails: GPU tests are never skipped. */
export async function requireGpuEngine(): Promise<Engine> {
  const engine = await requestWebGpuEngine({ gpu: navigator.gpu, software: 'allow', budget: 100 })
  if (!engine) throw new Error('This browser has no WebGPU adapter, so the GPU tests cannot run.')
  return engine
}

/** The WebGPU engine, and the CPU engine that judges it, for all tests of the block that calls this; not before its first one. */
export function bothEngines(): { readonly gpu: Engine; readonly cpu: Engine } {
  let gpu: Engine | undefined
  const cpu = createCpuEngine()
  beforeAll(async () => {
    gpu = await requireGpuEngine()
  })
  afterAll(async () => {
    await gpu?.destroy()
    await cpu.destroy()
  })
  return {
    get gpu() {
      if (gpu === undefined) throw new Error('the engine is made before the first test')
      return gpu
    },
    cpu,
  }
}
