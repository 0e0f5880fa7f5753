import { afterEach, describe, expect, test, vi } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { requestEngine } from '../../src/engine/request.ts'
import type { EngineRequest } from '../../src/engine/request.ts'
import { createWebGpuEngine } from '../../src/engine/webgpu/engine.ts'
import { ConfigError, UnsupportedError } from '../../src/errors.ts'

/** A navigator whose WebGPU behaves so. What a real adapter does is tested in test/gpu. */
function withGpu(requestAdapter: () => Promise<unknown>): void {
  vi.stubGlobal('navigator', { gpu: { requestAdapter } })
}

afterEach(() => {
  vi.unstubAllGlobals()
})

async function describeEngine(options?: EngineRequest): Promise<{ kind: string; reason: string }> {
  await using engine = await requestEngine(options)
  return engine.description
}

describe('requestEngine', () => {
  test('cpu when asked', async () => {
    const { kind, reason } = await describeEngine({ device: 'cpu' })
    expect(kind).toBe('cpu')
    expect(reason).toMatch(/asked/)
  })

  test('without WebGPU: auto takes the CPU and says why, webgpu is unsupported', async () => {
    vi.stubGlobal('navigator', undefined)
    expect(await describeEngine()).toMatchObject({ kind: 'cpu', reason: 'There is no WebGPU here.' })
    await expect(requestEngine({ device: 'webgpu' })).rejects.toThrow(UnsupportedError)
    vi.stubGlobal('navigator', {})
    expect(await describeEngine()).toMatchObject({ kind: 'cpu' })
    vi.stubGlobal('isSecureContext', false)
    expect((await describeEngine()).reason).toMatch(/https and localhost only/)
  })

  test('no adapter: auto takes the CPU, webgpu is unsupported', async () => {
    withGpu(() => Promise.resolve(null))
    const { kind, reason } = await describeEngine()
    expect(kind).toBe('cpu')
    expect(reason).toMatch(/no hardware GPU/)
    await expect(requestEngine({ device: 'webgpu' })).rejects.toThrow(
      /finds no adapter here\. Use the device 'cpu'/,
    )
  })

  test('a GPU that fails: auto takes the CPU and repeats the cause, webgpu throws it', async () => {
    withGpu(() => Promise.reject(new Error('the GPU process crashed')))
    const { kind, reason } = await describeEngine()
    expect(kind).toBe('cpu')
    expect(reason).toMatch(/the GPU process crashed/)
    await expect(requestEngine({ device: 'webgpu' })).rejects.toThrow('the GPU process crashed')
  })

  test.each([
    [{ devices: 'cpu' }, "requestEngine has no option 'devices'. Did you mean 'device'?"],
    ['webgpu', 'The options of requestEngine are webgpu; give an object'],
    [null, 'The options of requestEngine are null; give an object'],
    [{ gpuDevice: null }, 'The device of an engine is null and no GPUDevice.'],
    [{ gpuDevice: 'discrete' }, 'The device of an engine is of type string and no GPUDevice.'],
    [{ budget: '8' }, 'budget is 8; it must be a positive number of milliseconds'],
  ])('refuses %j, and says what there is', async (options, message) => {
    const refused = requestEngine(options as EngineRequest)
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(message)
  })

  test('engines made without asking refuse what they do not know as well', () => {
    expect(() => createCpuEngine(JSON.parse('{"sind": false}') as object)).toThrow("Did you mean 'simd'?")
    const device = { adapterInfo: {}, createBuffer: () => {}, lost: new Promise(() => {}) }
    const make = (options: object): unknown => createWebGpuEngine(device as unknown as GPUDevice, options)
    expect(() => make({ budjet: 8 })).toThrow("Did you mean 'budget'?")
    expect(() => make({ budget: -1 })).toThrow(/budget is -1; it must be a positive number/)
  })

  test('contradictions', async () => {
    await expect(requestEngine(JSON.parse('{"device": "cuda"}') as EngineRequest)).rejects.toThrow(
      ConfigError,
    )
    await expect(requestEngine({ budget: 0 })).rejects.toThrow(/budget is 0/)
    await expect(
      requestEngine(JSON.parse('{"device": "cpu", "gpuDevice": {}}') as EngineRequest),
    ).rejects.toThrow(ConfigError)
  })
})
