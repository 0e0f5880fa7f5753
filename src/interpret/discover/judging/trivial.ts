import { add, call, multiply, number, variable } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import { freeNumbers } from '../../constants/constants.ts'
import { polishOn } from '../../constants/polish.ts'
import { ColumnTable } from '../../constants/problem.ts'
import { column } from '../../../model/forward.ts'
import type { Judge } from './judge.ts'
import type { LogScales } from '../logscale.ts'
import { average } from '../statistics.ts'
import type { TargetRows } from '../rows.ts'

/** Columns that are tried one by one, at most. */
const MOST_COLUMNS = 50

/**
 * What every search can say: a constant c; c x and a x + b of each column; and the plane through all columns. Fitted to the
 * rows, those that have fewer numbers than there are rows. Of columns on a logarithmic scale lines are those of their logarithms, and
 * of such a target exp of them: products of powers, where all are.
 */
export function trivialFormulas(
  rows: TargetRows,
  judge: Judge,
  log: LogScales,
  { all = true }: { readonly all?: boolean } = {},
): Expression[] {
  const table = judge.table(rows)
  const { names, x, y, weights } = rows
  // Logarithms need a start that is positive on all rows, which slopes of 0 are.
  const mean = judge.log ? Math.exp(average(y.map(Math.log), weights)) : average(y, weights)
  const variables = names.map(variable)
  const seen = variables.map((own, i) => (log.inputs[i] === true ? call('log', own) : own))
  const few = names.length <= MOST_COLUMNS && (all || names.length === 1) ? seen : []
  const through = few.map((_, i) => {
    const values = column(x, names.length, i)
    const squares = average(values.map(square), weights)
    const slope =
      squares === 0
        ? 0
        : average(
            values.map((value, r) => value * y[r]!),
            weights,
          ) / squares
    return multiply(number(slope), variables[i]!)
  })
  const sloped = (...columns: readonly Expression[]): Expression =>
    columns
      .map(own => multiply(number(0), own))
      .reduceRight<Expression>((sum, term) => add(term, sum), number(log.output ? Math.log(mean) : mean))
  const lines = [...few.map(own => sloped(own)), ...(names.length > 1 ? [sloped(...seen)] : [])]
  const logTable = log.output && new ColumnTable(names, x, y.map(Math.log), rows.rows, { weights })
  const fitted = lines.map(line => {
    if (!logTable) return line
    return table.normalised(call('exp', polishOn(logTable, line).expression))
  })
  return [number(mean), ...through, ...fitted]
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

function square(value: number): number {
  return value * value
}
