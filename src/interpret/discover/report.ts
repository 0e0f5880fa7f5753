import { DataError } from '../../errors.ts'
import type { Expression } from '../../formula/index.ts'
import { complexity, evaluateRows, format, parse, toText } from '../../formula/index.ts'
import { predict } from '../../train/evaluate.ts'
import { paretoFront } from '../pareto.ts'
import type { Rival } from './choose.ts'
import { tidyExponents } from './exponents.ts'
import type { Discovery, DiscoveryErrors, DiscoveredFormula } from './options.ts'
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
  const table = judge.table(all)
  const asWritten = (fitted: Expression): Expression => {
    const { expression, held } = tidyExponents(fitted, table)
    return table.snap(expression, held)
  }
  const write = ({ expression }: Rival): DiscoveredFormula => {
    // Late, a formula is better printed as it is than not at all.
    const late = seconds() > budget
    const written = late ? expression : asWritten(expression)
    const text = toText(written)
    const printed = parse(text, { variables: all.names })
    const errors = (rows: TargetRows): DiscoveryErrors =>
      judge.errors(evaluateRows(printed, all.names, rows.x, rows.rows), rows)
    return {
      expression: written,
      text,
      latex: format(written, 'latex'),
      complexity: complexity(written),
      train: errors(all),
      test: test && errors(test),
    }
  }
  const formula = write(best)
  const others = front.filter(rival => rival !== best).map(write)
  const list = paretoFront([formula, ...others], ({ complexity, expression }) => ({
    complexity,
    error: judge.errorOf(expression, all),
  }))
  const { rung, model } = best.from
  const whole = wholeModel(model, rung.target)
  const networkErrors = async (rows: TargetRows): Promise<DiscoveryErrors> =>
    judge.errors(await predict(whole, rows.x, { engine }), rows)
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
