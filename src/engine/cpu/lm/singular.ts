/**
 * What keeps singular places of symbolic edges' functions (poles, and the ends of what exists) from coming between rows. A row
 * on the wrong side of a pole may have a smaller loss: with 12 rows of 1/(t + 0.05), 1/(t + 0.05)^2, .. and noise, 21 of 144 fits
 * jumped over one, and predicted without bounds in between.
 */
import { countBetween } from '../../../formula/singular.ts'
import type { Network } from '../network.ts'

/** Forgets which values the functions' arguments had. */
export function clearRanges({ symbolic }: Network): void {
  for (let l = 0; l < symbolic.length; l++) {
    const { ranges } = symbolic[l]!
    for (let at = 0; at < ranges.length; at += 2) {
      ranges[at] = Infinity
      ranges[at + 1] = -Infinity
    }
  }
}

/** Counts the singular places between all rows that went forward since clearRanges: a fit may begin with some, as 1/x on both sides. */
export function countInside({ symbolic }: Network): void {
  for (let l = 0; l < symbolic.length; l++) {
    const { edges, ranges, inside } = symbolic[l]!
    for (let e = 0; e < edges.length; e++) {
      const { singular } = edges[e]!.formula
      if (singular !== undefined) inside[e] = countBetween(singular, ranges[2 * e]!, ranges[2 * e + 1]!)
    }
  }
}

/** Whether an edge has more singular places between the rows that went forward since clearRanges than were counted; marks it. */
export function markEntered({ symbolic }: Network): boolean {
  let entered = false
  for (let l = 0; l < symbolic.length; l++) {
    const { edges, ranges, inside, left } = symbolic[l]!
    for (let e = 0; e < edges.length; e++) {
      const { singular } = edges[e]!.formula
      if (singular === undefined) continue
      if (countBetween(singular, ranges[2 * e]!, ranges[2 * e + 1]!) <= inside[e]!) continue
      left[e] = 1
      entered = true
    }
  }
  return entered
}
