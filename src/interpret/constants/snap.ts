import { wholeOf } from '../../engine/parts.ts'
import type { Parts } from '../../engine/parts.ts'
import type { Expression, NumberNode } from '../../formula/index.ts'
import { freeNumbers } from './constants.ts'
import type { HeldNumbers } from './constants.ts'
import { fewestDigits } from './digits.ts'
import { niceNumbers } from './nicenumbers.ts'
import { polishParts } from './polish.ts'
import { hasPoleInside } from './poles.ts'
import { checkSteps, ColumnTable, ConstantProblem } from './problem.ts'
import { Significance } from './significance.ts'
import { SnapSearch } from './snapsearch.ts'

export interface SnapOptions {
  /** Which numbers stay as they are: see HeldNumbers. Default 'whole exponents'. */
  readonly hold?: HeldNumbers
  /** Whether relative errors are minimised: see PolishOptions. Default false. */
  readonly relative?: boolean
  /** Levenberg-Marquardt steps at most for each fit. Default 100. */
  readonly steps?: number
}

/** A formula whose numbers were fitted, and are written as a person would where the rows do not object. */
export interface Snapped {
  readonly expression: Expression
  /** As polish has it, of the expression as it stands. */
  readonly rmse: number
  /** The rmse of the fit before any number was snapped. */
  readonly polished: number
  /** How many numbers were snapped. */
  readonly snapped: number
  /** How many fitted numbers are left; they have the digits that the rows support. */
  readonly free: number
}

/** Times that the formula is written in normal form and gone through again: terms vanish, and numbers meet. */
const ROUNDS = 4

/**
 * Fits the numbers of the formula (see polish), then replaces them one at a time by numbers that a person would write
 * (niceNumbers; 0, which removes a term), the one that costs least first, refitting all others after each. A number
 * is replaced when the rows do not object, that is when after refitting either
 *
 * - the errors are rounding: RMSE <= 2 b, where b is the root mean square over the rows of the bound of what rounding does to
 *   f (Tape.roundings); once for f, once for the formula that y came from; or
 * - the sum of squares S grows insignificantly, at the one per cent level: with s^2 = max(S0 / (n - p), (2 b)^2) from the fit
 *   before any snapping, S grows by at most t^2 s^2 by this number, t = t_0.995(n - p) of Student's distribution (6.6 s^2 for
 *   many rows, 21 s^2 for four more rows than numbers), and by at most chi^2_0.99(k) (t / 2.576)^2 s^2 by all k so far.
 *   As few rows would object to nothing, neither is more than a tenth of S0 or a hundredth of the spread of y, by
 *   which R2 would fall;
 *
 * and where the nice number is no coincidence: exp(cost) max(|v - c|, standard error) <= |c| / 10. (0 needs no such
 * proof. Nor do 1 and -1, and whole numbers up to 4 within a standard error, unless they are terms of a sum, which have units: a term
 * of 1 needs a standard error of at most 0.1. Of several that the rows allow, the one of the least
 * cost + growth / (2 s^2) is taken.) Numbers that stay fitted
 * are rounded to the digits that the rows support (digits.ts). So a formula is never given up that held-out rows would prefer
 * significantly: k snapped numbers that were wrong could cost at most chi^2_0.99(k) / n of the noise's variance, 0.7 % for
 * one and 2.3 % for ten at 1000 rows.
 *
 * x is row-major [rows][variables], y [rows]. Where the formula does not exist on a row it is given back as it was, with
 * rmse Infinity; as it was polished where snapping would put a pole between rows (hasPoleInside). Never NaN.
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

/** More of what snapOn may be told. */
export interface StoppedSnapOptions extends SnapOptions {
  /** Asked before each number: once it says so the others stay fitted. Default: never. */
  readonly stop?: () => boolean
  /** Where numbers stand beside affine maps of levels: see ColumnTable.normalised. */
  readonly factors?: 'inside' | 'before'
}

/** As snap, on a table that many formulas are fitted to. */
export function snapOn(
  table: ColumnTable,
  expression: Expression,
  options: StoppedSnapOptions = {},
): Snapped {
  return wholeOf(snapParts(table, expression, options))
}

/** As snapOn, a trial of a fit at a time. */
export function* snapParts(
  table: ColumnTable,
  expression: Expression,
  options: StoppedSnapOptions = {},
): Parts<Snapped> {
  const { hold, relative = false, steps = 100, stop = () => false, factors } = options
  checkSteps(steps)
  const weights = table.weights(relative)
  const given = yield* polishParts(table, expression, options)
  if (!Number.isFinite(given.rmse))
    return { expression, rmse: Infinity, polished: Infinity, snapped: 0, free: 0 }
  const plain = new ConstantProblem(expression, [], table, weights)
  // The constants of a normal form do not say the same thing twice; a formula that it would harm stays as it is.
  const start = table.normalised(given.expression, factors)
  let tree = plain.of(start).squares([]) < Infinity ? start : given.expression
  let judge: Significance | undefined
  let polished = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const free = freeNumbers(tree, hold).filter(node => round === 0 || !isNice(node.value))
    const problem = new ConstantProblem(tree, free, table, weights)
    const search = new SnapSearch(problem, steps)
    yield* search.polish()
    if (judge === undefined) {
      polished = Math.sqrt(search.squares / table.rows)
      const floor = 2 * problem.rounding(search.numbers)
      judge = new Significance(search.squares, table.rows, free.length, floor, problem.spread)
    }
    const before = judge.snapped
    while (!stop() && (yield* search.snapOne(judge)));
    yield* search.polish()
    const written = search.expression
    const tidy = table.normalised(written, factors)
    // Tidying changes last digits; a formula that it would harm stays as it is written.
    const isHarmless = judge.isSame(plain.of(tidy).squares([]), search.squares)
    tree = isHarmless ? tidy : written
    if (judge.snapped === before || !isHarmless) break
  }
  const left = freeNumbers(tree, hold).filter(node => !isNice(node.value))
  const squares = plain.of(tree).squares([])
  if (judge !== undefined && !judge.isRounding(squares)) {
    const isWritten = (node: NumberNode): boolean => !left.includes(node)
    const short = fewestDigits(tree, table, weights, { variance: judge.variance, hold: isWritten })
    if (judge.allows(plain.of(short).squares([]), squares)) tree = short
  }
  if (hasPoleInside(tree, table) && !hasPoleInside(given.expression, table))
    return { expression: given.expression, rmse: given.rmse, polished, snapped: 0, free: left.length }
  const [rmse, snapped] = [Math.sqrt(plain.of(tree).squares([]) / table.rows), judge?.snapped ?? 0]
  return { expression: tree, rmse, polished, snapped, free: left.length }
}

/** A larger whole number is one by chance: in float64 all are from 2^52 on. */
const LARGEST_WHOLE = 1e6

/** Whether a person would write the number as it is. */
function isNice(value: number): boolean {
  return (Number.isInteger(value) && Math.abs(value) <= LARGEST_WHOLE) || niceNumbers(value, 0).length > 0
}
