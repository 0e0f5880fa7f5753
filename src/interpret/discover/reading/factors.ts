import {
  add,
  call,
  divide,
  evaluateRows,
  multiply,
  negate,
  number,
  power,
  subtract,
  variable,
} from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import { resolveLibrary } from '../../curves/library.ts'
import type { LibraryChoice } from '../../curves/library.ts'

/** A function with numbers that it may start from: a factor of a product, or a term of a sum, of one variable. */
export interface Factor {
  /** Which function it is: those of one kind differ by their numbers only. */
  readonly kind: string
  readonly cost: number
  /** A formula of u. */
  readonly expression: Expression
  /** Its values at the rows. */
  readonly values: Float64Array
}

interface Seed {
  readonly kind: string
  readonly cost: number
  readonly expression: Expression
}

const u = variable('u')
/** Frequencies, in half ranges: a wave of a frequency is found from one that is 0.4 off. */
const FREQUENCIES = Array.from({ length: 40 }, (_, k) => 0.4 + 0.7 * k)
const PHASES = [0, 1, 2, 3].map(k => (k * Math.PI) / 4)
const RATES = [0.25, 0.4, 0.6, 1, 1.6, 2.5, 4, 6.3, 10].flatMap(rate => [rate, -rate])
const WIDTHS = [0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6]
const CENTRES = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1]
/** How far outside the rows a pole is, in half ranges. */
const DISTANCES = [0.01, 0.03, 0.1, 0.3, 1, 3]
const POWERS: readonly (readonly [string, number])[] = [
  ['x', 1],
  ['x^2', 2],
  ['x^3', 3],
  ['1/x', -1],
  ['1/x^2', -2],
  ['sqrt', 0.5],
  ['1/sqrt(x)', -0.5],
]
/** A power p that may be any number costs as much; where it is one of these it is among the others. */
const FREE_POWER_COST = 4
/** Sigmoids of a positive column (Hill's), and exponentials of its reciprocal (Arrhenius's), stand alone as well as in pairs. */
const HILL_COST = 3
const HILL_POWERS = [1.5, 2, 3, 5]
const INVERSE_COST = 4
export const ALONE: ReadonlySet<string> = new Set(['hill', 'exp(1/x)', 'pole'])
const FREE_POWERS = [-3, -1.5, 1.5, 3.5]

/**
 * Functions of u on [low, high], each from a few starts: what the library has, 1 / (1 + u^2) and 1 / (exp(u) - 1) where it has
 * their parts, and functions of the user's own. Those that are not finite on a row are left out.
 *
 * @param poles places between rows where there may be a pole: see jumps
 */
export function factorsFor(
  x: Float64Array,
  library: LibraryChoice | undefined,
  poles: readonly number[] = [],
): Factor[] {
  const low = x.reduce((least, value) => Math.min(least, value), Infinity)
  const high = x.reduce((most, value) => Math.max(most, value), -Infinity)
  const seeds = seedsFor((low + high) / 2, (high - low) / 2, library, poles)
  return seeds.flatMap(seed => {
    const values = evaluateRows(seed.expression, ['u'], x, x.length)
    const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    return values.every(Number.isFinite) && size > 0 && size < 1e100 ? [{ ...seed, values }] : []
  })
}

