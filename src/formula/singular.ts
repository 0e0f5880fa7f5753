import { derive } from './derive.ts'
import { compile } from './evaluate.ts'
import type { FunctionName } from './functions.ts'
import { fold, variables } from './tree.ts'
import type { Expression } from './tree.ts'

/**
 * A part of a formula that the formula is singular by: where `argument` has one of the `levels`, or for tan an odd number of
 * quarter turns.
 */
interface Guard {
  readonly argument: Expression
  readonly levels: readonly number[] | 'quarter turns'
  /** Whether to touch a level is enough (0 of 1/u and log), or whether it has to be crossed (0 of sqrt, 1 of asin). */
  readonly touches: boolean
  /** Whether there are values on both sides, so that rows on either side do not show it: 1/u and tan, but not log. */
  readonly isPole: boolean
}

type GuardOf = Omit<Guard, 'argument'>

const ofFunctions: Readonly<Partial<Record<FunctionName, GuardOf>>> = {
  tan: { levels: 'quarter turns', touches: true, isPole: true },
  log: { levels: [0], touches: true, isPole: false },
  log2: { levels: [0], touches: true, isPole: false },
  log10: { levels: [0], touches: true, isPole: false },
  sqrt: { levels: [0], touches: false, isPole: false },
  asin: { levels: [-1, 1], touches: false, isPole: false },
  acos: { levels: [-1, 1], touches: false, isPole: false },
  acosh: { levels: [1], touches: false, isPole: false },
  atanh: { levels: [-1, 1], touches: true, isPole: false },
}

/** What a formula is singular by: denominators, bases of powers, and arguments of functions; those with variables only. */
export function guardsOf(expression: Expression): Guard[] {
  const guards: Guard[] = []
  const guard = (argument: Expression, of: GuardOf | undefined): void => {
    if (of !== undefined && variables(argument).length > 0) guards.push({ argument, ...of })
  }
  fold<undefined>(expression, node => {
    if (node.kind === 'divide') guard(node.right, { levels: [0], touches: true, isPole: true })
    if (node.kind === 'power') guard(node.left, ofPower(node.right))
    if (node.kind === 'call') guard(node.arguments[0]!, ofFunctions[node.name])
    return undefined
  })
  return guards
}

function ofPower(exponent: Expression): GuardOf | undefined {
  if (variables(exponent).length > 0) return ofFunctions.log
  const value = compile(exponent, [])([])
  if (value < 0) return { levels: [0], touches: true, isPole: true }
  return Number.isInteger(value) ? undefined : { levels: [0], touches: false, isPole: false }
}

/** The quarter turn that an angle is in, counted so that odd multiples of pi/2 lie between two numbers. */
export function quarterTurn(angle: number): number {
  return Math.floor(angle / Math.PI - 0.5)
}

/**
 * The places on the line at which a formula of one variable u is singular: it has a pole, or begins or ends to exist. Plain data,
 * which crosses to other threads.
 */
export interface SingularPlaces {
  readonly points: readonly number[]
  /** Of tan(factor u + shift): at the odd multiples of pi/2. */
  readonly angles: readonly { readonly factor: number; readonly shift: number }[]
}

/** Where arguments that are no lines in u are looked at: off whole numbers and their fractions, where poles are, as domain.ts. */
const SCAN = { from: -48 + 0.37 / 32, step: 1 / 32, points: 3072 } as const

/**
 * The singular places of a formula of u, or undefined where it has none. Exact where the arguments of 1/u, log, tan, .. are
 * straight lines in u (all of the library); of others those in [-48, 48] that lie further apart than 1/32. Places that the
 * formula is continuous at (0 of sin(u)/u) do not count.
 */
export function singularPlaces(expression: Expression, u: string): SingularPlaces | undefined {
  const f = ofLine(expression, u)
  const points = new Set<number>()
  const angles: { factor: number; shift: number }[] = []
  for (const { argument, levels, touches } of guardsOf(expression)) {
    const v = ofLine(argument, u)
    const slope = derive(argument, u)
    const factor = variables(slope).length === 0 ? compile(slope, [])([]) : undefined
    if (levels === 'quarter turns') {
      if (factor === undefined) for (const place of scan(t => Math.cos(v(t)), true)) points.add(place)
      else angles.push({ factor, shift: v(0) })
    } else
      for (const level of levels) {
        if (factor === undefined) for (const place of scan(t => v(t) - level, touches)) points.add(place)
        else points.add((level - v(0)) / factor)
      }
  }
  const singular = [...points].filter(point => Number.isFinite(point) && !isContinuous(f, point))
  return singular.length + angles.length > 0 ? { points: singular, angles } : undefined
}

/** How many singular places lie between low and high, without the ends; 0 where there is nothing between. */
export function countBetween({ points, angles }: SingularPlaces, low: number, high: number): number {
  if (!(low < high)) return 0
  let count = 0
  for (let p = 0; p < points.length; p++) if (low < points[p]! && points[p]! < high) count++
  for (let n = 0; n < angles.length; n++) {
    const { factor, shift } = angles[n]!
    count += Math.abs(quarterTurn(factor * high + shift) - quarterTurn(factor * low + shift))
  }
  return count
}

function ofLine(expression: Expression, u: string): (place: number) => number {
  const f = compile(expression, [u])
  const row = new Float64Array(1)
  return place => {
    row[0] = place
    return f(row)
  }
}

/** Zeros of v in [-48, 48]: where its sign changes, and with `touches` where it touches 0 as well. */
function scan(v: (u: number) => number, touches: boolean): number[] {
  const at = (k: number): number => SCAN.from + k * SCAN.step
  const values = Float64Array.from({ length: SCAN.points }, (_, k) => v(at(k)))
  const zeros: number[] = []
  for (let k = 1; k < SCAN.points; k++) {
    const [before, here, after] = [values[k - 1]!, values[k]!, values[k + 1]!]
    if (before * here < 0 || here === 0) zeros.push(crossing(v, at(k - 1), at(k)))
    else if (touches && Math.abs(here) <= Math.abs(before) && Math.abs(here) < Math.abs(after)) {
      const place = lowest(v, at(k - 1), at(k + 1))
      // 1e-12 of a parabola's 1e-3 a step away: a minimum that touches 0 is found within 1e-8 steps.
      if (Math.abs(v(place)) < 1e-9 * Math.abs(before)) zeros.push(place)
    }
  }
  return zeros
}

function crossing(v: (u: number) => number, from: number, to: number): number {
  let [low, high] = [from, to]
  const sign = Math.sign(v(from))
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    if (Math.sign(v(middle)) === sign) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Where |v| is least between two places, by thirds. */
function lowest(v: (u: number) => number, from: number, to: number): number {
  let [low, high] = [from, to]
  for (let round = 0; round < 90; round++) {
    const [first, second] = [low + (high - low) / 3, high - (high - low) / 3]
    if (Math.abs(v(first)) < Math.abs(v(second))) high = second
    else low = first
  }
  return (low + high) / 2
}

/**
 * Whether f goes through a place without a jump: closer by a thousand, on both sides, it changes by no more than a slope of 100
 * would.
 */
function isContinuous(f: (u: number) => number, place: number): boolean {
  const reach = 1e-5 * Math.max(1, Math.abs(place))
  const here = f(place + reach)
  const most = 100 * reach * Math.max(1, Math.abs(here))
  return [reach / 1000, -reach / 1000, -reach].every(step => Math.abs(f(place + step) - here) <= most)
}
