import { ConfigError, UnsupportedError } from '../errors.ts'
import { checkOptionNames } from '../model/optionnames.ts'
import { createCpuEngine } from './cpu/engine.ts'
import type { Engine } from './engine.ts'
import { hostGpu } from './webgpu/adapter.ts'
import { checkBudget, createWebGpuEngine, requestWebGpuEngine } from './webgpu/engine.ts'

const devices = ['auto', 'webgpu', 'cpu'] as const

/** A kind of device to ask for. */
export type DeviceRequest = (typeof devices)[number]

/** Refuses a device that is none. Throws ConfigError. */
export function checkDevice(device: unknown): asserts device is DeviceRequest {
  if (!devices.some(each => each === device))
    throw new ConfigError(`device is '${String(device)}'; choose 'auto', 'webgpu' or 'cpu'.`)
}

export interface EngineRequest {
  /**
   * 'auto' (default): a hardware GPU where there is one, else the CPU, which outruns a GPU that it emulates; 'webgpu': any
   * adapter, emulated ones too; 'cpu': the CPU.
   */
  readonly device?: DeviceRequest
  /** A device of the caller's own: used as it is, and never destroyed by the engine. */
  readonly gpuDevice?: GPUDevice
  /** Milliseconds of GPU work a submission: about 8 keeps a page smooth, 100 is for programs without one. */
  readonly budget?: number
}

const optionNames = ['device', 'gpuDevice', 'budget'] satisfies (keyof EngineRequest)[]

/**
 * An engine for this page, worker or program. `description` says what was chosen and why. (In Node without WebGPU globals
 * this is the CPU: `webkan/node` finds a GPU there.)
 *
 * @throws ConfigError for options that it does not have, or that contradict each other; UnsupportedError for 'webgpu' where there is
 * no adapter
 */
export async function requestEngine(options: EngineRequest = {}): Promise<Engine> {
  checkOptionNames('requestEngine', options, optionNames, "requestEngine({ device: 'webgpu' })")
  const { device = 'auto', gpuDevice, budget } = options
  checkDevice(device)
  checkBudget(budget)
  const limits = budget === undefined ? {} : { budget }
  if (gpuDevice !== undefined) {
    if (device === 'cpu')
      throw new ConfigError(`device is 'cpu', but a gpuDevice was given as well; leave one of them out.`)
    return createWebGpuEngine(gpuDevice, { ...limits, reason: 'The device was handed in.' })
  }
  if (device === 'cpu') return createCpuEngine()
  const gpu = hostGpu()
  if (device === 'webgpu') {
    const reason = 'WebGPU was asked for.'
    const engine = gpu && (await requestWebGpuEngine({ gpu, software: 'allow', ...limits, reason }))
    if (engine) return engine
    throw new UnsupportedError(
      `${gpu ? 'WebGPU finds no adapter here.' : missingWebGpu()} Use the device 'cpu', or 'auto'.`,
    )
  }
  if (!gpu) return createCpuEngine({ reason: missingWebGpu() })
  try {
    const reason = 'There is a hardware GPU.'
    const engine = await requestWebGpuEngine({ gpu, software: 'refuse', ...limits, reason })
    return (
      engine ??
      createCpuEngine({ reason: 'WebGPU finds no hardware GPU here: none, or one that the CPU emulates.' })
    )
  } catch (error) {
    // A GPU that cannot be used now (crashed, blocked, too little memory) must not keep anyone from training.
    return createCpuEngine({
      reason: `The GPU cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    })
  }
}

function missingWebGpu(): string {
  return 'isSecureContext' in globalThis && !globalThis.isSecureContext
    ? 'Browsers offer WebGPU on https and localhost only, and this page is on neither.'
    : 'There is no WebGPU here.'
}
