import { paretoFront } from '../../errors/pareto.ts'
import type { Ground } from '../networks/grow.ts'
import { firstRows } from '../rows.ts'
import type { Found } from '../search.ts'

/** Errors above this are taken for noise. */
const NOISY = 1e-2
/** Formulas that are fitted to all rows, at most: the first front whole up to so many, and others. */
const MOST = { first: 30, tried: 48 } as const
/** Rows and steps of the fit that says which of the others are worth one to all rows. */
const ROWS = 800
const STEPS = 8

/**
 * The formulas of a search that are worth a fit to all rows: the front by the error on the rows held out; and where that is noise,
 * which puts equals in any order, as do constants that were fitted to a few rows only, the front by the error after a short fit
 * to more rows, of the fronts behind the first one too. Without it a formula found early is lost to one that is worse.
 */
export function shortlist(
  found: readonly Found[],
  { training, judge }: Pick<Ground, 'training' | 'judge'>,
  late: () => boolean,
): Found[] {
  const first = paretoFront(found, one => one)
  const kept = first.slice(-MOST.first)
  if (!((first.at(-1)?.error ?? 0) > NOISY)) return kept
  const behind: Found[] = []
  let rest = found.filter(one => !first.includes(one))
  while (behind.length < MOST.tried && rest.length > 0) {
    const next = paretoFront(rest, one => one)
    if (next.length === 0) break
    behind.push(...next)
    rest = rest.filter(one => !next.includes(one))
  }
  const table = judge.table(firstRows(training, ROWS))
  const tried = [...kept, ...behind.slice(0, MOST.tried)].map(one => {
    if (late()) return { one, complexity: one.complexity, error: one.error }
    const { expression, error } = table.polish(one.expression, { steps: STEPS })
    return { one: { ...one, expression }, complexity: one.complexity, error }
  })
  const best = paretoFront(tried, one => one).map(({ one }) => one)
  return [...kept, ...best]
}
