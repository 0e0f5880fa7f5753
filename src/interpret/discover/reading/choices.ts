import { call, number, parse, power, variable } from '../../../formula/index.ts'
import { nodeOutputs } from '../../../model/products.ts'
import type { Candidate } from '../../curves/candidate.ts'
import { fitCurve } from '../../curves/fitcurve.ts'
import type { LibraryChoice } from '../../curves/library.ts'
import { exponentOf } from './compose.ts'
import type { KnownCurve, PlacedCurve } from './compose.ts'
import type { EdgeCurve, Grown } from '../networks/grow.ts'
import { ofLogColumn } from '../logscale.ts'
import { sharesOf, withoutOffsets } from './offsets.ts'
import { pairCurves } from './pairs.ts'
import type { Pair } from './pairs.ts'
import { plainCurves } from './plain.ts'
import { proportionalCurves } from './proportional.ts'
import { slopedCurves } from './sloped.ts'
import { THERMAL } from './thermal.ts'
import { deviation } from '../statistics.ts'

/** A curve's candidates, best first, each with what it costs. */
export interface Choice {
  readonly place: Omit<PlacedCurve, 'curve'>
  readonly candidates: readonly ScoredCurve[]
  /** Whether a candidate is as near the curve as the network's error lets one see. */
  readonly explained: boolean
}

export interface ScoredCurve {
  readonly curve: KnownCurve
  readonly name: string
  /** As fitCurve has it: the lowest is the best. */
  readonly score: number
  readonly unexplained: number
}

/** Functions tried for one curve: more where there are few curves. */
const CANDIDATES = 6
const COMBINED = 60
/** Where lines leave few curves: the likeliest functions of a product cost more than those that are near it. */
const RIDGE_CANDIDATES = 16
/** A function's unexplained share of a curve's variance may be so many times what the network's own error is. */
const NEAR = 1e4
/** A function without a shift stands for the one with it where it leaves so many times as much at most. */
const AS_GOOD = 2
/** A curve is taken for a logarithm up to this, though another function be nearer: other curves may have taken up the rest. */
const LOG_NEAR = 1e-5
/**
 * Networks with a smaller error whose curves of columns are all explained, to so many times the network's own error, but for a few,
 * are given pairs of functions for these: of worse ones no curve is explained, and a pair takes a third of a second. A curve is
 * often a pair where the same column is also in a product, with a constant beside it that the curve makes up for: log y of
 * a normal distribution is (k + (x - m)^2) / s^2 and a curve of s, which is -k / s^2 - log(s). Of a network that is as good as
 * noise lets it be, curves are explained to `noise` times what they keep of it.
 */
const PAIRED = { error: 1e-2, near: 20, noise: 4, curves: 2, most: 6 } as const
/** What a function that stands beside another of the same name for the same curves costs more, in fitCurve's score. */
const TWICE = 1

interface ChooseOptions {
  readonly library: LibraryChoice | undefined
  /** Inputs on a logarithmic scale: their curves are functions of the logarithm. */
  readonly logs: readonly boolean[]
  /** The network's error as a share of the deviation of what is judged. */
  readonly relative: number
  /** Whether that error is the rows' noise. */
  readonly isNoise: boolean
  /** How much each row of the curves counts. */
  readonly weights: Float64Array | undefined
  /** Inputs with two values (twoValuedColumns), whose curves are lines. */
  readonly twoValued: ReadonlySet<number>
  /** When true is returned, no further pair of functions is fitted. */
  readonly stop: () => boolean
}

/**
 * The functions that may stand for each curve of a network, a list for each way to read it (see withoutOffsets). What the network's
 * own error hides counts as nothing.
 */
