import type { Network } from '../network.ts'
import type { Curvature } from './curvature.ts'
import type { LevenbergScratch } from './step.ts'

/** Forgets which symbolic edges had rows outside their functions' domains. */
export function clearLeft({ symbolic }: Network): void {
  for (let l = 0; l < symbolic.length; l++) symbolic[l]!.left.fill(0)
}

/**
 * Takes a and b of the edges that left their functions' domains in a step's trials out of the `count` parameters that are seen;
 * returns how many are left. The end of a domain stops every joint step, however short, once a row lies on it (sqrt(a x + b)
 * with a row at 0 pulls b to where that row is NaN). c, d and all others then go on without a and b, and with them again in the
 * next step.
 */
export function holdEdges(
  { layout, symbolic }: Network,
  { numberOf }: Curvature,
  { seen, before }: LevenbergScratch,
  count: number,
): number {
  let free = 0
  for (let s = 0; s < count; s++) {
    let held = false
    for (let l = 0; l < symbolic.length && !held; l++) {
      const { left } = symbolic[l]!
      for (let e = 0; e < left.length && !held; e++) {
        const a = numberOf[layout.layers[l]!.affine + 4 * e]!
        held = left[e] === 1 && a >= 0 && (seen[s] === a || seen[s] === a + 1)
      }
    }
    if (held) continue
    before[free] = before[s]!
    seen[free++] = seen[s]!
  }
  return free
}
