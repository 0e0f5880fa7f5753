import type { Engine } from '../../src/engine/engine.ts'
import { requestWebGpuEngine } from '../../src/engine/webgpu/engine.ts'

/** The page's WebGPU engine. Without an adapter the test fails: GPU tests are never skipped. */
export async function requireGpuEngine(): Promise<Engine> {
  const engine = await requestWebGpuEngine({ gpu: navigator.gpu, software: 'allow', budget: 100 })
  if (!engine) throw new Error('This browser has no WebGPU adapter, so the GPU tests cannot run.')
  return engine
}