export function chooseCurves(
  grown: Grown,
  curves: readonly EdgeCurve[],
  { library, logs, weights, relative, isNoise, twoValued, stop }: ChooseOptions,
): Choice[][] {
  const noise = Math.min(0.1, Math.max(1e-12, relative ** 2))
  const open = isNoise ? PAIRED.noise * keptNoise(grown, curves) * noise : PAIRED.near * noise
  const fit = (u: Float64Array, v: Float64Array): Candidate[] =>
    withoutTwins(fitCurve(u, v, weights, { noise, ...(library === undefined ? {} : { library }) }))
  const fitLog = (u: Float64Array, v: Float64Array): ScoredCurve[] => {
    const logarithm = u.map(Math.log)
    const beside =
      library === undefined
        ? OUTER_POWERS.flatMap(k => slopedCurves({ u: logarithm, v, weights }, k, noise, true))
        : []
    return [...fit(logarithm, v).map(scored), ...beside].map(({ name, curve, ...rest }) => ({
      ...rest,
      ...ofLogColumn(name, curve),
    }))
  }
  const hasLines = library === undefined || library.includes('x')
  const isLine = ({ l, i }: EdgeCurve['from']): boolean => l === 0 && twoValued.has(i) && logs[i] !== true
  const { lines = false, layers } = grown.rung.structure
  const isOut = ({ l }: EdgeCurve['from']): boolean => lines && l > 0 && l === layers.length - 1
  const shares = sharesOf(grown, curves)
  /** A function where its curve has another share in what the network says. */
  const weighed = (one: ScoredCurve, share: number, before = 1): ScoredCurve => {
    const [now, then] = [noise + share * one.unexplained, noise + before * one.unexplained]
    return { ...one, score: one.score + 0.5 * Math.log2(now / then) }
  }
  const functionsOf = ({ u, v, from }: Pick<EdgeCurve, 'u' | 'v' | 'from'>): ScoredCurve[] => {
    if ((hasLines && isLine(from)) || isOut(from))
      return fitCurve(u, v, weights, { noise, library: ['x'] }).map(scored)
    const plain = from.l === 0 && library === undefined ? plainCurves(u, v, noise, weights) : []
    const better = ({ name, unexplained }: ScoredCurve): boolean =>
      plain.some(own => own.name === name && own.unexplained <= AS_GOOD * unexplained + noise)
    return [
      ...(from.l === 0 && logs[from.i] === true ? fitLog(u, v) : fit(u, v).map(scored)).filter(
        one => !better(one),
      ),
      ...plain,
    ]
  }
  const plain = curves.map(functionsOf)
  const isRidges = grown.rung.structure.ridges === true
  const most = isRidges ? RIDGE_CANDIDATES : Math.max(CANDIDATES, Math.floor(COMBINED ** (1 / curves.length)))
  const best = (functions: readonly ScoredCurve[], share: number, before?: number): ScoredCurve[] =>
    functions
      .map(one => weighed(one, share, before))
      .toSorted((p, q) => p.score - q.score)
      .slice(0, most)
  const choices = curves.map((curve, e): Choice => {
    const { l, j, from } = curve
    const monomial = isOut(from)
      ? undefined
      : monomialAt(grown, curves, plain, from, Math.max(LOG_NEAR, NEAR * noise))
    const isOfLog = isRidges && l === 0 && library === undefined
    const functions = [
      ...plain[e]!.filter(({ name }) => !isOfLog || name === 'log'),
      ...(monomial === undefined
        ? []
        : ofMonomial(curve, monomial, { fit, noise, weights, whole: library === undefined })),
    ]
    const candidates = best(functions, shares[e]!)
    const explained = candidates.some(({ unexplained }) => unexplained <= NEAR * noise)
    return { place: { from, to: { l, j } }, candidates, explained }
  })
  const others = withoutOffsets(grown, curves, choices, {
    addend: (e, v) => {
      const larger = (deviation(v, weights) / deviation(curves[e]!.v, weights)) ** 2
      return best(functionsOf({ ...curves[e]!, v }), larger * shares[e]!)
    },
    factor: (e, v) => {
      const { u, from } = curves[e]!
      const isPlain = from.l === 0 && !isLine(from) && logs[from.i] !== true
      return isPlain ? best(proportionalCurves(u, v, { library, weights, noise }), shares[e]!) : []
    },
    weighed: (e, functions, larger) => best(functions, larger * shares[e]!, shares[e]),
  })
  // What is given back to a curve is what a pair would stand for.
  const isOther = (e: number): boolean => others.some(reading => reading[e] !== choices[e])
  const isOpen = ({ place, candidates }: Choice, e: number): boolean =>
    place.from.l === 0 && !isOther(e) && candidates.every(({ unexplained }) => unexplained > open)
  if ((grown.error > PAIRED.error && !isNoise) || choices.filter(isOpen).length > PAIRED.curves)
    return [choices, ...others]
  const paired = choices.map((choice, e) => {
    const { u, v } = curves[e]!
    if (!isOpen(choice, e)) return choice
    const pairs = pairCurves(u, v, library, stop, weights)
      .map(pair => weighed(asPair(pair, noise), shares[e]!))
      .toSorted((p, q) => p.score - q.score)
      .slice(0, PAIRED.most)
    const candidates = [...pairs, ...choice.candidates]
    const explained = choice.explained || pairs.some(({ unexplained }) => unexplained <= NEAR * noise)
    return { ...choice, explained, candidates: candidates.toSorted((p, q) => p.score - q.score) }
  })
  return [choices, ...others].map(reading =>
    reading.map((choice, e) => (choice === choices[e] ? paired[e]! : choice)),
  )
}

/** The share of the rows' noise that a curve keeps: the network's numbers for each row; the others average it out. */
function keptNoise({ model }: Grown, curves: readonly EdgeCurve[]): number {
  return model.trainableParameters / (model.trainableParameters + curves[0]!.u.length)
}

