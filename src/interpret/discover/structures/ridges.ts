import { column } from '../../../model/forward.ts'
import type { Judge } from '../judging/judge.ts'
import type { TargetRows } from '../rows.ts'
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

/** Whether ridges suit these columns of the rows: logarithms are judged, and every column of several has one. */
export function suitsRidges({ names, x }: TargetRows, columns: readonly number[], { log }: Judge): boolean {
  const inputs = names.length
  return log && columns.length > 1 && columns.every(i => column(x, inputs, i).every(value => value > 0))
}

/** Whether a structure takes the logarithm of this column: ridges do of theirs, which are not constant or repeated ones. */
export function hasLogarithm({ ridges: hasLines, layers }: Structure, column: number): boolean {
  return hasLines === true && layers[0]!.sums.some(own => own === 'all' || own.includes(column))
}
