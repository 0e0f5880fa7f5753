import type { Expression } from '../../../formula/index.ts'
import type { LibraryChoice } from '../../curves/library.ts'
import { twoValuedColumns } from '../../curves/twovalued.ts'
import { ConfigError } from '../../../errors.ts'
import { createBreather } from '../../../train/pace.ts'
import { chooseCurves } from './choices.ts'
import type { Choice } from './choices.ts'
import { compose } from './compose.ts'
import type { PlacedCurve } from './compose.ts'
import { edgeCurves } from '../networks/grow.ts'
import type { Grown } from '../networks/grow.ts'
import type { Judge } from '../judging/judge.ts'
import { withPositiveBases } from './bases.ts'
import { firstRows } from '../rows.ts'
import type { TargetRows } from '../rows.ts'
import { isTested } from '../judging/trivial.ts'

/** A formula whose constants were fitted. */
export interface Fitted {
  readonly expression: Expression
  /** On the rows it was fitted to: see Judge. */
  readonly error: number
}

/** What the search for functions may use. */
interface CombineOptions {
  readonly library: LibraryChoice | undefined
  /** Inputs on a logarithmic scale. */
  readonly logs: readonly boolean[]
  /** Formulas to try, at most; fewer for each curve that no function comes near. */
  readonly most: number
  /** When true is returned, no further formula is tried. */
  readonly stop: () => boolean
  readonly judge: Judge
  /** Whether the network's error is the rows' noise, which more rows average out. */
  readonly isNoise: boolean
}

/** Formulas that are tried where one curve is unexplained are a third, where two are a fifth, and so on. */
const UNEXPLAINED = 2

/** Formulas that are tried after an exact one: the same law may be said more simply, and of exact formulas the simplest is chosen. */
const AFTER_EXACT = 6

/** Of several readings so many times as many combinations are looked at, most of which are formulas that another reading has too. */
const ALIKE = 4

/** Rows for the curves, and rows for the constants. */
const CURVE_ROWS = 160
const POLISH_ROWS = 160
const NOISY_ROWS = 400
const POLISH_STEPS = 30
/** The best ones are polished on: constants that trade places take a hundred steps or two to do so. */
const BEST = 12
const MORE_STEPS = 250

/**
 * Replaces all curves of a network by known functions at once: the best functions of every edge, in the order of the sum of
 * their scores, each combination composed into a formula whose constants are then fitted. Combinations that are close in score
 * differ by less than the splines' own errors; only the fit of all constants together tells them apart.
 *
 * @returns the formulas that have a value on every row, best first
 */
export async function combine(grown: Grown, rows: TargetRows, options: CombineOptions): Promise<Fitted[]> {
  const few = firstRows(rows, options.isNoise ? NOISY_ROWS : POLISH_ROWS)
  const { names } = few
  const table = options.judge.table(few)
  const { x, weights } = firstRows(rows, CURVE_ROWS)
  const curves = edgeCurves(grown.model, x)
  const readings = chooseCurves(grown, curves, {
    ...options,
    weights,
    twoValued: twoValuedColumns(rows.x, names.length),
    relative: options.judge.relative(grown.error),
  })
  const found: Fitted[] = []
  const breathe = createBreather()
  const { exact } = options.judge
  const unexplained = Math.min(...readings.map(choices => choices.filter(choice => !choice.explained).length))
  const most = Math.ceil(options.most / (1 + UNEXPLAINED * unexplained))
  let [left, tried] = [Infinity, 0]
  const readingOf = new Map<string, readonly Choice[]>()
  for (const { picked, reading } of bestFirst(readings, readings.length > 1 ? ALIKE * most : most)) {
    await breathe()
    if (options.stop()) break
    const written = composed(grown, names, picked)
    if (written === undefined) continue
    // Readings that differ by an offset have many formulas that differ by their numbers only, which are fitted.
    if (readings.length > 1) {
      const shape = JSON.stringify(written, (_, value: unknown) => (typeof value === 'number' ? 0 : value))
      const before = readingOf.get(shape)
      if (before !== undefined && before !== reading) continue
      readingOf.set(shape, reading)
    }
    if (left-- === 0 || tried++ === most) break
    const expression = withPositiveBases(written, few)
    const fitted = table.polish(expression, { steps: POLISH_STEPS })
    if (!Number.isFinite(fitted.error)) continue
    found.push(fitted)
    if (left === Infinity && fitted.error <= exact && isTested(expression, few.rows)) left = AFTER_EXACT
  }
  const sorted = found.toSorted((a, b) => a.error - b.error)
  for (const [n, { expression, error }] of sorted.slice(0, BEST).entries()) {
    await breathe()
    if (options.stop() || error <= exact) break
    sorted[n] = table.polish(expression, { steps: MORE_STEPS })
  }
  return sorted.toSorted((a, b) => a.error - b.error)
}

/** The formula; undefined where a number in it is not finite. */
function composed(
  { model, rung }: Grown,
  names: readonly string[],
  curves: readonly PlacedCurve[],
): Expression | undefined {
  try {
    return compose(model, names, rung.target, curves)
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

/** A function for each edge, of one of the readings. */
interface Combination {
  readonly picked: readonly PlacedCurve[]
  readonly reading: readonly Choice[]
}

/** Combinations of one candidate an edge, of all readings, by ascending sum of scores, at most so many. */
function* bestFirst(readings: readonly (readonly Choice[])[], most: number): Generator<Combination> {
  const cost = (choices: readonly Choice[], picks: readonly number[]): number =>
    picks.reduce((sum, pick, e) => sum + choices[e]!.candidates[pick]!.score, 0)
  const open = readings
    .filter(choices => choices.every(({ candidates }) => candidates.length > 0))
    .map(choices => {
      const picks = choices.map(() => 0)
      return { choices, picks, cost: cost(choices, picks), seen: new Set([picks.join()]) }
    })
  for (let n = 0; n < most && open.length > 0; n++) {
    let best = 0
    for (let k = 1; k < open.length; k++) if (open[k]!.cost < open[best]!.cost) best = k
    const { choices, picks, seen } = open.splice(best, 1)[0]!
    const picked = picks.map((pick, e) => ({
      ...choices[e]!.place,
      curve: choices[e]!.candidates[pick]!.curve,
    }))
    yield { picked, reading: choices }
    for (let e = 0; e < picks.length; e++) {
      const next = picks.with(e, picks[e]! + 1)
      if (next[e]! >= choices[e]!.candidates.length || seen.has(next.join())) continue
      seen.add(next.join())
      open.push({ choices, picks: next, cost: cost(choices, next), seen })
    }
  }
}
