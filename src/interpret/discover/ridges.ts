import type { KANOptions } from '../../model/config.ts'
import type { Judge } from './judge.ts'
import type { TargetRows } from './rows.ts'
import type { Structure } from './structures.ts'

/**
 * Sums of functions of products of powers, f1(P1) + f2(P2), whose first edges are lines of logarithms: what laws look like after
 * dimensional analysis (Buckingham, "On physically similar systems", Physical Review 4, 1914), a power of each column times a
 * function of a product without a unit. Of the logarithm of the target f1 is a line where the first product is a factor. A network
 * with curves there fits the same rows with other curves, which no function explains.
 */
export function ridges(inputs: number): Structure {
  return {
    inputs,
    layers: [
      { sums: ['all', 'all'], products: [] },
      { sums: ['all'], products: [] },
    ],
    starts: 8,
    ridges: true,
  }
}

/** Grids, degrees and bases of a structure's layers, of so many intervals. */
export function splinesOf(
  structure: Structure,
  intervals: number,
): Pick<KANOptions, 'grid' | 'degree' | 'base'> {
  const grid = gridOf(structure, intervals)
  return structure.ridges === true ? { grid, degree: [1, 3], base: ['zero', 'silu'] } : { grid }
}

/** Intervals for a structure's layers, of so many where there are curves. */
export function gridOf({ ridges: hasLines }: Structure, intervals: number): number | readonly number[] {
  return hasLines === true ? [1, intervals] : intervals
}

/** Whether ridges suit the rows: logarithms are judged, and every column of several has one. */
export function suitsRidges({ names, x }: TargetRows, { log }: Judge): boolean {
  return log && names.length > 1 && x.every(value => value > 0)
}
