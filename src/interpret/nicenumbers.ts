import { call, compile, constant, divide, multiply, negate, number, power } from '../formula/index.ts'
import type { Expression } from '../formula/index.ts'

/** A number that a person would write, near another. */
export interface NiceNumber {
  /** The value in float64, with the bits that the expression gives. */
  readonly value: number
  /** How it is written: 3, 3/2, pi/4, 1/sqrt(2*pi), 365.25. */
  readonly expression: Expression
  /** About the logarithm of how many numbers of a decade are as simple: what it costs, in nats, to say which one it is. */
  readonly cost: number
}

/** A factor that rational numbers are multiplied by. */
interface Form {
  readonly value: number
  readonly above: Expression | undefined
  readonly below: Expression | undefined
}

const pi = constant('pi')
const e = constant('e')
const square = power(pi, number(2))
const cube = power(pi, number(3))

const forms: readonly Form[] = [
  { value: 1, above: undefined, below: undefined },
  { value: Math.PI, above: pi, below: undefined },
  { value: 1 / Math.PI, above: undefined, below: pi },
  { value: Math.PI ** 2, above: square, below: undefined },
  { value: 1 / Math.PI ** 2, above: undefined, below: square },
  { value: Math.PI ** 3, above: cube, below: undefined },
  { value: 1 / Math.PI ** 3, above: undefined, below: cube },
  { value: Math.E, above: e, below: undefined },
  { value: 1 / Math.E, above: undefined, below: e },
  { value: Math.LN2, above: call('log', number(2)), below: undefined },
  { value: Math.LN10, above: call('log', number(10)), below: undefined },
]

/** Rational numbers p/q have q at most this, and numbers with another factor p q at most MOST_BESIDE. */
const LARGEST_DENOMINATOR = 64
const MOST_BESIDE = 200
/** Decimals have at most this many digits: with more, a number is data, not a choice. */
const DIGITS = 6
/** What it costs to say that there is a factor, and which: the number of forms. */
const FORM_COST = Math.log(14)
/** Numbers that cost more than about one in 200,000 are nobody's. */
const HIGHEST_COST = 12.5

/**
 * The numbers near `value` that a person would write: whole numbers and fractions p/q with q up to 64, decimals of up to six
 * digits, small fractions of pi, pi^2, pi^3, e and what one divides by them, of log 2 and log 10, and square roots of small fractions, with and
 * without pi. None for 0. For each kind and denominator the nearest one; within `reach`, the cheapest first.
 */
export function niceNumbers(value: number, reach = Infinity): NiceNumber[] {
  const size = Math.abs(value)
  if (!(size > 0 && size < 1e15)) return []
  const found = new Map<number, NiceNumber>()
  const offer = (nice: NiceNumber): void => {
    if (!(Math.abs(nice.value - size) <= reach) || !(nice.cost <= HIGHEST_COST)) return
    const known = found.get(nice.value)
    if (known === undefined || nice.cost < known.cost) found.set(nice.value, nice)
  }
  for (const form of forms)
    for (const [p, q] of fractions(size / form.value, form === forms[0] ? Infinity : MOST_BESIDE))
      offer(multiple(p, q, form))
  for (const form of forms.slice(0, 3))
    for (const [p, q] of fractions((size * size) / form.value, MOST_BESIDE)) {
      const isPlain = form.above === undefined && form.below === undefined
      if (!(isPlain && Number.isInteger(Math.sqrt(p)) && Number.isInteger(Math.sqrt(q))))
        offer(root(p, q, form))
    }
  for (let digits = 1; digits <= DIGITS; digits++) offer(decimal(size, digits))
  return [...found.values()]
    .sort((a, b) => a.cost - b.cost)
    .map(({ expression, cost }) => {
      const signed = value > 0 ? expression : negative(expression)
      return { value: compile(signed, [])([]), expression: signed, cost }
    })
}

/** Fractions in lowest terms near r, one for each denominator, with p q at most `most`. */
function fractions(r: number, most: number): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = []
  for (let q = 1; q <= LARGEST_DENOMINATOR; q++) {
    const p = Math.round(r * q)
    if (p > 0 && p * q <= most && divisor(p, q) === 1) found.push([p, q])
  }
  return found
}

/** p / q times the form. */
function multiple(p: number, q: number, { value, above, below }: Form): NiceNumber {
  const over = times(p, above)
  const under = times(q, below)
  const expression = under === undefined ? (over ?? number(1)) : divide(over ?? number(1), under)
  const isPlain = above === undefined && below === undefined
  return {
    value: (p * value) / q,
    expression,
    cost: fractionCost(p, q) + (isPlain ? 0 : FORM_COST),
  }
}

/** sqrt(p / q times the form), written without a fraction under the root where p or q is 1. */
function root(p: number, q: number, { value, above, below }: Form): NiceNumber {
  const over = times(p, above)
  const under = times(q, below)
  const expression =
    over === undefined
      ? divide(number(1), call('sqrt', under ?? number(1)))
      : call('sqrt', under === undefined ? over : divide(over, under))
  return { value: Math.sqrt((p * value) / q), expression, cost: fractionCost(p, q) + FORM_COST }
}

function decimal(size: number, digits: number): NiceNumber {
  const text = size.toExponential(digits - 1)
  const mantissa = Number(text.slice(0, text.indexOf('e')).replace('.', '').replace(/0+$/, ''))
  // Powers of ten are free: units bring them in. ln 2: it is one, or is none.
  return { value: Number(text), expression: number(Number(text)), cost: Math.log(mantissa) + Math.LN2 }
}

/** n times an expression; undefined for 1 alone. */
function times(n: number, factor: Expression | undefined): Expression | undefined {
  if (factor === undefined) return n === 1 ? undefined : number(n)
  return n === 1 ? factor : multiply(number(n), factor)
}

function negative(expression: Expression): Expression {
  return expression.kind === 'number' ? number(-expression.value) : negate(expression)
}

/** ln(p q), and ln 2 for being a fraction. */
function fractionCost(p: number, q: number): number {
  return Math.log(p * q) + (q === 1 ? 0 : Math.LN2)
}

/** The greatest common divisor. */
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}
