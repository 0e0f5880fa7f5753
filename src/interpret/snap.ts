import { normalise, number } from '../formula/index.ts'
import type { Expression } from '../formula/index.ts'
import { freeNumbers, replaceNodes } from './constants.ts'
import type { HeldNumbers } from './constants.ts'
import { fewestDigits } from './digits.ts'
import { deviations } from './deviations.ts'
import { niceNumbers } from './nicenumbers.ts'
import type { NiceNumber } from './nicenumbers.ts'
import { polishOn } from './polish.ts'
import { checkSteps, ColumnTable, ConstantProblem } from './problem.ts'

export interface SnapOptions {
  /** Which numbers stay as they are: see HeldNumbers. Default 'whole exponents'. */
  readonly hold?: HeldNumbers
  /** Whether relative errors are minimised: see PolishOptions. Default false. */
  readonly relative?: boolean
  /** Levenberg-Marquardt steps at most for each fit. Default 100. */
  readonly steps?: number
}

/** A formula whose constants were fitted, and are written as a person would where the rows do not object. */
export interface Snapped {
  readonly expression: Expression
  /** As polish has it, of the expression as it stands. */
  readonly rmse: number
  /** The rmse of the fit before any number was snapped. */
  readonly polished: number
  /** How many numbers were snapped. */
  readonly snapped: number
  /** How many fitted numbers are left. */
  readonly free: number
}

/** Numbers are tried when the linear model says that they cost at most this many times the limits: it is only a model. */
const SLACK = 4
/**
 * At most this many numbers as simple as the one taken are expected between it and the fitted one (or within a standard
 * error) by chance.
 */
const COINCIDENCE = 0.25
/** Times that the formula is written in normal form and gone through again: terms vanish, and numbers meet. */
const ROUNDS = 4

/**
 * Fits the numbers of the formula (see polish), then replaces them one at a time by numbers that a person would write
 * (niceNumbers; 0, which removes a term; 1 and -1), the one that costs least first, refitting all others after each. A number
 * is replaced when the rows do not object, that is when after refitting either
 *
 * - the errors are rounding: RMSE <= 2 b, where b is the root mean square over the rows of the bound of what rounding does to
 *   f (Tape.roundings); once for f, once for the formula that y came from; or
 * - the sum of squares S grows insignificantly, at the one per cent level: with s^2 = max(S0 / (n - p), (2 b)^2) from the fit
 *   before any snapping, S grows by at most t^2 s^2 by this number, t = t_0.995(n - p) of Student's distribution (6.6 s^2 for
 *   many rows, 21 s^2 for four more rows than numbers), and by at most chi^2_0.99(k) (t / 2.576)^2 s^2 by all k so far;
 *
 * and where the nice number is no coincidence: exp(cost) max(|v - c|, standard error) <= |c| / 4. (0, 1 and -1 need no such
 * proof, as they make the formula shorter.) So a formula is never given up that rows of held-out samples would prefer
 * significantly: k snapped numbers that were wrong could cost at most chi^2_0.99(k) / n of the noise's variance, 0.7 % for
 * one and 2.3 % for ten at 1000 rows.
 *
 * x is row-major [rows][variables], y [rows]. Where the formula does not exist on a row it is given back as it was, with
 * rmse Infinity. Never NaN.
 *
 * @throws ConfigError for a variable without a column; ShapeError for x or y of another length
 */
export function snap(
  expression: Expression,
  variables: readonly string[],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  rows: number,
  options: SnapOptions = {},
): Snapped {
  return snapOn(new ColumnTable(variables, x, y, rows), expression, options)
}

