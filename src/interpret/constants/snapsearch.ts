import type { Parts } from '../../engine/parts.ts'
import { number } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { replaceNodes } from './constants.ts'
import { deviations } from './deviations.ts'
import { niceNumbers } from './nicenumbers.ts'
import type { NiceNumber } from './nicenumbers.ts'
import { isPlausible, placesOf } from './plausible.ts'
import type { NumberPlaces } from './plausible.ts'
import type { ConstantProblem } from './problem.ts'
import type { Significance } from './significance.ts'

/** Numbers are tried when the linear model says that they cost at most this many times the limits: it is only a model. */
const SLACK = 4
/** It removes a term, which no unit of a column changes, and costs nothing. */
const ZERO: NiceNumber = { value: 0, expression: number(0), cost: 0, kind: 'plain' }
/** Factors and exponents that need no proof: 1 and -1, and others within a standard error. One of two: whether there is one at all. */
const PLAIN: readonly NiceNumber[] = [1, 2, 3, 4].flatMap(n =>
  [n, -n].map(value => ({
    value,
    expression: number(value),
    cost: Math.log(n) + Math.LN2,
    kind: 'plain' as const,
  })),
)
/**
 * At most this many numbers as simple as the one taken are expected between it and the fitted one (or within a standard
 * error) by chance.
 */
const COINCIDENCE = 0.1
/** The same of multiples of pi that are no angles, where rows have noise: 0.65 to half a per cent is no 2 / pi. */
const BOLD = 0.04
/** Nats by which what comes after a multiple of pi follows it. */
const PREFERENCE = 1e-6
/** A number to try for the constant `index`. */
interface Candidate extends NiceNumber {
  readonly index: number
  /** By how much it harms, in nats: its cost and half of what the linear model says that chi-square grows by. */
  readonly harm: number
  /** What the linear model says of the other numbers still free: [left]. */
  readonly others: Float64Array
}

/** The numbers of one formula: some snapped, the others fitted. */
export class SnapSearch {
  readonly #problem: ConstantProblem
  readonly #steps: number
  /** The indices of the numbers that are still fitted. */
  #left: number[]
  readonly #written = new Map<Expression, Expression>()
  /** Numbers that were tried for a constant and refused, as they are refused again unless much changes. */
  readonly #refused = new Set<string>()
  readonly #places: NumberPlaces
  numbers: Float64Array
  squares: number

  constructor(problem: ConstantProblem, steps: number) {
    this.#problem = problem
    this.#steps = steps
    this.#places = placesOf(problem.expression)
    this.#left = problem.free.map((_, k) => k)
    this.numbers = problem.start
    this.squares = Infinity
  }

  /** The formula with the numbers written as they were snapped. */
  get expression(): Expression {
    const fitted = this.#left.map(k => [this.#problem.free[k]!, number(this.numbers[k]!)] as const)
    return replaceNodes(this.#problem.expression, new Map([...this.#written, ...fitted]))
  }

  /** Fits the numbers that are left: before any is snapped, and at the end. */
  *polish(): Parts<void> {
    const { c, squares } = yield* this.#problem.fitParts(this.numbers, this.#left, this.#steps)
    this.numbers = c
    this.squares = squares
  }

  /** Snaps the number that it harms least; false when the rows object to every one. */
  *snapOne(judge: Significance): Parts<boolean> {
    for (const candidate of this.#candidates(judge)) {
      const { index, value, others } = candidate
      const key = `${index} ${value}`
      if (this.#refused.has(key)) continue
      const rest = this.#left.filter(k => k !== index)
      const next = yield* this.#refit(index, value, rest, others, judge)
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
  *#refit(
    index: number,
    value: number,
    rest: readonly number[],
    others: Float64Array,
    judge: Significance,
  ): Parts<{ readonly c: Float64Array; readonly squares: number }> {
    const moved = this.numbers.slice()
    for (const [i, k] of this.#left.entries()) moved[k] = others[i]!
    const stayed = this.numbers.slice()
    stayed[index] = moved[index] = value
    const starts = [moved, stayed].map(c => ({ c, squares: this.#problem.squares(c) }))
    const start = starts[0]!.squares <= starts[1]!.squares ? starts[0]! : starts[1]!
    return judge.isRounding(start.squares) ? start : yield* this.#problem.fitParts(start.c, rest, this.#steps)
  }

  /** What may be tried, the least harmful first. */
  #candidates(judge: Significance): Candidate[] {
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
      offer(ZERO)
      // Terms have units: beside 1000000*x^2 the rows allow 1 as they do any other number.
      const node = this.#problem.free[index]!
      const isTerm = this.#places.terms.has(node)
      for (const plain of PLAIN)
        if (
          isTerm
            ? error <= COINCIDENCE && isUnit(plain)
            : isUnit(plain) || Math.abs(plain.value - value) <= error
        )
          offer(plain)
      if (error > COINCIDENCE * Math.abs(value)) continue
      const first = candidates.length
      for (const nice of niceNumbers(value, COINCIDENCE * Math.abs(value))) {
        const distance = Math.abs(nice.value - value)
        if (judge.isNoisy && !isPlausible(nice.kind, node, this.#places)) continue
        const chance = (Math.exp(nice.cost) * Math.max(distance, error)) / Math.abs(value)
        const isBold = judge.isNoisy && nice.kind === 'pi' && !this.#places.angles.has(node)
        if (chance <= (isBold ? BOLD : COINCIDENCE)) offer(nice)
      }
      if (this.#places.angles.has(node)) preferTurns(candidates, first)
    }
    return candidates.sort((a, b) => a.harm - b.harm)
  }
}

/**
 * Of the candidates from `first` on, numbers in one angle, those that take more to say than a multiple of pi that fits come after it:
 * 22/7 is within 4e-4 of pi, and nearer than it to every other number that an inexact network has in its place.
 */
function preferTurns(candidates: Candidate[], first: number): void {
  const own = candidates.slice(first)
  const turns = own.filter(({ kind }) => kind === 'pi')
  for (const [k, candidate] of own.entries()) {
    const plainer = turns.filter(({ cost, value }) => cost < candidate.cost && value !== candidate.value)
    const harm = Math.max(candidate.harm, ...plainer.map(turn => turn.harm + PREFERENCE))
    if (candidate.kind !== 'pi') candidates[first + k] = { ...candidate, harm }
  }
}

function isUnit({ value }: NiceNumber): boolean {
  return Math.abs(value) === 1
}
