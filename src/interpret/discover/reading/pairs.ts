import { multiply, number, product, quotient, sum } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import type { LibraryChoice } from '../../curves/library.ts'
import { polishOn } from '../../constants/polish.ts'
import { ColumnTable } from '../../constants/problem.ts'
import { ALONE, factorsFor } from './factors.ts'
import type { Factor } from './factors.ts'
import { jumps } from './jumps.ts'
import { dot, regress } from './regression.ts'
import { deviation } from '../statistics.ts'

/** Two functions of one variable, multiplied or added. */
export interface Pair {
  /** c f(u) g(u) + d, or c f(u) + e g(u) + d. */
  readonly expression: Expression
  readonly cost: number
  /** Share of the curve's variance that it leaves. */
  readonly unexplained: number
}

/** Rows that the starts are judged on, and rows that their numbers are fitted to. */
const SCAN_ROWS = 80
const FIT_ROWS = 160
/** Fewer rows have no pair: it has up to seven numbers. */
const FEWEST_ROWS = 9
/** Starts that are fitted, at most: of each two functions the best ones. */
const STARTS = 400
const EACH = 2
const FIRST_STEPS = 6
/** Of these the best are fitted on. */
const FITTED = 60
const STEPS = 60
/** What a product or a sum costs beside its functions. */
const JOINED_COST = 1

/**
 * Curves v(u) that no single function of the library explains, as products c f g + d and sums c f + e g + d of two, best first by
 * what they leave unexplained. Both functions start from a grid of their numbers; the linear numbers of every two are the
 * regression's (variable projection: Golub and Pereyra, SIAM J. Numer. Anal. 10, 1973), and the best starts are fitted by
 * Levenberg and Marquardt's method. Of a variable's own product only this is determined, not how it is shared out
 * between two edges of a network: hence no network.
 */
export function pairCurves(
  x: Float64Array,
  y: Float64Array,
  library: LibraryChoice | undefined,
  stop: () => boolean = () => false,
  weights?: Float64Array,
): Pair[] {
  const spread = deviation(y, weights)
  // A constant's deviation may be a rounding.
  if (y.every(value => value === y[0]) || x.length < FEWEST_ROWS) return []
  const scanned = evenRows(x, y, SCAN_ROWS, weights)
  const starts = scan(factorsFor(scanned.x, library, jumps(x, y)), scanned.y)
  const fitted = evenRows(x, y, FIT_ROWS, weights)
  const table = new ColumnTable(['u'], fitted.x, fitted.y, fitted.x.length)
  const fit = (from: readonly Start[], steps: number): Pair[] =>
    from
      .flatMap(({ expression, cost }): Pair[] => {
        if (stop()) return []
        const { expression: polished, rmse } = polishOn(table, expression, { steps })
        const unexplained = (rmse / spread) ** 2
        return Number.isFinite(unexplained) ? [{ expression: polished, cost, unexplained }] : []
      })
      .toSorted((a, b) => a.unexplained - b.unexplained)
      .filter((pair, n, all) => n === 0 || !isSame(pair, all[n - 1]!))
  return fit(bestPairs(fit(starts, FIRST_STEPS), FITTED), STEPS)
}

/** What is left unexplained by the best pair is noise to this share at least: by more, a plainer one is worse. */
const NOISE_SHARE = 0.03

/** Those that leave the least unexplained, and half as many that are plain for what they leave. */
export function bestPairs(pairs: readonly Pair[], most: number): Pair[] {
  const least = pairs.reduce((so, { unexplained }) => Math.min(so, unexplained), Infinity)
  const score = ({ unexplained, cost }: Pair): number =>
    Math.log2(unexplained - (1 - NOISE_SHARE) * least + Number.MIN_VALUE) + cost
  const plain = pairs.toSorted((a, b) => score(a) - score(b)).slice(0, Math.ceil(most / 2))
  return [...pairs.slice(0, most), ...plain.filter(pair => pairs.indexOf(pair) >= most)]
}

/** Whether two pairs come from starts that led to the same. */
function isSame(a: Pair, b: Pair): boolean {
  return a.cost === b.cost && Math.abs(a.unexplained - b.unexplained) <= 1e-6 * b.unexplained
}

/** Rows at even places of the sorted x: of its weight, where some rows count more, so that those are there more often. */
function evenRows(
  x: Float64Array,
  y: Float64Array,
  most: number,
  weights: Float64Array | undefined,
): { x: Float64Array; y: Float64Array } {
  const order = Array.from(x.keys()).toSorted((a, b) => x[a]! - x[b]!)
  const count = Math.min(most, x.length)
  if (weights !== undefined) {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const picked: number[] = []
    let passed = 0
    for (const row of order) {
      passed += weights[row]!
      while (picked.length < count && (picked.length + 0.5) * total <= count * passed) picked.push(row)
    }
    return { x: Float64Array.from(picked, row => x[row]!), y: Float64Array.from(picked, row => y[row]!) }
  }
  const picked = Array.from(
    { length: count },
    (_, k) => order[Math.round((k * (x.length - 1)) / (count - 1))]!,
  )
  return { x: Float64Array.from(picked, row => x[row]!), y: Float64Array.from(picked, row => y[row]!) }
}

