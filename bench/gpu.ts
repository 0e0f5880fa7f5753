/** Our engine on a GPU, with its device at hand: the same in a page and in Node. */
import type { Engine } from '../src/engine/engine.ts'
import { requestWebGpuEngine } from '../src/engine/webgpu/engine.ts'
import { UnsupportedError } from '../src/errors.ts'
import { overriding, Tape } from './tape.ts'

/** An engine, the device that it computes on, and the tape that listens in. */
export interface GpuBench {
  readonly engine: Engine
  readonly device: GPUDevice
  readonly tape: Tape
}

/** Milliseconds of GPU work a submission, as in a program without a page. */
const BUDGET = 100

/**
 * Opens the engine as a program does, on a device of its own, which has timestamps beside what the engine asks for, where there are
 * any. Destroy the engine at the end. Throws UnsupportedError where there is no adapter that will do.
 */
export async function openGpu(gpu: GPU, software: 'refuse' | 'allow'): Promise<GpuBench> {
  const tape = new Tape()
  let device: GPUDevice | undefined
  const listening: GPU = overriding(gpu, {
    async requestAdapter(options) {
      const adapter = await gpu.requestAdapter(options)
      if (!adapter) return null
      return overriding(adapter, {
        async requestDevice(descriptor = {}) {
          const timestamps = adapter.features.has('timestamp-query') ? (['timestamp-query'] as const) : []
          const requiredFeatures = [...(descriptor.requiredFeatures ?? []), ...timestamps]
          device = await adapter.requestDevice({ ...descriptor, requiredFeatures })
          return tape.listen(device)
        },
      })
    },
  })
  const engine = await requestWebGpuEngine({ gpu: listening, software, budget: BUDGET })
  if (!engine || !device)
    throw new UnsupportedError(
      software === 'refuse'
        ? 'There is no hardware adapter. Without --no-software a software adapter will do.'
        : 'There is no WebGPU adapter.',
    )
  return { engine, device, tape }
}
