import { complexity, evaluateRows, size } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import { Random } from '../../../random.ts'
import { freeNumbers } from '../../constants/constants.ts'
import { paretoFront } from '../../errors/pareto.ts'
import type { Ground } from '../networks/grow.ts'
import type { Judge, JudgedTable } from './judge.ts'
import { showsPole } from '../reading/jumps.ts'
import { onScales } from '../logscale.ts'
import { firstRows, pickRows } from '../rows.ts'
import type { TargetRows } from '../rows.ts'
import type { Found, Search } from '../search.ts'
import { shortlist } from './shortlist.ts'
import { trivialFormulas } from './trivial.ts'

/** A formula fitted to all training rows. */
export interface Rival {
  readonly expression: Expression
  readonly complexity: number
  /** Mean squared error, without a unit and fair to formulas with fewer numbers, and its standard error. */
  readonly mean: number
  readonly deviation: number
  readonly from: Found['from']
}

/** The list, and which one is chosen. */
export interface Rivals {
  readonly front: Rival[]
  readonly chosen: number
  /** The mean squared error up to which formulas are as good as the best, where rows are held out and none is exact. */
  readonly near?: number
}

/** Formulas of the list, at most. */
const MOST = 12

/** Rows that formulas are fitted to after an abort: of 24000 it takes seconds. */
export const HURRIED_ROWS = 2000

/** What formulas are chosen from. */
type RivalsOf = Pick<Search, 'found' | 'ground'> & { readonly networks: Pick<Search['networks'], 'best'> }

/**
 * The front of a search's formulas, their constants fitted to all training rows, and the place of the one to choose: the simplest
 * that is exact; else the simplest whose mean squared error is within one standard error of the least (Breiman, Friedman, Olshen and
 * Stone, "Classification and regression trees", 1984, section 3.4.3). Of many rows that is the error on all of them, of fewer it is
 * cross-validated; where none are held out it is the one of the shortest description (see fairError), of the formulas that say
 * more of a row they were not fitted to than a constant does. A constant and the plane are always among them, of few rows the lines
 * of each column too. Once it is late the constants stay as the search has them.
 *
 * `most` is how many rows constants are fitted to, at most: HURRIED_ROWS where somebody waits; `simplicity` how many standard errors
 * it is.
 */
export function rivals(
  { found, networks: { best: network }, ground }: RivalsOf,
  late: () => boolean = () => false,
  { most = Infinity, simplicity = 1 }: { readonly most?: number; readonly simplicity?: number } = {},
): Rivals {
  const { heldOut, judge } = ground
  const training = firstRows(ground.training, most)
  const table = judge.table(training)
  // Of many rows only what can be said of any table: the constant and the plane.
  const all = found.length === 0 || ground.all.rows < FEW_ROWS
  const plain =
    network === undefined
      ? []
      : trivialFormulas(training, judge, ground.log, { all }).map(expression => ({
          expression,
          error: judge.errorOf(expression, training),
          complexity: complexity(expression),
          from: network,
        }))
  const limit = heldOut || plain.length === 0 ? Infinity : crossValidated(plain[0]!.expression, ground).mean
  const fitted = [...plain, ...shortlist(found, ground, late)].map(({ expression, from }): Rival => {
    const polished = late() ? expression : table.polish(table.normalised(expression)).expression
    return {
      expression: polished,
      complexity: complexity(onScales(polished, training.names, ground.log)),
      from,
      ...squaredError(polished, ground, limit),
    }
  })
  const sound = showsPole(training.y) ? fitted : withoutPoles(fitted, table, judge)
  const front = paretoFront(sound, ({ mean, ...one }) => ({
    complexity: one.complexity,
    error: mean,
  }))
  if (front.length === 0) return simplest(plain, judge)
  const best = front.at(-1)!
  const exact = front.findIndex(({ mean }) => Math.sqrt(mean) <= judge.exact)
  const near = best.mean + simplicity * best.deviation
  const chosen = exact >= 0 ? exact : front.findIndex(({ mean }) => mean <= near)
  const pick = front[chosen]!
  const list = thinned(front, pick)
  return { front: list, chosen: list.indexOf(pick), ...(heldOut && exact < 0 && { near }) }
}

/** At most MOST of a front: those that gain least on the one before go, but for the first, the last and the one chosen. */
function thinned(front: readonly Rival[], chosen: Rival): Rival[] {
  const list = [...front]
  while (list.length > MOST) {
    const inner = list.slice(1, -1).filter(one => one !== chosen)
    const gain = (one: Rival): number => list[list.indexOf(one) - 1]!.mean / one.mean
    const least = inner.reduce((so, one) => (gain(one) < gain(so) ? one : so))
    list.splice(list.indexOf(least), 1)
  }
  return list
}