function seedsFor(
  middle: number,
  half: number,
  library: LibraryChoice | undefined,
  poles: readonly number[],
): Seed[] {
  const functions = new Map(resolveLibrary(library).map(known => [known.name, known]))
  const costOf = (name: string): number | undefined => functions.get(name)?.complexity
  const seeds: Seed[] = []
  /** One of these, where the library has them all. */
  const offer = (
    kind: string,
    names: readonly string[],
    extra: number,
    expressions: () => Expression[],
  ): void => {
    const costs = names.map(costOf)
    if (costs.includes(undefined)) return
    const cost = costs.reduce<number>((sum, own) => sum + (own ?? 0), extra)
    for (const expression of expressions()) seeds.push({ kind, cost, expression })
  }
  const centres = CENTRES.map(centre => middle + half * centre)
  const outside = DISTANCES.flatMap(d => [middle - half * (1 + d), middle + half * (1 + d)])
  const from = (place: number): Expression => (place === 0 ? u : subtract(u, number(place)))
  const wave = (name: 'sin' | 'cos', w: number, phase: number): Expression => {
    const a = w / half
    return call(name, add(multiply(number(a), u), number(phase - a * middle)))
  }
  const waves = (name: 'sin' | 'cos') => (): Expression[] =>
    FREQUENCIES.flatMap(w => PHASES.map(phase => wave(name, w, phase)))
  const name = functions.has('sin') ? 'sin' : 'cos'
  offer('wave', [name], 1, waves(name))
  offer('plain wave', [name], 0.5, () => FREQUENCIES.map(w => call(name, multiply(number(w / half), u))))
  offer('exp', ['exp'], 0.5, () => RATES.map(rate => call('exp', multiply(number(rate / half), u))))
  for (const [own, p] of POWERS) {
    const raised = (base: Expression): Expression =>
      p === 1 ? base : p === -1 ? divide(number(1), base) : power(base, number(p))
    offer(own, [own], 0, () => [raised(u)])
    const isWhole = Number.isInteger(p) && p > 0
    // To the right of the rows the base is turned round.
    const flipped = (place: number): Expression =>
      place > middle && !isWhole ? subtract(number(place), u) : from(place)
    offer(`${own} shifted`, [own], 1, () =>
      (isWhole ? [...centres, ...outside] : outside).map(s => raised(flipped(s))),
    )
  }
  offer('pole', ['1/x'], 1, () => poles.map(s => divide(number(1), from(s))))
  if (library === undefined)
    offer('x^p', [], FREE_POWER_COST, () => FREE_POWERS.map(p => power(u, number(p + 1e-3))))
  offer('log', ['log'], 0, () => [call('log', u)])
  offer('log shifted', ['log'], 1, () =>
    outside.map(s => call('log', s > middle ? subtract(number(s), u) : from(s))),
  )
  if (library === undefined && middle > half) {
    const rises = [0.2, 0.4, 0.7, 1, 1.5].map(place => place * middle)
    offer('hill', [], HILL_COST, () =>
      rises.flatMap(place =>
        HILL_POWERS.map(p =>
          divide(number(1), add(multiply(number(place ** p), power(u, number(-p - 1e-3))), number(1))),
        ),
      ),
    )
    offer('exp(1/x)', [], INVERSE_COST, () =>
      [-10, -3, -1, -0.3, 0.3, 1, 3].map(rate => call('exp', divide(number(rate * middle), u))),
    )
  }
  const bells = (places: readonly number[], wrap: (square: Expression, width: number) => Expression) => () =>
    WIDTHS.flatMap(w => places.map(s => wrap(power(from(s), number(2)), half / w)))
  const gaussian = (square: Expression, width: number): Expression =>
    call('exp', negate(multiply(number(width ** -2), square)))
  offer('gaussian', ['gaussian'], 1, bells(centres, gaussian))
  offer('plain gaussian', ['gaussian'], 0.5, bells([0], gaussian))
  const lorentzian = (square: Expression, width: number): Expression =>
    divide(number(1), add(number(width ** 2), square))
  offer('1/(1+x^2)', ['x^2'], 2, bells(centres, lorentzian))
  offer('plain 1/(1+x^2)', ['x^2'], 1.5, bells([0], lorentzian))
  const steps = (places: readonly number[]) => (): Expression[] =>
    WIDTHS.flatMap(w => places.map(s => call('tanh', multiply(number(w / half), from(s)))))
  offer('tanh', ['tanh'], 1, steps(centres))
  offer('plain tanh', ['tanh'], 0.5, steps([0]))
  const kinks = (places: readonly number[]) => (): Expression[] => places.map(s => call('abs', from(s)))
  offer('abs', ['abs'], 0, kinks([0]))
  offer('abs shifted', ['abs'], 1, kinks(centres))
  offer('1/(exp-1)', ['exp'], 2, () =>
    RATES.map(rate => divide(number(1), subtract(call('exp', multiply(number(rate / half), u)), number(1)))),
  )
  return seeds
}
