import { ConfigError, DeviceLostError } from '../../errors.ts'
import { checkOptionNames } from '../../model/optionnames.ts'
import type { Engine, EngineDescription, MemoryUse, Plan, Session } from '../engine.ts'
import { adapterName, hostGpu, isSoftware } from './adapter.ts'
import { DeviceMemory } from './memory.ts'
import { Pipelines } from './pipelines.ts'
import { GpuSession } from './session.ts'
import { deviceTraits, usefulFeatures } from './traits.ts'
import { Tuner } from './tuning.ts'
import type { DeviceTraits } from './variants.ts'

export interface WebGpuOptions {
  /** Milliseconds of GPU work a submission may hold: 8 keeps a page smooth, 100 suits a program without one. */
  readonly budget?: number
  /** Why this engine was chosen, for its description. */
  readonly reason?: string
}

/** Not by instanceof: another frame and another binding have classes of their own. */
function checkDevice(device: unknown): void {
  if (typeof device === 'object' && device !== null && 'adapterInfo' in device && 'createBuffer' in device)
    return
  throw new ConfigError(
    `The device of an engine is ${device === null ? 'null' : `of type ${typeof device}`} and no GPUDevice. Give what ` +
      `adapter.requestDevice() resolves with, or use requestEngine().`,
  )
}

const optionNames = ['budget', 'reason'] satisfies (keyof WebGpuOptions)[]

/** Milliseconds a submission: short where a page waits for the same GPU, long where nobody looks (Chrome may kill seconds). */
const SMOOTH = 8
const PATIENT = 100

/** A page, or a worker of one. */
function inBrowser(): boolean {
  return typeof document !== 'undefined' || 'WorkerGlobalScope' in globalThis
}

class WebGpuEngine implements Engine {
  readonly description: EngineDescription
  readonly #device: GPUDevice
  readonly #ownsDevice: boolean
  readonly #memory: DeviceMemory
  readonly #pipelines: Pipelines
  readonly #traits: DeviceTraits
  readonly #tuner: Tuner
  readonly #budget: number
  readonly #sessions = new Set<Session>()
  #lost: string | undefined
  #fault: string | undefined

  constructor(device: GPUDevice, gpu: GPU | undefined, ownsDevice: boolean, options: WebGpuOptions) {
    const { adapterInfo } = device
    const software = isSoftware(adapterInfo)
    this.description = {
      kind: 'webgpu',
      device: adapterName(adapterInfo),
      software,
      reason: options.reason ?? (ownsDevice ? 'a WebGPU adapter was found' : 'the caller gave its GPUDevice'),
    }
    this.#device = device
    this.#ownsDevice = ownsDevice
    this.#memory = new DeviceMemory(device)
    this.#pipelines = new Pipelines(device)
    this.#traits = deviceTraits(device, gpu?.wgslLanguageFeatures)
    this.#tuner = new Tuner(plan => this.open(plan), this.#traits)
    this.#budget = options.budget ?? (inBrowser() ? SMOOTH : PATIENT)
    // A caller's device may have errors that are not ours.
    if (ownsDevice)
      device.addEventListener('uncapturederror', ({ error }) => {
        this.#fault ??= error.message
      })
    void this.#watch()
  }

  async open(plan: Plan): Promise<Session> {
    this.#check()
    const session = await GpuSession.open(
      {
        device: this.#device,
        memory: this.#memory,
        pipelines: this.#pipelines,
        traits: this.#traits,
        budget: this.#budget,
        tune: asked => this.#tuner.choose(asked),
        check: () => this.#check(),
        closed: closed => this.#sessions.delete(closed),
      },
      plan,
    )
    this.#sessions.add(session)
    return session
  }

  async memory(): Promise<MemoryUse> {
    return this.#memory.use()
  }

  async destroy(): Promise<void> {
    await Promise.all(Array.from(this.#sessions, session => session.close()))
    this.#lost ??= 'This engine was destroyed. Request a new one; models are unharmed.'
    if (this.#ownsDevice) this.#device.destroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }

  /** After a loss createBuffer and submit do not throw, so every call looks at this flag first. */
  async #watch(): Promise<void> {
    const { reason, message } = await this.#device.lost
    const details = message ? `${reason}: ${message}` : reason
    this.#lost ??= `The GPU was lost (${details}). Request a new engine; models are unharmed.`
  }

  #check(): void {
    if (this.#lost !== undefined) throw new DeviceLostError(this.#lost)
    if (this.#fault !== undefined) throw new Error(`WebGPU refused a command: ${this.#fault}`)
  }
}

/** Refuses a budget that is no time. Throws ConfigError. */
export function checkBudget(budget: number | undefined): void {
  if (budget === undefined || (typeof budget === 'number' && Number.isFinite(budget) && budget > 0)) return
  throw new ConfigError(
    `budget is ${budget}; it must be a positive number of milliseconds, such as 8. Leave it out for the usual one.`,
  )
}

/**
 * An engine on the caller's own device, which is never destroyed by it. Throws ConfigError for a device that is none, and for options
 * that it does not have.
 */
export function createWebGpuEngine(device: GPUDevice, options: WebGpuOptions = {}): Engine {
  checkDevice(device)
  checkOptionNames('createWebGpuEngine', options, optionNames, 'createWebGpuEngine(device, { budget: 8 })')
  checkBudget(options.budget)
  return new WebGpuEngine(device, hostGpu(), false, options)
}

/**
 * An engine on a device of its own, or undefined when there is no adapter, or only a software one and those are refused.
 * Buffer limits are raised to the adapter's, so that large batches fit, and subgroups asked for where there are any; everything
 * else stays at WebGPU's defaults.
 */
export async function requestWebGpuEngine(
  options: WebGpuOptions & { readonly gpu: GPU; readonly software: 'refuse' | 'allow' },
): Promise<Engine | undefined> {
  const adapter = await options.gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter || (options.software === 'refuse' && isSoftware(adapter.info))) return undefined
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits
  const device = await adapter.requestDevice({
    requiredFeatures: usefulFeatures(adapter),
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  })
  return new WebGpuEngine(device, options.gpu, true, options)
}
