import { add, multiply, number, variable } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { freeNumbers } from '../constants/constants.ts'
import type { Judge } from './judge.ts'
import type { TargetRows } from './rows.ts'

/** Columns that are tried one by one, at most. */
const MOST_COLUMNS = 50

/**
 * What every search can say: a constant c; c x and a x + b of each column; and the plane through all columns. Fitted to the
 * rows, those that have fewer numbers than there are rows.
 */
export function trivialFormulas(rows: TargetRows, judge: Judge): Expression[] {
  const table = judge.table(rows)
  const { names, x, y } = rows
  // Logarithms need a start that is positive on all rows, which slopes of 0 are.
  const mean = judge.log ? Math.exp(average(rows, r => Math.log(y[r]!))) : average(rows, r => y[r]!)
  const terms = names.map(name => multiply(number(0), variable(name)))
  const few = names.length <= MOST_COLUMNS ? names : []
  const through = few.map((name, i) => {
    const value = (r: number): number => x[r * names.length + i]!
    const squares = average(rows, r => value(r) ** 2)
    const slope = squares === 0 ? 0 : average(rows, r => value(r) * y[r]!) / squares
    return multiply(number(slope), variable(name))
  })
  const lines = few.map((_, i) => add(terms[i]!, number(mean)))
  const plane = names.length > 1 ? [terms.reduce<Expression>(add, number(mean))] : []
  return [number(mean), ...through, ...lines, ...plane]
    .filter(formula => freeNumbers(formula).length < rows.rows)
    .map(formula => table.polish(formula))
    .filter(({ error }) => Number.isFinite(error))
    .map(({ expression }) => expression)
}

/**
 * Whether rows are enough to tell a formula from one that goes through any: more than its numbers, the variance of what is left,
 * and one. Fewer have no AICc: see fairError.
 */
export function isTested(expression: Expression, rows: number): boolean {
  return rows > freeNumbers(expression).length + 2
}

/** The mean of a value of each row. */
function average({ rows }: TargetRows, value: (r: number) => number): number {
  let mean = 0
  for (let r = 0; r < rows; r++) mean += value(r) / rows
  return mean
}