interface Start {
  readonly expression: Expression
  readonly cost: number
}

interface Candidate {
  readonly f: Factor
  readonly g: Factor
  readonly isProduct: boolean
  readonly score: number
}

/** The best starts of every two kinds, by unexplained share and cost. */
function scan(factors: readonly Factor[], y: Float64Array): Start[] {
  const target = centred(y)
  const alone = factors.map(({ values }) => centred(values))
  const along = alone.map(values => dot(values, target))
  const one: Factor = { kind: '1', cost: -JOINED_COST, expression: number(1), values: y.map(() => 1) }
  const both = [...factors, one]
  const names = [...new Set(both.map(({ kind }) => kind))]
  const kinds = both.map(({ kind }) => names.indexOf(kind))
  /** By first kind, second kind, and whether they are added. */
  const best: (Candidate[] | undefined)[] = []
  const offer = (i: number, j: number, isProduct: boolean, unexplained: number): void => {
    const [f, g] = [both[i]!, both[j]!]
    const score = 0.5 * Math.log2(1e-9 + unexplained) + 0.5 * (f.cost + g.cost + JOINED_COST)
    const list = (best[2 * (kinds[i]! * names.length + kinds[j]!) + Number(!isProduct)] ??= [])
    if (list.length === EACH && list[EACH - 1]!.score <= score) return
    list.push({ f, g, isProduct, score })
    list.sort((a, b) => a.score - b.score)
    if (list.length > EACH) list.pop()
  }
  factors.forEach((f, i) => {
    if (ALONE.has(f.kind)) offer(i, factors.length, true, unexplainedByProduct(f.values, one.values, target))
  })
  // Some hundred thousand pairs: what one function has to do with the target is known beforehand.
  for (const [i, f] of factors.entries())
    for (let j = 0; j < i; j++) {
      offer(i, j, true, unexplainedByProduct(f.values, factors[j]!.values, target))
      offer(i, j, false, unexplainedBySum(dot(alone[i]!, alone[j]!), along[i]!, along[j]!))
    }
  return best
    .flatMap(list => list ?? [])
    .toSorted((a, b) => a.score - b.score)
    .slice(0, STARTS)
    .map(({ f, g, isProduct }) => ({
      cost: f.cost + g.cost + JOINED_COST,
      expression: isProduct ? productOf(f, g, y) : sumOf(f, g, y),
    }))
}

/** Without its mean, and of length 1; all 0 for a constant. */
function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((total, value) => total + value, 0) / values.length
  const rest = values.map(value => value - mean)
  const length = Math.sqrt(dot(rest, rest))
  return length > 1e-12 * (Math.abs(mean) + length) ? rest.map(value => value / length) : rest.fill(0)
}

/** What c f g + d leaves of the target, which has mean 0 and length 1. */
function unexplainedByProduct(f: Float64Array, g: Float64Array, target: Float64Array): number {
  let [total, squares, common] = [0, 0, 0]
  for (let r = 0; r < f.length; r++) {
    const value = f[r]! * g[r]!
    total += value
    squares += value * value
    common += value * target[r]!
  }
  const own = squares - (total * total) / f.length
  return own > 1e-12 * squares ? Math.max(0, 1 - (common * common) / own) : 1
}

/**
 * What c f + e g + d leaves of the target, from the products of f and g, f and the target, g and the target; all have mean 0 and
 * length 1.
 */
function unexplainedBySum(between: number, first: number, second: number): number {
  const determinant = 1 - between * between
  // Nearly the same function twice explains nothing that one does not.
  if (!(determinant > 1e-6)) return 1
  const explained = (first * first + second * second - 2 * first * second * between) / determinant
  return Math.max(0, 1 - explained)
}

/** c f g + d, by regression. */
function productOf(f: Factor, g: Factor, y: Float64Array): Expression {
  const { c, d } = regress(
    f.values.map((value, r) => value * g.values[r]!),
    y,
  )
  return sum(product(number(c), joined(f.expression, g.expression)), number(d))
}

/** f g, where a reciprocal divides. */
function joined(f: Expression, g: Expression): Expression {
  if (g.kind === 'divide' && f.kind !== 'divide') return quotient(f, g.right)
  return f.kind === 'divide' ? quotient(g, f.right) : multiply(f, g)
}

function sumOf(f: Factor, g: Factor, y: Float64Array): Expression {
  // Gauss-Seidel's few steps lead near enough for Levenberg and Marquardt's.
  let [c, e, d] = [0, 0, 0]
  for (let step = 0; step < 20; step++) {
    ;({ c, d } = regress(
      f.values,
      y.map((value, r) => value - e * g.values[r]!),
    ))
    ;({ c: e, d } = regress(
      g.values,
      y.map((value, r) => value - c * f.values[r]!),
    ))
  }
  return sum(sum(product(number(c), f.expression), product(number(e), g.expression)), number(d))
}