function asPair({ expression, cost, unexplained }: Pair, noise: number): ScoredCurve {
  const score = 0.5 * Math.log2(noise + unexplained) + 0.5 * cost
  return { name: 'pair', score, unexplained, curve: [{ expression, a: 1, b: 0, c: 1, d: 0 }] }
}

function scored({ name, formula, a, b, c, d, score, unexplained }: Candidate): ScoredCurve {
  return { name, score, unexplained, curve: [{ expression: parse(formula), a, b, c, d }] }
}

/** Functions that differ from another by a shift or a sign only. */
const TWINS: ReadonlyMap<string, string> = new Map([
  ['cos', 'sin'],
  ['arccos', 'arcsin'],
])

/** The candidates without those that another one equals. */
function withoutTwins(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ name, unexplained }) => {
    const twin = candidates.find(other => other.name === TWINS.get(name))
    return twin === undefined || unexplained < 0.9 * twin.unexplained
  })
}

/** A node that is a product of powers of inputs, or the logarithm of one; `exponent` is the largest. */
interface Monomial {
  readonly logarithm: boolean
  readonly exponent: number
}

/** Whether all edges into a node are c log(x), of a sum, or c x^p, of the factors of a product; undefined for other nodes. */
function monomialAt(
  { model }: Grown,
  curves: readonly EdgeCurve[],
  candidates: readonly (readonly ScoredCurve[])[],
  { l, i }: EdgeCurve['from'],
  limit: number,
): Monomial | undefined {
  if (l === 0) return undefined
  const own = nodeOutputs(model.layout.layers[l - 1]!)[i]!
  const logarithm = own.length === 1
  const { nodeScale } = model.layer(l - 1).values
  let exponent = 0
  const seen = new Set<number>()
  for (const [e, curve] of curves.entries()) {
    if (curve.l !== l - 1 || !own.includes(curve.j)) continue
    const name = logarithm ? 'log' : 'x^p'
    const plain = candidates[e]!.find(other => other.name === name && other.unexplained <= limit)
    if (plain === undefined || curve.from.l !== 0 || (!logarithm && seen.has(curve.j))) return undefined
    seen.add(curve.j)
    const { c, expression } = plain.curve[0]!
    const power = logarithm ? c * nodeScale[curve.j]! : (exponentOf(expression) ?? 0)
    if (Math.abs(power) > Math.abs(exponent)) exponent = power
  }
  return exponent === 0 ? undefined : { logarithm, exponent }
}

/** Powers of a product of powers that its outer function may take: the largest exponent becomes one of these. */
const OUTER_POWERS = [1, 2, -1, -2, 0.5, -0.5, 3, -3]

interface MonomialOptions extends Pick<ChooseOptions, 'weights'> {
  readonly fit: (u: Float64Array, v: Float64Array) => Candidate[]
  readonly noise: number
  /** Whether all functions there are may be taken. */
  readonly whole: boolean
}

/**
 * Functions f(P^k) of a product of powers P = exp(node / c). Which power of P is the argument cannot be seen from the sum of
 * logarithms: log(1 - v^2/c^2) is no function of the library of log(v) - log(c), but one of its exponential.
 */
function ofMonomial(
  { u, v }: EdgeCurve,
  { logarithm, exponent }: Monomial,
  { fit, noise, weights, whole }: MonomialOptions,
): ScoredCurve[] {
  // Only a product that keeps its sign has powers.
  const sign = u[0]! < 0 ? -1 : 1
  if (!logarithm && !u.every(value => sign * value > 0)) return []
  const middle = u.reduce((sum, value) => sum + value, 0) / u.length
  return OUTER_POWERS.flatMap(k => {
    const a = k / exponent
    const inner = u.map(value => (logarithm ? Math.exp(a * (value - middle)) : (sign * value) ** a))
    if (!inner.every(Number.isFinite)) return []
    const first = logarithm
      ? { expression: call('exp', variable('u')), a, b: -a * middle, c: 1, d: 0 }
      : { expression: power(variable('u'), number(a)), a: sign, b: 0, c: 1, d: 0 }
    const sloped = logarithm ? slopedCurves({ u, v, weights }, a, noise, whole) : []
    const thermal = whole ? fitCurve(inner, v, weights, { noise, library: THERMAL }) : []
    return [
      ...sloped,
      ...[...fit(inner, v).slice(0, 3), ...thermal]
        .filter(({ name }) => name !== '0')
        .map(candidate => {
          const { curve, score, ...rest } = scored(candidate)
          return { ...rest, score: score + TWICE * (k === 1 ? 0.5 : 1), curve: [first, ...curve] }
        }),
    ]
  })
}
