import { ConfigError, DeviceLostError, OutOfMemoryError } from '../../errors.ts'
import { checkOptionNames } from '../../model/optionnames.ts'
import { createLayout } from '../../model/shape.ts'
import type { Layout } from '../../model/shape.ts'
import type { Engine, EngineDescription, MemoryUse, Plan, Session } from '../engine.ts'
import { checkPlan } from '../checks.ts'
import { rowTerms } from './bases.ts'
import { Crew } from './crew/crew.ts'
import type { StartThread } from './crew/crew.ts'
import { checkThreads } from './crew/threads.ts'
import { Ledger } from './memory.ts'
import type { Allocator, Footprint } from './memory.ts'
import { CpuSession, settle } from './session.ts'
import { arenaAllocator } from './simd/arena.ts'
import { compileSimd, hasSimd } from './simd/instance.ts'
import type { SimdModules } from './simd/instance.ts'
import { sharesModels, sliceCount, stepWork } from './slices.ts'
import { createSessionArrays } from './state.ts'
import type { SessionArrays } from './state.ts'

/** How createCpuEngine sets an engine up; every field may be left out. */
export interface CpuEngineOptions {
  /** Why this engine was chosen, one sentence. */
  readonly reason?: string
  /** The most bytes all open sessions may hold together (default: as many as the process gets). */
  readonly memoryLimit?: number
  /** Whether WebAssembly's vectors are used where the host has them (default: yes); without, plain TypeScript computes. */
  readonly simd?: boolean
}

/** How the engine of a host that can start threads is set up (node/threads.ts, remote/worker.ts). */
export interface CrewOptions {
  /** The most threads a session may work with, the engine's own among them. */
  readonly threads: number
  /** Starts the others, in memory that they share. */
  readonly startThread: StartThread
}

/**
 * Multiplications (stepWork) from which a step is shared: about 0.7 ms of one thread, of which waking the others would take a
 * twentieth.
 */
const SHARED_WORK = 2e6

/**
 * An engine that computes in float64 on the thread that calls it (see engine/remote for a thread of its own). Throws ConfigError for
 * options that it does not have.
 */
export function createCpuEngine(options: CpuEngineOptions = {}): Engine {
  checkOptionNames('createCpuEngine', options, optionNames, 'createCpuEngine({ simd: false })')
  return new CpuEngine(options)
}

const optionNames = ['reason', 'memoryLimit', 'simd'] satisfies (keyof CpuEngineOptions)[]

/** The same, sharing long steps among threads: to the same bits. Throws ConfigError for a number of threads that is none. */
export function createCrewEngine(crew: CrewOptions, options: CpuEngineOptions = {}): Engine {
  checkThreads(crew.threads)
  return new CpuEngine(options, crew)
}

/** What computes the layers: vectors of WebAssembly, or TypeScript. Sums are rounded in another order. */
type LayerVariant = 'simd' | 'plain'

/** The variant that the plan pins, or else the faster one. Throws ConfigError where it pins what there is not. */
function chooseLayers({ kernels = {} }: Plan, simd: boolean): LayerVariant {
  const { layers = simd ? 'simd' : 'plain', ...others } = kernels === 'tune' ? {} : kernels
  const names = Object.keys(others)
  if (names.length > 0)
    throw new ConfigError(
      `kernels pins ${names.join(', ')}; the CPU engine has variants of 'layers' only. Leave the others out, or use a WebGPU engine.`,
    )
  if (layers === 'plain' || (layers === 'simd' && simd)) return layers
  throw new ConfigError(
    `kernels pins layers to '${layers}'; here it can be ${simd ? "'simd' or 'plain'" : "'plain', for want of WebAssembly SIMD"}.`,
  )
}

function pinsSimd({ kernels = {} }: Plan): boolean {
  return kernels !== 'tune' && kernels['layers'] === 'simd'
}

class CpuEngine implements Engine {
  readonly description: EngineDescription
  readonly #ledger: Ledger
  readonly #simd: boolean
  readonly #crew: CrewOptions | undefined
  readonly #sessions = new Set<CpuSession>()
  #destroyed = false

