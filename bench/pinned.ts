/** Pinned kernel variants, for the engines that know them. */
import type { KernelChoice, Plan } from '../src/engine/engine.ts'

/** What `--kernel` says: variants by name, or that the engine finds out. */
export type Pinned = KernelChoice | 'tune' | undefined

export interface PinnedKernels {
  readonly gpu: Plan['kernels']
  /** The CPU's engine times nothing beforehand: 'tune' is not for it. */
  readonly cpu: KernelChoice | undefined
}

/** The CPU's engine has variants of 'layers' only, the GPU's of everything else; each refuses what it does not know. */
export function pinnedFor(pinned: Pinned): PinnedKernels {
  if (pinned === undefined || pinned === 'tune') return { gpu: pinned, cpu: undefined }
  const choose = (onCpu: boolean): KernelChoice | undefined => {
    const chosen = Object.entries(pinned).filter(([kernel]) => (kernel === 'layers') === onCpu)
    return chosen.length > 0 ? Object.fromEntries(chosen) : undefined
  }
  return { gpu: choose(false), cpu: choose(true) }
}