/** As snap, on a table that many formulas are fitted to. */
export function snapOn(table: ColumnTable, expression: Expression, options: SnapOptions = {}): Snapped {
  const { hold, relative = false, steps = 100 } = options
  checkSteps(steps)
  const weights = table.weights(relative)
  const bounds = table.bounds
  const given = polishOn(table, expression, options)
  if (!Number.isFinite(given.rmse))
    return { expression, rmse: Infinity, polished: Infinity, snapped: 0, free: 0 }
  const plain = new ConstantProblem(expression, [], table, weights)
  // The constants of a normal form do not say the same thing twice; a formula that it would harm stays as it is.
  const start = normalise(given.expression, { bounds })
  let tree = plain.of(start).squares([]) < Infinity ? start : given.expression
  let judge: Judge | undefined
  let polished = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const free = freeNumbers(tree, hold).filter(node => round === 0 || !isNice(node.value))
    const problem = new ConstantProblem(tree, free, table, weights)
    const search = new Search(problem, steps)
    if (judge === undefined) {
      polished = Math.sqrt(search.squares / table.rows)
      judge = new Judge(search.squares, table.rows, free.length, 2 * problem.rounding(search.numbers))
    }
    const before = judge.snapped
    while (search.snapOne(judge));
    search.polish()
    const written = search.expression
    const tidy = normalise(written, { bounds })
    // Tidying changes last digits; a formula that it would harm stays as it is written.
    const isHarmless = judge.isSame(plain.of(tidy).squares([]), search.squares)
    tree = isHarmless ? tidy : written
    if (judge.snapped === before || !isHarmless) break
  }
  const left = freeNumbers(tree, hold).filter(node => !isNice(node.value)).length
  const variance = judge === undefined || judge.isRounding(plain.of(tree).squares([])) ? 0 : judge.variance
  const short = variance === 0 ? tree : fewestDigits(tree, table, weights, { variance, hold })
  const final = plain.of(short)
  return {
    expression: short,
    rmse: Math.sqrt(final.squares([]) / table.rows),
    polished,
    snapped: judge?.snapped ?? 0,
    free: left,
  }
}

/** A larger whole number is one by chance: in float64 all are from 2^52 on. */
const LARGEST_WHOLE = 1e6

/** Whether a person would write the number as it is. */
function isNice(value: number): boolean {
  return (Number.isInteger(value) && Math.abs(value) <= LARGEST_WHOLE) || niceNumbers(value, 0).length > 0
}

/** Says whether the rows object: see snap. */
class Judge {
  /** How many numbers have been snapped. */
  snapped = 0
  readonly rows: number
  /** The root mean square that is rounding. */
  readonly floor: number
  /** The variance s^2. */
  readonly variance: number
  /** By how much one number may make the sum of squares grow. */
  readonly #step: number
  readonly #squares: number

  constructor(squares: number, rows: number, parameters: number, floor: number) {
    this.#squares = squares
    this.rows = rows
    this.floor = Number.isFinite(floor) ? floor : 0
    const freedom = Math.max(1, rows - parameters)
    this.variance = Math.max(squares / freedom, this.floor ** 2)
    this.#step = student995(freedom) ** 2 * this.variance
  }

  /** Whether a sum of squares is rounding. */
  isRounding(squares: number): boolean {
    return squares <= this.rows * this.floor ** 2
  }

  /** Whether the step from one sum of squares to the next is insignificant, `slack` times the limits allowed. */
  allows(next: number, current: number, slack = 1): boolean {
    if (this.isRounding(next / slack ** 2)) return true
    const total = (chiSquare99(this.snapped + 1) / NORMAL_995 ** 2) * this.#step
    return next - current <= slack * this.#step && next - this.#squares <= slack * total
  }

  /** Whether two sums of squares differ by rounding. */
  isSame(next: number, current: number): boolean {
    return this.isRounding(next) || next <= current + 1e-6 * this.variance
  }
}

/** A number to try for the constant `index`. */
interface Candidate extends NiceNumber {
  readonly index: number
  /** By how much it harms, in nats: its cost and half of what the linear model says that chi-square grows by. */
  readonly harm: number
  /** What the linear model says of the other numbers still free: [left]. */
  readonly others: Float64Array
}

/** The numbers of one formula: some snapped, the others fitted. */
class Search {
  readonly #problem: ConstantProblem
  readonly #steps: number
  /** The indices of the numbers that are still fitted. */
  #left: number[]
  readonly #written = new Map<Expression, Expression>()
  /** Numbers that were tried for a constant and refused, as they are refused again unless much changes. */
  readonly #refused = new Set<string>()
  numbers: Float64Array
  squares: number

  constructor(problem: ConstantProblem, steps: number) {
    this.#problem = problem
    this.#steps = steps
    this.#left = problem.free.map((_, k) => k)
    this.numbers = problem.start
    this.squares = Infinity
    this.polish()
  }

