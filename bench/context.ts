import type { Engine, KernelChoice } from '../src/engine/engine.ts'
import type { GpuBench } from './gpu.ts'
import type { Ledger } from './ledger.ts'
import type { Peer } from './peers/peer.ts'
import type { Pace } from './timing.ts'

/** What the measurements of one run share. */
export interface Context {
  readonly ledger: Ledger
  readonly pace: Pace
  /** Fewer shapes. */
  readonly quick: boolean
  /** Our engines; undefined where there is none, or where it was not asked for. */
  readonly gpu: GpuBench | undefined
  readonly cpu: Engine | undefined
  /** Opens one more engine on a device of its own, to time how long that takes. Destroy it. */
  readonly openGpu: () => Promise<GpuBench>
  readonly openCpu: () => Promise<Engine>
  /** Those that can run here. */
  readonly peers: readonly Peer[]
  /** Pinned kernel variants. */
  readonly kernels: KernelChoice | undefined
  /** Names of shapes to look at; undefined: all. */
  readonly shapes: ReadonlySet<string> | undefined
}