/** Those without a pole between rows, which targets do not show: the next row would. All, where one with a pole explains more. */
function withoutPoles(fitted: readonly Rival[], table: JudgedTable, judge: Judge): readonly Rival[] {
  const sound = fitted.filter(({ expression }) => !table.hasPole(expression))
  const best = fitted.reduce<Rival | undefined>(
    (least, one) => (least === undefined || one.mean < least.mean ? one : least),
    undefined,
  )
  const near = Math.max((best?.mean ?? 0) + (best?.deviation ?? 0), judge.exact ** 2)
  return sound.some(({ mean }) => mean <= near) ? sound : fitted
}

/** Of rows too few to compare formulas by: the constant, or what is exact with fewer numbers than rows. */
function simplest(plain: readonly Found[], judge: Judge): Rivals {
  const front = paretoFront(plain, one => one).map(({ expression, complexity, error, from }): Rival => ({
    expression,
    complexity,
    from,
    mean: error ** 2,
    deviation: 0,
  }))
  const exact = front.findIndex(({ mean }) => Math.sqrt(mean) <= judge.exact)
  return { front, chosen: Math.max(exact, front.length === 0 ? -1 : 0) }
}

/** Below so many rows errors are cross-validated. */
const FEW_ROWS = 400

function squaredError(
  expression: Expression,
  ground: Ground,
  limit: number,
): { mean: number; deviation: number } {
  const { heldOut, judge, all } = ground
  const { names, x, rows } = all
  const values = evaluateRows(expression, names, x, rows)
  const mean = judge.error(values, all) ** 2
  if (heldOut && rows >= FEW_ROWS) {
    // As Akaike has it: every number that was fitted makes the error of its own rows that much too small.
    const optimism = 1 + (2 * freeNumbers(expression).length) / rows
    return { mean: mean * optimism, deviation: standardError(values, all, mean, judge) }
  }
  // An exact formula may lose its value on a row when its constants move by a rounding, as asin does at 1.
  const isExact = Math.sqrt(mean) <= judge.exact
  const others = isExact ? { mean, deviation: 0 } : crossValidated(expression, ground)
  // One row more than numbers is no accident where nothing is left: of 4 rows a line that is exact is the law.
  if (heldOut || isExact) return others
  const isWild = !(others.mean <= limit)
  return {
    mean: isWild
      ? Infinity
      : fairError(mean, expression, size(onScales(expression, names, ground.log)), rows),
    deviation: 0,
  }
}

/** Parts of the rows that are left out in turn. */
const FOLDS = 5
/** From the constants of all rows those of most of them are near. */
const FOLD_STEPS = 30

/**
 * The mean squared error of rows that the constants were not fitted to, and its standard error: a fifth of the rows is left out
 * in turn, the constants fitted to the others. Infinity where the formula then has no value.
 */
export function crossValidated(
  expression: Expression,
  { all, judge, seed }: Pick<Ground, 'all' | 'judge' | 'seed'>,
): { mean: number; deviation: number } {
  const order = new Random(seed).shuffle(Uint32Array.from(all.y.keys()))
  const values = new Float64Array(all.rows)
  for (let fold = 0; fold < FOLDS; fold++) {
    const isOut = (_: number, place: number): boolean => place % FOLDS === fold
    const out = order.filter(isOut)
    if (out.length === 0 || out.length === all.rows) continue
    const rest = pickRows(
      all,
      order.filter((row, place) => !isOut(row, place)),
    )
    const { expression: refitted } = judge.table(rest).polish(expression, { steps: FOLD_STEPS })
    const { names, x } = pickRows(all, out)
    evaluateRows(refitted, names, x, out.length).forEach((value, r) => (values[out[r]!] = value))
  }
  const mean = judge.error(values, all) ** 2
  return { mean, deviation: standardError(values, all, mean, judge) }
}

/** The standard error of a mean squared error: of a weighted mean of independent rows. */
function standardError(values: Float64Array, table: TargetRows, mean: number, judge: Judge): number {
  let [squares, total] = [0, 0]
  for (const [r, own] of judge.squares(values, table).entries()) {
    const weight = table.weights?.[r] ?? 1
    squares += (weight * (own - mean)) ** 2
    total += weight
  }
  return Math.sqrt(squares) / total
}

/** What a node of a formula costs, in nats: it is one of about so many. */
const NODE = Math.log(8)

/**
 * The mean squared error on the rows that a formula was fitted to, times exp(2 / rows) to the power of what the formula has
 * cost in nats: its nodes, of which a search tries very many (Bartlett, Desmond and Ferreira, "Exhaustive symbolic regression",
 * IEEE Transactions on Evolutionary Computation 28, 2024), and its fitted numbers and the noise's variance, as AICc has it
 * (Hurvich and Tsai, Biometrika 76, 1989). Nodes are counted on the scales that were chosen. Infinity where there are too few
 * rows for its numbers.
 */
function fairError(mean: number, expression: Expression, nodes: number, rows: number): number {
  const k = freeNumbers(expression).length + 1
  if (rows <= k + 1) return Infinity
  return mean * Math.exp((2 * (nodes * NODE + k + (k * (k + 1)) / (rows - k - 1))) / rows)
}
