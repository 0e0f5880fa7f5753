import { DataError } from '../../errors.ts'
import { evaluateRows, format, parse, size, toText } from '../../formula/index.ts'
import { predict } from '../../train/evaluate.ts'
import { ColumnTable } from '../problem.ts'
import { snapOn } from '../snap.ts'
import { paretoFront } from './choose.ts'
import type { Rival } from './choose.ts'
import { rowErrors } from './judge.ts'
import type { RowErrors } from './judge.ts'
import type { Discovery, FoundFormula } from './options.ts'
import type { TargetRows } from './rows.ts'
import type { Search } from './search.ts'
import { structureText } from './structures.ts'
import type { DiscoverTask } from './task.ts'
import { wholeModel } from './whole.ts'

/**
 * Writes the formulas of a search as a person would (see snap), on all rows, and measures what is printed. Throws DataError where
 * there is none.
 */
export async function conclude(
  { front, chosen }: { readonly front: readonly Rival[]; readonly chosen: number },
  search: Search,
  { all, test, seconds: budget }: DiscoverTask,
  { stop, seconds }: { readonly stop: Discovery['stop']; readonly seconds: () => number },
): Promise<Discovery> {
  const { judge, engine } = search.ground
  const best = front[chosen]
  if (best === undefined)
    throw new DataError(
      `No formula was found in ${budget} s; give more seconds, or fewer columns: remove those that cannot matter.`,
    )
  const table = new ColumnTable(all.names, all.x, all.y, all.rows)
  const write = ({ expression }: Rival): FoundFormula => {
    // Late, a formula is better printed as it is than not at all.
    const late = seconds() > budget
    const written = late ? expression : snapOn(table, expression, { relative: judge.relative }).expression
    const text = toText(written)
    const printed = parse(text, { variables: all.names })
    const errors = (rows: TargetRows): RowErrors =>
      rowErrors(evaluateRows(printed, all.names, rows.x, rows.rows), rows.y)
    return {
      expression: written,
      text,
      latex: format(written, 'latex'),
      complexity: size(written),
      train: errors(all),
      test: test && errors(test),
    }
  }
  const formula = write(best)
  const others = front.filter(rival => rival !== best).map(write)
  const list = paretoFront(
    [formula, ...others],
    one => one.complexity,
    one => judge.errorOf(one.expression, all),
  )
  const { rung, model } = best.from
  const whole = wholeModel(model, rung.target)
  const networkErrors = async ({ x, y }: TargetRows): Promise<RowErrors> =>
    rowErrors(await predict(whole, x, { engine }), y)
  return {
    ...formula,
    exact: search.exact,
    pareto: list.includes(formula)
      ? list
      : [...list, formula].toSorted((a, b) => a.complexity - b.complexity),
    network: {
      model: whole,
      target: rung.target.name,
      structure: structureText(rung.structure),
      train: await networkErrors(all),
      test: test && (await networkErrors(test)),
    },
    starts: search.starts,
    stop,
    seconds: seconds(),
  }
}
