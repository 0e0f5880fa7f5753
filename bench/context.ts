import type { Engine } from '../src/engine/engine.ts'
import type { GpuBench } from './gpu.ts'
import type { PinnedKernels } from './pinned.ts'
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
  /** Whether software adapters will do. */
  readonly software: 'refuse' | 'allow'
  /** Those that can run here. */
  readonly peers: readonly Peer[]
  /** Pinned kernel variants, for the engines that know them; 'tune': those that the GPU's engine finds. */
  readonly kernels: PinnedKernels
  /** Names of shapes to look at; undefined: all. */
  readonly shapes: ReadonlySet<string> | undefined
}
