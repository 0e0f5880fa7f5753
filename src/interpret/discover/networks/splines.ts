import type { KANOptions } from '../../../model/config.ts'
import type { Structure } from '../structures/structures.ts'

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
