import { createCpuEngine, createCrewEngine } from '../engine/cpu/engine.ts'
import type { Engine } from '../engine/engine.ts'
import { ConfigError, UnsupportedError } from '../errors.ts'
import { checkThreads } from '../engine/cpu/crew/threads.ts'
import { checkDevice } from '../engine/request.ts'
import type { DeviceRequest } from '../engine/request.ts'
import { checkOptionNames } from '../model/optionnames.ts'
import type { Attempt, SoftwareAdapters } from './attempt.ts'
import { tryChrome } from './chrome.ts'
import { tryDawn } from './dawn.ts'
import { mayHaveGpu } from './gpu-device-files.ts'
import { sessionMemory } from './memory.ts'
import { cpuThreads } from './threads.ts'

/** Where to compute: a hardware GPU or else the CPU; any WebGPU adapter, software ones included; the CPU. */
export type NodeDevice = DeviceRequest

/** What requestNodeEngine is asked for. */
export interface NodeEngineRequest {
  /** Default 'auto'. */
  readonly device?: NodeDevice
  /**
   * The most threads of the CPU engine, its own among them; 1: no others (default: one a core). Only long steps are shared, and
   * their number changes no result. On a GPU it means nothing.
   */
  readonly threads?: number
}

const optionNames = ['device', 'threads'] satisfies (keyof NodeEngineRequest)[]

/**
 * An engine for a program without a page. WebGPU comes from Dawn's Node binding (npm package `webgpu`) when it is
 * installed and finds an adapter, else from headless Chrome (npm package `puppeteer`); `description.reason` says what was
 * chosen and why. Destroy it at the end: it may hold a browser.
 *
 * @throws ConfigError for options that it does not have, or that contradict each other; UnsupportedError for 'webgpu' where there is no
 * adapter, naming what was tried
 */
export async function requestNodeEngine(options: NodeEngineRequest = {}): Promise<Engine> {
  checkOptionNames('requestNodeEngine', options, optionNames, "requestNodeEngine({ device: 'webgpu' })")
  const { device = 'auto', threads } = options
  checkDevice(device)
  if (threads !== undefined) checkThreads(threads)
  if (threads !== undefined && device === 'webgpu')
    throw new ConfigError(
      `threads is ${threads}, but device is 'webgpu', and threads are the CPU engine's; leave one of them out.`,
    )
  if (device === 'cpu') return cpuEngine('The CPU was asked for.', threads)
  const refusals = new Set<string>()
  // On a machine without a GPU a search for hardware would start Chrome for nothing.
  const rounds = [
    ...(mayHaveGpu() ? (['refuse'] as const) : []),
    ...(device === 'webgpu' ? (['allow'] as const) : []),
  ]
  for (const software of rounds) {
    for (const [host, attempt] of hosts) {
      const tried = await attempt(software)
      if ('engine' in tried) return tried.engine
      refusals.add(`${host}: ${tried.refused}`)
    }
  }
  const tried = [...refusals].join('; ')
  if (device === 'auto') return cpuEngine(`No hardware GPU (${tried || noDeviceFiles}).`, threads)
  throw new UnsupportedError(`No WebGPU adapter (${tried}). Use the device cpu, which needs no GPU.`)
}

const noDeviceFiles = 'there is no /dev/dri, /dev/nvidia* or /dev/dxg'

/** Dawn first: it starts in milliseconds and needs no second process. */
const hosts: readonly (readonly [string, (software: SoftwareAdapters) => Promise<Attempt>])[] = [
  ['Dawn', tryDawn],
  ['Chrome', tryChrome],
]

function cpuEngine(reason: string, threads: number | undefined): Engine {
  const options = { reason, memoryLimit: sessionMemory() }
  const crew = cpuThreads(threads)
  return crew ? createCrewEngine(crew, options) : createCpuEngine(options)
}
