import { call, constant, divide, multiply, negate, number, power } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'

/** A number that a person would write, near another. */
export interface NiceNumber {
  /** The value in float64, with the bits that the expression gives. */
  readonly value: number
  /** How it is written: 3, 3/2, pi/4, 1/sqrt(2*pi), 365.25. */
  readonly expression: Expression
  /** About the logarithm of how many numbers of a decade are as simple: what it costs, in nats, to say which one it is. */
  readonly cost: number
  readonly kind: NiceKind
}

/** A whole number, a decimal or a short fraction; a longer fraction; a multiple of pi or 1/pi; e, logarithms, roots, powers of pi. */
export type NiceKind = 'plain' | 'fraction' | 'pi' | 'other'

/** A factor that rational numbers are multiplied by, or divided by. */
interface Form {
  readonly isBelow: boolean
  /** The value, with the bits of the tree. */
  readonly value: number
  readonly tree: Expression | undefined
  /** What it costs to say that it is there, in nats: one in so many constants has it. */
  readonly cost: number
}

const pi = constant('pi')
const [common, rare, rarest] = [Math.log(4), Math.log(30), Math.log(60)]
const factors: readonly Omit<Form, 'isBelow'>[] = [
  { value: Math.PI, tree: pi, cost: common },
  { value: Math.PI * Math.PI, tree: power(pi, number(2)), cost: rare },
  { value: Math.PI ** 3, tree: power(pi, number(3)), cost: rarest },
  { value: Math.E, tree: constant('e'), cost: rare },
]
const forms: readonly Form[] = [
  { isBelow: false, value: 1, tree: undefined, cost: 0 },
  ...[false, true].flatMap(isBelow => factors.map(factor => ({ isBelow, ...factor }))),
  { isBelow: false, value: Math.log(2), tree: call('log', number(2)), cost: rarest },
  { isBelow: false, value: Math.log(10), tree: call('log', number(10)), cost: rarest },
]
const ROOT_COST = rare
/** The forms that stand under roots. */
const rootForms: readonly Form[] = [forms[0]!, forms[1]!, forms[1 + factors.length]!]

/** Rational numbers p/q have q at most this, and numbers with another factor p q at most MOST_BESIDE. */
const LARGEST_DENOMINATOR = 64
const MOST_BESIDE = 200
/** Decimals have at most this many digits: with more, a number is data, not a choice. */
const DIGITS = 6
/** Numbers that cost more than about one in 200,000 are nobody's. */
const HIGHEST_COST = 12.5

/**
 * The numbers near `value` that a person would write: whole numbers and fractions p/q with q up to 64, decimals of up to six
 * digits, small fractions of pi, pi^2, pi^3, e and what one divides by them, of log 2 and log 10, and square roots of small
 * fractions, with and without pi. None for 0. For each kind and denominator the nearest one; within `reach`, the cheapest first.
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
    for (const [p, q] of fractions(without(size, form), form.tree === undefined ? Infinity : MOST_BESIDE))
      offer(multiple(p, q, form))
  for (const form of rootForms)
    for (const [p, q] of fractions(without(size * size, form), MOST_BESIDE))
      if (form.tree !== undefined || !(Number.isInteger(Math.sqrt(p)) && Number.isInteger(Math.sqrt(q))))
        offer(root(p, q, form))
  for (let digits = 1; digits <= DIGITS; digits++) offer(decimal(size, digits))
  const nice = [...found.values()].sort((a, b) => a.cost - b.cost)
  return value > 0
    ? nice
    : nice.map(({ value, expression, ...rest }) => ({
        ...rest,
        value: -value,
        expression: negative(expression),
      }))
}

/** The number over the form. */
function without(value: number, form: Form): number {
  return form.isBelow ? value * form.value : value / form.value
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
function multiple(p: number, q: number, form: Form): NiceNumber {
  const [over, under] = parts(p, q, form)
  const value = over.value / under.value
  const cost = costOf(p, q, form)
  const kind = kindOf(p, q, form)
  // 3/4, but 0.2 and 365.25
  const isShort = q % 5 === 0 || p > 12
  if (form.tree === undefined && isShort && Number(value.toPrecision(DIGITS)) === value)
    return { value, expression: number(value), cost, kind: 'plain' }
  const expression = under.value === 1 ? over.tree : divide(over.tree, under.tree)
  return { value, expression, cost, kind }
}

/** sqrt(p / q times the form), written without a fraction under the root where p or q is 1. */
function root(p: number, q: number, form: Form): NiceNumber {
  const [over, under] = parts(p, q, form)
  const [cost, kind] = [costOf(p, q, form) + ROOT_COST, 'other' as const]
  if (over.value === 1)
    return {
      value: 1 / Math.sqrt(under.value),
      expression: divide(number(1), call('sqrt', under.tree)),
      cost,
      kind,
    }
  const inside = under.value === 1 ? over.tree : divide(over.tree, under.tree)
  return { value: Math.sqrt(over.value / under.value), expression: call('sqrt', inside), cost, kind }
}

/** What stands above and below the line: p or q, times the form. */
function parts(p: number, q: number, { isBelow, value, tree }: Form): readonly [Part, Part] {
  const beside = (n: number): Part => {
    if (tree === undefined) return { value: n, tree: number(n) }
    return n === 1 ? { value, tree } : { value: n * value, tree: multiply(number(n), tree) }
  }
  const plain = (n: number): Part => ({ value: n, tree: number(n) })
  return isBelow ? [plain(p), beside(q)] : [beside(p), plain(q)]
}

interface Part {
  readonly value: number
  readonly tree: Expression
}

function decimal(size: number, digits: number): NiceNumber {
  const text = size.toExponential(digits - 1)
  const mantissa = Number(text.slice(0, text.indexOf('e')).replace('.', '').replace(/0+$/, ''))
  // Powers of ten are free: units bring them in. ln 2: it is one, or is none.
  const cost = Math.log(mantissa) + Math.LN2
  return { value: Number(text), expression: number(Number(text)), cost, kind: 'plain' }
}

function negative(expression: Expression): Expression {
  return expression.kind === 'number' ? number(-expression.value) : negate(expression)
}

/** Fractions of larger numbers than these are short no more. */
const SHORT = { denominator: 6, product: 48 } as const

function kindOf(p: number, q: number, { tree }: Form): NiceKind {
  if (tree !== undefined) return tree === pi ? 'pi' : 'other'
  return q === 1 || (q <= SHORT.denominator && p * q <= SHORT.product) ? 'plain' : 'fraction'
}

/** ln(p q), and ln 2 for being a fraction, and what the form costs. */
function costOf(p: number, q: number, { cost }: Form): number {
  return Math.log(p * q) + (q === 1 ? 0 : Math.LN2) + cost
}

/** The greatest common divisor. */
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}
