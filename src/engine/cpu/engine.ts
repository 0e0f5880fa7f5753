import { ConfigError, DeviceLostError } from '../../errors.ts'
import { createLayout } from '../../model/shape.ts'
import type { Engine, EngineDescription, MemoryUse, Plan, Session } from '../engine.ts'
import { checkPlan } from '../checks.ts'
import { rowTerms } from './bases.ts'
import { Ledger } from './memory.ts'
import { CpuSession, settle } from './session.ts'
import { arenaAllocator } from './simd/arena.ts'
import { compileSimd, hasSimd } from './simd/instance.ts'
import { createSessionArrays } from './state.ts'

export interface CpuEngineOptions {
  /** Why this engine was chosen, one sentence. */
  readonly reason?: string
  /** The most bytes all open sessions may hold together (default: as many as the process gets). */
  readonly memoryLimit?: number
  /** Whether WebAssembly's vectors are used where the host has them (default: yes); without, plain TypeScript computes. */
  readonly simd?: boolean
}

/** An engine that computes in float64 on the thread that calls it (see engine/remote for a thread of its own). */
export function createCpuEngine(options: CpuEngineOptions = {}): Engine {
  return new CpuEngine(options)
}

/** Throws ConfigError where the plan pins a kernel variant. */
function checkNoKernels({ kernels = {} }: Plan): void {
  const names = kernels === 'tune' ? [] : Object.keys(kernels)
  if (names.length > 0)
    throw new ConfigError(
      `kernels pins ${names.join(', ')}; the CPU engine has no variants. Leave kernels out, or use a WebGPU engine.`,
    )
}

class CpuEngine implements Engine {
  readonly description: EngineDescription
  readonly #ledger: Ledger
  readonly #simd: boolean
  readonly #sessions = new Set<CpuSession>()
  #destroyed = false

  constructor({
    reason = 'The CPU engine was asked for.',
    memoryLimit = Infinity,
    simd = true,
  }: CpuEngineOptions) {
    this.#simd = simd && hasSimd()
    const device = this.#simd ? 'CPU, float64, WebAssembly SIMD' : 'CPU, float64'
    this.description = { kind: 'cpu', device, software: false, reason }
    this.#ledger = new Ledger(memoryLimit)
  }

  async open(plan: Plan): Promise<Session> {
    this.#check()
    const layout = createLayout(plan.layers)
    checkPlan(plan)
    checkNoKernels(plan)
    const modules = this.#simd ? await compileSimd(new Set(layout.layers.map(rowTerms)), false) : undefined
    this.#check()
    const { arrays, release } = this.#ledger.take(
      allocator => createSessionArrays(plan, layout, allocator),
      modules && (footprint => arenaAllocator(modules, footprint)),
    )
    const session = new CpuSession(plan, layout, arrays, () => {
      this.#sessions.delete(session)
      release()
    })
    this.#sessions.add(session)
    return session
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
