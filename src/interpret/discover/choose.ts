import { evaluateRows, size } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { freeNumbers } from '../constants.ts'
import { polishOn } from '../polish.ts'
import { ColumnTable } from '../problem.ts'
import { EXACT } from './combine.ts'
import type { Ground } from './grow.ts'
import type { Found } from './search.ts'

/** A formula fitted to all training rows. */
export interface Rival {
  readonly expression: Expression
  readonly complexity: number
  /** Mean squared error on the validation rows, without a unit, and its standard error. */
  readonly mean: number
  readonly deviation: number
  readonly from: Found['from']
}

/** Formulas of the list, at most. */
const MOST = 10

/** Those that no other one beats in both complexity and error, the simplest first. */
export function paretoFront<T>(all: readonly T[], cost: (one: T) => number, error: (one: T) => number): T[] {
  const front: T[] = []
  let best = Infinity
  for (const one of all.toSorted((a, b) => cost(a) - cost(b) || error(a) - error(b)))
    if (error(one) < best) {
      best = error(one)
      front.push(one)
    }
  return front
}

/**
 * The front of a search's formulas, their constants fitted to all training rows, and the place of the one to choose: the simplest
 * that is exact; else the simplest whose mean squared error on the validation rows is within one standard error of the least
 * (Breiman, Friedman, Olshen and Stone, "Classification and regression trees", 1984, section 3.4.3). Where no rows were held
 * out, the training rows' error stands in, times n / (n - p) for p fitted numbers.
 */
export function rivals(
  found: readonly Found[],
  ground: Ground,
): { readonly front: Rival[]; readonly chosen: number } {
  const { training, judge } = ground
  const table = new ColumnTable(training.names, training.x, training.y, training.rows)
  const first = paretoFront(
    found,
    one => one.complexity,
    one => one.error,
  )
  const fitted = first.slice(-2 * MOST).map(({ expression, from }): Rival => {
    const polished = polishOn(table, expression, { relative: judge.relative }).expression
    return { expression: polished, complexity: size(polished), from, ...squaredError(polished, ground) }
  })
  const front = paretoFront(
    fitted,
    one => one.complexity,
    one => one.mean,
  ).slice(-MOST)
  const best = front.at(-1)
  if (best === undefined) return { front, chosen: -1 }
  const exact = front.findIndex(({ mean }) => Math.sqrt(mean) <= EXACT)
  const limit = best.mean + best.deviation
  return { front, chosen: exact >= 0 ? exact : front.findIndex(({ mean }) => mean <= limit) }
}

function squaredError(expression: Expression, ground: Ground): { mean: number; deviation: number } {
  const { validation, heldOut, judge } = ground
  const { names, x, y, rows } = validation
  const values = evaluateRows(expression, names, x, rows)
  const mean = judge.error(values, y) ** 2
  if (!heldOut) {
    const left = rows - freeNumbers(expression).length
    const fair = left > 0 ? (mean * rows) / left : Infinity
    return { mean: fair, deviation: fair * Math.sqrt(2 / Math.max(1, left)) }
  }
  let squares = 0
  for (let r = 0; r < rows; r++) {
    const own = judge.error(values.subarray(r, r + 1), y.subarray(r, r + 1)) ** 2
    squares += (own - mean) ** 2
  }
  return { mean, deviation: Math.sqrt(squares) / rows }
}
