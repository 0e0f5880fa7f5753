import type { KANOptions } from '../../../model/config.ts'
import type { Structure } from '../structures/structures.ts'

/** Grids, degrees and bases of a structure's layers, of so many intervals. */
export function splinesOf(
  structure: Structure,
  intervals: number,
): Pick<KANOptions, 'grid' | 'degree' | 'base'> {
  const grid = gridOf(structure, intervals)
  if (structure.lines === true) return { grid, degree: [3, 1], base: ['silu', 'identity'] }
  return structure.ridges === true ? { grid, degree: [1, 3], base: ['zero', 'silu'] } : { grid }
}

/** Intervals for a structure's layers, of so many where there are curves. */
export function gridOf({ ridges, lines }: Structure, intervals: number): number | readonly number[] {
  if (lines === true) return [intervals, 1]
  return ridges === true ? [1, intervals] : intervals
}
