import { FEWEST_TO_SPLIT, splitRows } from '../../data/split.ts'
import type { Samples } from '../../train/options.ts'

/** Rows of a table with one target, in its own units. */
export interface TargetRows {
  /** Names of the inputs, in the order of x's columns. */
  readonly names: readonly string[]
  /** [rows][inputs]. */
  readonly x: Float64Array
  /** [rows]. */
  readonly y: Float64Array
  /** How much each row counts, more than 0, [rows]; left out where all count the same. */
  readonly weights?: Float64Array
  readonly rows: number
}

/** Those rows, in the order given. */
export function pickRows({ names, x, y, weights }: TargetRows, chosen: ArrayLike<number>): TargetRows {
  const inputs = names.length
  const picked = new Float64Array(chosen.length * inputs)
  const targets = new Float64Array(chosen.length)
  for (let r = 0; r < chosen.length; r++) {
    const row = chosen[r]!
    targets[r] = y[row]!
    for (let i = 0; i < inputs; i++) picked[r * inputs + i] = x[row * inputs + i]!
  }
  const rows = chosen.length
  if (weights === undefined) return { names, x: picked, y: targets, rows }
  return { names, x: picked, y: targets, rows, weights: Float64Array.from(chosen, row => weights[row]!) }
}

/** At most so many of the rows: the first ones, as a split has shuffled or a sampler drawn them. */
export function firstRows(table: TargetRows, most: number): TargetRows {
  if (table.rows <= most) return table
  const { names, x, y, weights } = table
  return {
    names,
    x: x.subarray(0, most * names.length),
    y: y.subarray(0, most),
    rows: most,
    ...(weights && { weights: weights.subarray(0, most) }),
  }
}

/** The search itself looks at no more rows than these; constants are fitted to all in the end. */
const MOST_ROWS = 5000

/** A fifth of the rows, at random by the seed, to judge by; the others to fit to. Of many rows some are left out of both. */
export function splitForSearch(
  table: TargetRows,
  seed: number,
): { readonly training: TargetRows; readonly validation: TargetRows; readonly heldOut: boolean } {
  if (table.rows < FEWEST_TO_SPLIT) return { training: table, validation: table, heldOut: false }
  const most = Math.min(1, MOST_ROWS / table.rows)
  const { train } = splitRows(table.rows, { test: 1 - most, validation: 0, seed })
  const some = most < 1 ? pickRows(table, train) : table
  const split = splitRows(some.rows, { test: 0, validation: 0.2, seed })
  return {
    training: pickRows(some, split.train),
    validation: pickRows(some, split.validation),
    heldOut: true,
  }
}

/** The rows as fit and evaluate take them, with another target for each. */
export function samplesOf({ x, y, weights }: TargetRows, forward: (y: number) => number): Samples {
  return { x, y: y.map(forward), ...(weights && { weights }) }
}