  constructor(options: CpuEngineOptions, crew?: CrewOptions) {
    const { reason = 'The CPU engine was asked for.', memoryLimit = Infinity, simd = true } = options
    this.#simd = simd && hasSimd()
    this.#crew = crew
    const threads = this.#mostThreads()
    const device = `CPU, float64${threads > 1 ? `, up to ${threads} threads` : ''}`
    this.description = { kind: 'cpu', device, software: false, reason }
    this.#ledger = new Ledger(memoryLimit)
  }

  async open(plan: Plan): Promise<Session> {
    this.#check()
    const layout = createLayout(plan.layers)
    checkPlan(plan)
    const layers = chooseLayers(plan, this.#simd)
    const threads = layers === 'simd' ? this.#threadsFor(plan, layout) : 1
    const terms = new Set(layout.layers.map(rowTerms))
    const modules = layers === 'simd' ? await compileSimd(terms, threads > 1) : undefined
    this.#check()
    const { arrays, memory, release } = this.#take(plan, layout, modules, threads, threads > 1)
    const crew = this.#startCrew(arrays, memory, modules, release)
    const end = (): void => {
      this.#sessions.delete(session)
      release()
    }
    const session = new CpuSession(plan, layout, arrays, end, { layers: memory ? 'simd' : 'plain' }, crew)
    this.#sessions.add(session)
    return session
  }

  /** A session's arrays, and the memory they lie in where kernels of WebAssembly work on them. */
  #take(
    plan: Plan,
    layout: Layout,
    modules: SimdModules | undefined,
    threads: number,
    shared: boolean,
  ): { arrays: SessionArrays; release: () => void; memory: WebAssembly.Memory | undefined } {
    let memory: WebAssembly.Memory | undefined
    const makeArena =
      modules &&
      ((footprint: Footprint): Allocator => {
        const arena = arenaAllocator(modules, footprint, shared)
        memory = arena.memory
        if (memory === undefined && (threads > 1 || pinsSimd(plan)))
          throw new OutOfMemoryError(
            `kernels pins layers to 'simd', whose session must fit into one WebAssembly memory of at most 4 GiB; it needs ${footprint.bytes} bytes and got none. Leave kernels out, or lower the batch, the width or the number of models.`,
          )
        return arena
      })
    try {
      const taken = this.#ledger.take(
        allocator => createSessionArrays(plan, layout, allocator, threads),
        makeArena,
      )
      return { ...taken, memory }
    } catch (error) {
      if (threads === 1 || !(error instanceof OutOfMemoryError)) throw error
      // Every thread has scratch of its own: for one alone there may be room.
      return this.#take(plan, layout, modules, 1, shared)
    }
  }

  #startCrew(
    arrays: SessionArrays,
    memory: WebAssembly.Memory | undefined,
    modules: SimdModules | undefined,
    release: () => void,
  ): Crew | undefined {
    if (arrays.lanes.length === 1 || !memory || !modules || !this.#crew) return undefined
    try {
      return new Crew(arrays, memory, modules, this.#crew.startThread)
    } catch (error) {
      release()
      throw error
    }
  }

  /** As many threads as there are tasks in a step, and 1 where a step is shorter than sharing it would take. */
  #threadsFor(plan: Plan, layout: Layout): number {
    const most = this.#mostThreads()
    if (most === 1 || plan.rows === 0 || stepWork(plan, layout) < SHARED_WORK) return 1
    const tasks = sharesModels(plan) ? plan.models : sliceCount(plan, layout)
    return Math.min(most, tasks)
  }

  /** Threads share memory, and kernels of WebAssembly that work on it. */
  #mostThreads(): number {
    return this.#crew && this.#simd && typeof SharedArrayBuffer !== 'undefined' ? this.#crew.threads : 1
  }

  #check(): void {
    if (this.#destroyed) throw new DeviceLostError('The engine was destroyed; create a new one.')
  }

  memory(): Promise<MemoryUse> {
    return settle(() => this.#ledger.use)
  }

  destroy(): Promise<void> {
    return settle(() => {
      this.#destroyed = true
      for (const session of this.#sessions) session.destroy()
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }
}