  /** The formula with the numbers written as they were snapped. */
  get expression(): Expression {
    const fitted = this.#left.map(k => [this.#problem.free[k]!, number(this.numbers[k]!)] as const)
    return replaceNodes(this.#problem.expression, new Map([...this.#written, ...fitted]))
  }

  /** Fits the numbers that are left. */
  polish(): void {
    const { c, squares } = this.#problem.fit(this.numbers, this.#left, this.#steps)
    this.numbers = c
    this.squares = squares
  }

  /** Snaps the number that it harms least; false when the rows object to every one. */
  snapOne(judge: Judge): boolean {
    for (const candidate of this.#candidates(judge)) {
      const { index, value, others } = candidate
      const key = `${index} ${value}`
      if (this.#refused.has(key)) continue
      const rest = this.#left.filter(k => k !== index)
      const next = this.#refit(index, value, rest, others, judge)
      if (!judge.allows(next.squares, this.squares)) {
        this.#refused.add(key)
        continue
      }
      this.#written.set(this.#problem.free[index]!, candidate.expression)
      this.#left = rest
      this.numbers = next.c
      this.squares = next.squares
      judge.snapped++
      return true
    }
    return false
  }

  /** The fit of the others with one number set: from what the linear model says of them, or from where they are. */
  #refit(
    index: number,
    value: number,
    rest: readonly number[],
    others: Float64Array,
    judge: Judge,
  ): { readonly c: Float64Array; readonly squares: number } {
    const moved = this.numbers.slice()
    for (const [i, k] of this.#left.entries()) moved[k] = others[i]!
    const stayed = this.numbers.slice()
    stayed[index] = moved[index] = value
    const starts = [moved, stayed].map(c => ({ c, squares: this.#problem.squares(c) }))
    const start = starts[0]!.squares <= starts[1]!.squares ? starts[0]! : starts[1]!
    return judge.isRounding(start.squares) ? start : this.#problem.fit(start.c, rest, this.#steps)
  }

  /** What may be tried, the least harmful first. */
  #candidates(judge: Judge): Candidate[] {
    const jacobian = this.#problem.jacobian(this.numbers)
    const columns = this.#left.map(k => jacobian[k]!)
    const { standard, moves } = deviations(columns, judge.rows)
    const candidates: Candidate[] = []
    const scale = Math.sqrt(judge.variance)
    for (const [i, index] of this.#left.entries()) {
      const value = this.numbers[index]!
      const error = standard[i]! * scale
      const offer = (nice: NiceNumber): void => {
        const distance = nice.value - value
        const growth = (distance / standard[i]!) ** 2
        if (!judge.allows(this.squares + growth, this.squares, SLACK)) return
        const others = Float64Array.from(this.#left, (k, j) => this.numbers[k]! + distance * moves[i]![j]!)
        candidates.push({ ...nice, index, harm: nice.cost + growth / judge.variance / 2, others })
      }
      for (const plain of [0, 1, -1]) offer({ value: plain, expression: number(plain), cost: 0 })
      if (error > COINCIDENCE * Math.abs(value)) continue
      for (const nice of niceNumbers(value, COINCIDENCE * Math.abs(value))) {
        const distance = Math.abs(nice.value - value)
        const chance = (Math.exp(nice.cost) * Math.max(distance, error)) / Math.abs(value)
        if (chance <= COINCIDENCE) offer(nice)
      }
    }
    return candidates.sort((a, b) => a.harm - b.harm)
  }
}

/** The 99.5th percentile of the normal distribution. */
const NORMAL_995 = 2.5758

/**
 * The 99.5th percentile of Student's distribution, by its expansion about the normal one (Abramowitz and Stegun 26.7.5): 1.2 %
 * small at 4 degrees of freedom, where it is 4.60, right to 0.1 % from 8 on.
 */
function student995(freedom: number): number {
  const z = NORMAL_995
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  )
}

/**
 * The 99th percentile of chi-square with k degrees of freedom, by Wilson and Hilferty (1931): right to 2 % at k = 1, and to
 * 0.3 % from 3 on.
 */
function chiSquare99(k: number): number {
  const spread = 2 / (9 * k)
  return k * (1 - spread + 2.3263 * Math.sqrt(spread)) ** 3
}
