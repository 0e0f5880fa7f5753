/** How many times longer a peer takes than we do, from one run's medians. */
import { OURS } from './figure.ts'
import type { Figure } from './figure.ts'
import type { BenchFile } from './results.ts'

/** A peer's figure beside ours. */
export interface Ratio {
  readonly group: string
  readonly name: string
  readonly peer: string
  readonly ours: string
  /** Peer's median / our median: above 1 we are faster. */
  readonly ratio: number
}

/** The figure of ours that a peer's is compared with: same group, same name, the side that the peer stands beside. */
function oursBeside(
  { figures, peers }: Pick<BenchFile, 'figures' | 'peers'>,
  figure: Figure,
): Figure | undefined {
  const peer = peers.find(({ name }) => name === figure.side)
  if (!peer) return undefined
  const side = OURS[peer.beside]
  return figures.find(
    other => other.group === figure.group && other.name === figure.name && other.side === side,
  )
}

/** All ratios of a run, in the order of its figures. Only times compare: a figure in another unit has no ratio. */
export function ratiosOf(file: Pick<BenchFile, 'figures' | 'peers'>): Ratio[] {
  return file.figures.flatMap(figure => {
    const ours = oursBeside(file, figure)
    if (!ours || figure.unit !== 'ms' || ours.unit !== 'ms') return []
    const { group, name, side: peer, spread } = figure
    return { group, name, peer, ours: ours.side, ratio: spread.median / ours.spread.median }
  })
}
