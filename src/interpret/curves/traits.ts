import type { Expression, MathFunction } from '../../formula/index.ts'
import { derive, fold, functions } from '../../formula/index.ts'
import type { SymbolicFunction } from './library.ts'
import { scalar } from './scalar.ts'
import type { Scalar } from './scalar.ts'

/**
 * What makes a function's (a, b) redundant, found by trying: f(2.7 u) is an affine function of f(u), so only b / a matters
 * (powers, log), and so on. It saves the search a dimension, or half of it.
 */
export interface Traits {
  /** f(a u) = p f(u) + q for every a > 0: powers, abs, log. */
  readonly scaleFree: boolean
  /** f(u + s) = p f(u) + q for every s: exp, x. */
  readonly shiftFree: boolean
  /** f(-u) = p f(u) + q: odd and even functions, and sigmoid. */
  readonly mirrored: boolean
  /** The smallest known P with f(u + P) = p f(u) + q (pi for sin), else undefined. */
  readonly period: number | undefined
  /** It turns often: many frequencies must be tried. */
  readonly turns: boolean
  /** f is a constant. */
  readonly constant: boolean
  /** f has kinks or jumps: which rows they lie between must be tried. */
  readonly breaks: boolean
}

/** A function ready for numbers. */
export interface Curve extends Traits {
  readonly source: SymbolicFunction
  readonly value: Scalar
  readonly slope: Scalar
}

const curves = new WeakMap<Expression, Curve>()

/** The function with its slope and traits; made once for each function. */
export function curveOf(source: SymbolicFunction): Curve {
  const known = curves.get(source.expression)
  if (known !== undefined) return known
  const value = scalar(source.expression)
  const slope = scalar(derive(source.expression, 'u'))
  const curve: Curve = { source, value, slope, ...findTraits(source, value) }
  curves.set(source.expression, curve)
  return curve
}

/** Where tables of functions begin, their steps per unit and their length. */
const TABLE = { start: -128, density: 32, length: 8192 } as const

const roughs = new WeakMap<Curve, Curve>()

/**
 * A function of the whole line from a table with straight lines between, within 1e-4 of functions that change over about 1: for a
 * coarse search in a tenth of the time. NaN outside [-128, 128].
 */
export function roughCurve(curve: Curve): Curve {
  const known = roughs.get(curve)
  if (known !== undefined) return known
  const { start, density, length } = TABLE
  const table = Float64Array.from({ length: length + 1 }, (_, k) => curve.value(start + k / density))
  const rough: Curve = {
    ...curve,
    value: u => {
      const at = (u - start) * density
      if (!(at >= 0 && at < length)) return NaN
      const cell = at | 0
      return table[cell]! + (at - cell) * (table[cell + 1]! - table[cell]!)
    },
    slope: u => {
      const cell = ((u - start) * density) | 0
      return density * (table[cell + 1]! - table[cell]!)
    },
  }
  roughs.set(curve, rough)
  return rough
}

/** Points of the domain to try things at. */
const PROBES = Float64Array.from({ length: 24 }, (_, k) => (k + 0.31) / 24)

function findTraits(source: SymbolicFunction, value: (u: number) => number): Traits {
  const { low, high } = source.domain
  const whole = low === -Infinity && high === Infinity
  const symmetric = low === -high
  const wide = Math.min(Math.max(high - low, 0), 6)
  const from = low > -Infinity ? low : high < Infinity ? high - wide : -wide / 2
  const points = PROBES.map(share => from + wide * share)
  const own = points.map(value)
  const relates = (moved: (u: number) => number): boolean =>
    areAffine(
      own,
      points.map(u => value(moved(u))),
    )
  const constant = areAffine(points, own, true)
  const scalable = whole || (low === 0 && high === Infinity) || (low === -Infinity && high === 0)
  const shiftFree = whole && relates(u => u + 0.37) && relates(u => u - 1.9)
  return {
    scaleFree: scalable && relates(u => 2.7 * u) && relates(u => 0.3 * u),
    shiftFree,
    mirrored: symmetric && relates(u => -u),
    period: whole && !shiftFree ? PERIODS.find(period => relates(u => u + period)) : undefined,
    turns: whole && countTurns(value) > 6,
    constant,
    breaks: fold<boolean>(
      source.expression,
      (node, parts) => parts.includes(true) || (node.kind === 'call' && hasBreak(functions[node.name])),
    ),
  }
}

function hasBreak({ breaks }: MathFunction): boolean {
  return breaks !== undefined
}

const PERIODS = [0.5, 1, Math.PI / 2, 2, Math.PI, 2 * Math.PI]

/** Whether the second list is an affine function of the first (or a constant), but for rounding. */
function areAffine(first: Float64Array, second: Float64Array, toConstant = false): boolean {
  const count = first.length
  let [meanOfFirst, meanOfSecond] = [0, 0]
  for (let k = 0; k < count; k++) {
    meanOfFirst += first[k]! / count
    meanOfSecond += second[k]! / count
  }
  let [squares, product, all, largest] = [0, 0, 0, 0]
  for (let k = 0; k < count; k++) {
    const deviation = first[k]! - meanOfFirst
    squares += deviation * deviation
    product += deviation * (second[k]! - meanOfSecond)
    all += (second[k]! - meanOfSecond) ** 2
    largest = Math.max(largest, Math.abs(second[k]!))
  }
  if (toConstant) return all <= 1e-28 * count * largest * largest
  if (!(squares > 0) || !(all > 0)) return false
  const factor = product / squares
  let left = 0
  for (let k = 0; k < count; k++)
    left += (second[k]! - meanOfSecond - factor * (first[k]! - meanOfFirst)) ** 2
  return left <= 1e-24 * all // 1e-12 of the deviation: some hundred roundings
}

/** How often the function changes direction on [-40, 40]. */
function countTurns(value: (u: number) => number): number {
  let [turns, direction] = [0, 0]
  let before = value(-40)
  for (let u = -40; u < 40; u += 1 / 8) {
    const next = value(u + 1 / 8)
    const now = Math.sign(next - before)
    if (now !== 0 && direction !== 0 && now !== direction) turns++
    if (now !== 0) direction = now
    before = next
  }
  return turns
}
