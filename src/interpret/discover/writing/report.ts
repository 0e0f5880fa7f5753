import { DataError, StoppedError } from '../../../errors.ts'
import type { Expression } from '../../../formula/index.ts'
import { complexity, evaluateRows, format, number, parse, toText, variables } from '../../../formula/index.ts'
import { predict } from '../../../train/evaluate.ts'
import { createBreather } from '../../../train/pace.ts'
import { paretoFront } from '../../errors/pareto.ts'
import { HURRIED_ROWS } from '../judging/choose.ts'
import type { Rival, Rivals } from '../judging/choose.ts'
import type { Judge } from '../judging/judge.ts'
import { shortened } from './shorten.ts'
import { isTested } from '../judging/trivial.ts'
import { isTidyExponent, tidyExponents } from './exponents.ts'
import type { Discovery, DiscoveryErrors, DiscoveredFormula } from '../options.ts'
import { plainDivisors } from './divisors.ts'
import { withoutIdle } from './idle.ts'
import { plainLevels } from './levels.ts'
import { plainPhases } from './phases.ts'
import type { Trial } from './acceptance.ts'
import { firstRows } from '../rows.ts'
import type { TargetRows } from '../rows.ts'
import type { Search } from '../search.ts'
import { structureText } from '../structures/structures.ts'
import type { DiscoverTask } from '../task.ts'
import { wholeModel } from '../networks/whole.ts'

/** Seconds after an abort in which formulas are written as a person would; whoever stopped the search waits for them. */
const PATIENCE = 0.3

/**
 * Writes the formulas of a search as a person would (see snap), on all rows, and measures what is printed. Throws DataError where
 * there is none, StoppedError where the search was aborted before there was one.
 */
export async function conclude(
  { front, chosen, near }: Rivals,
  search: Search,
  { all, test, seconds: budget }: DiscoverTask,
  { stop, seconds }: { readonly stop: Discovery['stop']; readonly seconds: () => number },
): Promise<Discovery> {
  const { judge, engine } = search.ground
  const best = front[chosen]
  if (best === undefined && stop === 'aborted')
    throw new StoppedError(
      `The search was stopped after ${seconds().toFixed(1)} s, before it had a formula; let it run longer.`,
    )
  if (best === undefined)
    throw new DataError(
      seconds() < budget
        ? `There are too few rows: ${all.rows} for ${all.names.length} columns; give more rows, or fewer columns.`
        : `No formula was found in ${budget} s; give more seconds, or fewer columns: remove those that cannot matter.`,
    )
  const limit = stop === 'aborted' ? Math.min(budget, seconds() + PATIENCE) : budget
  // Errors are those on all rows all the same.
  const rows = stop === 'aborted' ? firstRows(search.ground.training, HURRIED_ROWS) : all
  const table = judge.table(rows)
  const late = (): boolean => seconds() > limit
  const asWritten = (fitted: Expression): Expression => {
    // Of few rows nearly any number may be a constant's: the mean says more than a whole number near it.
    if (variables(fitted).length === 0)
      return isLikeZero(fitted, rows, judge) ? number(0) : shortened(fitted, rows, judge)
    const expression = tidyExponents(withoutIdle(fitted, table, late), table)
    const snapped = table.snap(expression, isTidyExponent, { stop: late })
    // Where the formula is so far off that no number is to be trusted it comes back as it was.
    if (snapped === expression) return shortened(fitted, rows, judge)
    if (late()) return snapped
    const trial: Trial = {
      snap: (tried, hold, factors = 'inside') =>
        table.snap(tried, (node, isExponent) => hold(node) || isTidyExponent(node, isExponent), {
          stop: late,
          factors,
        }),
      polish: (tried, hold) => table.polish(tried, { hold }).expression,
      squares: tried => judge.errorOf(tried, rows) ** 2,
      rows: rows.rows,
    }
    return plainPhases(plainDivisors(plainLevels(snapped, table.levels, trial), trial), trial)
  }
  const write = ({ expression }: Rival): DiscoveredFormula => {
    // Late, a formula is better printed as it is than not at all.
    const written = late() ? shortened(expression, rows, judge) : asWritten(expression)
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
  // The one to print first, as time may be short.
  const written = [{ from: best.from, formula: write(best) }]
  const breathe = createBreather()
  for (const rival of front) {
    await breathe()
    if (rival !== best) written.push({ from: rival.from, formula: write(rival) })
  }
  // A term that the rows do not need is gone only now: of those as good as the best, another may be printed simpler.
  const errorOf = (one: DiscoveredFormula): number => judge.errorOf(one.expression, all)
  const isAsGood = isExact(written[0]!.formula, all, judge)
    ? (one: DiscoveredFormula): boolean => isExact(one, all, judge)
    : (one: DiscoveredFormula): boolean => near !== undefined && errorOf(one) ** 2 <= near
  const { formula, from } = plainest(written, isAsGood)
  const exact = isExact(formula, all, judge)
  const others = written.map(one => one.formula).filter(one => one !== formula)
  const list = paretoFront([formula, ...others], one => ({ complexity: one.complexity, error: errorOf(one) }))
  const { rung, model } = await search.networks.shown(search.ground, from)
  const whole = wholeModel(model, rung.target)
  const networkErrors = async (rows: TargetRows): Promise<DiscoveryErrors> =>
    judge.errors(await predict(whole, rows.x, { engine }), rows)
  return {
    ...formula,
    exact,
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
    stop: exact && stop !== 'aborted' ? 'exact' : stop === 'exact' ? 'done' : stop,
    seconds: seconds(),
  }
}

/**
 * The simplest, as it is printed, of the first and those as good: numbers that were written as a person would may be 1, and gone,
 * and terms that the rows do not need go only then.
 */
function plainest<T extends { readonly formula: DiscoveredFormula }>(
  written: readonly T[],
  isAsGood: (formula: DiscoveredFormula) => boolean,
): T {
  return written.reduce((so, one) =>
    one.formula.complexity < so.formula.complexity && isAsGood(one.formula) ? one : so,
  )
}

/** Standard errors that a constant may be away from 0, where 0 says as much. */
const NEAR_ZERO = 2

/** Whether a constant, the rows' mean, is 0 as far as they can tell: c^2 <= 2^2 s^2 / rows. */
function isLikeZero(constant: Expression, rows: TargetRows, judge: Judge): boolean {
  const [own, zero] = [constant, number(0)].map(one => judge.errorOf(one, rows) ** 2)
  return zero! - own! <= NEAR_ZERO ** 2 * (own! / rows.rows)
}

/** Whether what is printed has no error but rounding, on more rows than go through any formula of its kind. */
function isExact({ expression, text }: DiscoveredFormula, rows: TargetRows, judge: Judge): boolean {
  const printed = parse(text, { variables: rows.names })
  return judge.errorOf(printed, rows) <= judge.exact && isTested(expression, rows.rows)
}
