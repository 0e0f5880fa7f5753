import { complexity, evaluateRows, size } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { freeNumbers } from '../constants.ts'
import { paretoFront } from '../pareto.ts'
import { EXACT } from './combine.ts'
import type { Ground } from './grow.ts'
import type { Found } from './search.ts'

/** A formula fitted to all training rows. */
export interface Rival {
  readonly expression: Expression
  readonly complexity: number
  /** Mean squared error, without a unit and fair to formulas with fewer numbers, and its standard error. */
  readonly mean: number
  readonly deviation: number
  readonly from: Found['from']
}

/** Formulas of the list, at most. */
const MOST = 10

/**
 * The front of a search's formulas, their constants fitted to all training rows, and the place of the one to choose: the simplest
 * that is exact; else the simplest whose mean squared error on all rows is within one standard error of the least
 * (Breiman, Friedman, Olshen and Stone, "Classification and regression trees", 1984, section 3.4.3). Where no rows were held
 * out: the one of the shortest description (see fairError).
 */
export function rivals(
  found: readonly Found[],
  ground: Ground,
): { readonly front: Rival[]; readonly chosen: number } {
  const table = ground.judge.table(ground.training)
  const first = paretoFront(found, one => one)
  const fitted = first.slice(-2 * MOST).map(({ expression, from }): Rival => {
    const polished = table.polish(table.normalised(expression)).expression
    return { expression: polished, complexity: complexity(polished), from, ...squaredError(polished, ground) }
  })
  const front = paretoFront(fitted, ({ mean, ...one }) => ({
    complexity: one.complexity,
    error: mean,
  })).slice(-MOST)
  const best = front.at(-1)
  if (best === undefined) return { front, chosen: -1 }
  const exact = front.findIndex(({ mean }) => Math.sqrt(mean) <= EXACT)
  const limit = best.mean + best.deviation
  return { front, chosen: exact >= 0 ? exact : front.findIndex(({ mean }) => mean <= limit) }
}

function squaredError(expression: Expression, ground: Ground): { mean: number; deviation: number } {
  const { all, heldOut, judge } = ground
  const { names, x, y, rows } = all
  const values = evaluateRows(expression, names, x, rows)
  const mean = judge.error(values, y) ** 2
  if (!heldOut) {
    return { mean: fairError(mean, expression, rows), deviation: 0 }
  }
  let squares = 0
  for (let r = 0; r < rows; r++) {
    const own = judge.error(values.subarray(r, r + 1), y.subarray(r, r + 1)) ** 2
    squares += (own - mean) ** 2
  }
  // As Akaike has it: every number that was fitted makes the error of its own rows that much too small.
  const optimism = 1 + (2 * freeNumbers(expression).length) / rows
  return { mean: mean * optimism, deviation: Math.sqrt(squares) / rows }
}

/** What a node of a formula costs, in nats: it is one of about so many. */
const NODE = Math.log(8)

/**
 * The mean squared error on the rows that a formula was fitted to, times exp(2 / rows) to the power of what the formula has
 * cost in nats: its nodes, of which a search tries very many (Bartlett, Desmond and Ferreira, "Exhaustive symbolic regression",
 * IEEE Transactions on Evolutionary Computation 28, 2024), and its fitted numbers and the noise's variance, as AICc has it
 * (Hurvich and Tsai, Biometrika 76, 1989). Infinity where there are too few rows for its numbers.
 */
function fairError(mean: number, expression: Expression, rows: number): number {
  const k = freeNumbers(expression).length + 1
  if (rows <= k + 1) return Infinity
  return mean * Math.exp((2 * (size(expression) * NODE + k + (k * (k + 1)) / (rows - k - 1))) / rows)
}
