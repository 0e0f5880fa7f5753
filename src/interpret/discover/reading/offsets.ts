import { nodeOutputs } from '../../../model/products.ts'
import type { Choice, ScoredCurve } from './choices.ts'
import { regress, regressTwo } from './regression.ts'
import type { EdgeCurve, Grown } from '../networks/grow.ts'
import { deviation, rootMeanSquare } from '../statistics.ts'

/** Functions of a factor whose offsets are tried. */
const TRIED = 4
/** Offsets are the same where they differ by less than this share of the factor's deviation. */
const NEAR = 0.1
/** Curves of a smaller share in the variance are taken for one of this. */
const FAINTEST = 1e-9

/** The curves of one factor: their numbers in the list of all, and the scale and shift of their sum. */
interface FactorCurves {
  readonly own: readonly number[]
  readonly scale: number
  readonly bias: number
}

/**
 * The share that each curve of a network of addends has in the variance of what it says: what a function leaves of a curve counts so
 * much there. A curve that is faint needs no function, and only so one reading can be compared with another one that has other curves.
 * 1 for each, of other networks.
 */
export function sharesOf(grown: Grown, curves: readonly EdgeCurve[]): number[] {
  const { model, rung } = grown
  if (rung.structure.lines !== true) return curves.map(() => 1)
  const out = curves.filter(({ l }) => l === 1)
  const said = Float64Array.from(curves[0]?.u ?? [], (_, r) => out.reduce((sum, { v }) => sum + v[r]!, 0))
  const all = deviation(said)
  const nodes = nodeOutputs(model.layout.layers[0]!)
  return curves.map((curve, e) => {
    const { l, j, from, v } = curve
    if (l > 0 || from.l > 0) return from.l > 0 ? 1 : share(deviation(v) / all)
    const node = nodes.findIndex(own => own.includes(j))
    if (nodes[node]!.length === 1) return share((slopeTo(grown, curves, e) * deviation(v)) / all)
    const line = curves.find(other => other.from.l === 1 && other.from.i === node)
    const others = nodes[node]!.filter(other => other !== j).map(other =>
      valuesOf(curves, factorCurves(grown, curves, other)),
    )
    const product = v.map((_, r) => others.reduce((value, values) => value * values[r]!, 1))
    const { scale } = factorCurves(grown, curves, j)
    return line ? share((slopeOf(line) * scale * deviation(v) * rootMeanSquare(product)) / all) : FAINTEST
  })
}

function share(deviations: number): number {
  return Math.max(FAINTEST, deviations ** 2)
}

/** How the curves of other readings are read. */
interface Namer {
  /** Functions of the column of a curve that is another one then. */
  readonly addend: (e: number, v: Float64Array) => readonly ScoredCurve[]
  /** Functions without an offset of a factor's only curve, which is another one then; none where it is not to have other ones. */
  readonly factor: (e: number, v: Float64Array) => readonly ScoredCurve[]
  /** Those functions with the scores that they have where the curve's share is so many times as large. */
  readonly weighed: (e: number, functions: readonly ScoredCurve[], larger: number) => readonly ScoredCurve[]
}

/** A factor less an offset, with the functions of its curves, and what the other factor's column then has. */
interface Reading {
  readonly offset: number
  readonly factor: ReadonlyMap<number, readonly ScoredCurve[]>
  readonly addends: ReadonlyMap<number, readonly ScoredCurve[]>
}

/**
 * Other readings of a network of addends, in which factors have no offset: of f(x1) g(x2) + s1(x1) + s2(x2) the network knows f only
 * but for a constant, as
 *
 *     (f + c) (g + d) + s1 - d f + s2 - c g - c d
 *
 * is the same. Offsets that are tried are those of the best functions of f, and those by which s2 becomes a constant or a line; f is
 * read without it, by functions that have none, and what it stood for is given back to s2, which is the law's then, and which otherwise
 * no function may come near.
 *
 * @returns one list of choices for each two offsets, with the choices themselves where the curve is the same
 */
export function withoutOffsets(
  grown: Grown,
  curves: readonly EdgeCurve[],
  choices: readonly Choice[],
  namer: Namer,
): Choice[][] {
  const { model, rung } = grown
  const first = model.layout.layers[0]
  if (rung.structure.lines !== true || first === undefined) return []
  const nodes = nodeOutputs(first)
  const addends = new Map(
    curves.flatMap((curve, e) => (isAddend(curve, nodes) ? [[curve.from.i, e] as const] : [])),
  )
  const addendOf = (e: number): number | undefined => addends.get(curves[e]!.from.i)
  return nodes.flatMap((outputs, node) => {
    const line = curves.find(({ from }) => from.l === 1 && from.i === node)
    const [f, g] = outputs.map(j => factorCurves(grown, curves, j))
    if (outputs.length !== 2 || line === undefined || f === undefined || g === undefined) return []
    const isFree = ({ own }: FactorCurves): boolean =>
      own.length > 0 && own.every(e => addendOf(e) !== undefined)
    /** How often a curve of a factor is given back to the addend of its column for each 1 that is taken off the other factor. */
    const partOf = ({ scale }: FactorCurves, s: number): number =>
      (slopeOf(line) * scale) / slopeTo(grown, curves, s)
    const offsets = (own: FactorCurves, other: FactorCurves): number[] => {
      const [e] = other.own
      const s = e === undefined || other.own.length > 1 ? undefined : addendOf(e)
      const simple =
        e === undefined || s === undefined
          ? []
          : [regress(curves[e]!.v, curves[s]!.v), regressTwo(curves[e]!.v, curves[s]!.u, curves[s]!.v)].map(
              ({ c }) => -c / partOf(other, s),
            )
      return distinct([...simple, ...offsetsOf(own, choices)], NEAR * deviation(valuesOf(curves, own)))
    }
    const readings = (own: FactorCurves, other: FactorCurves): Reading[] => {
      const least = -own.bias / own.scale
      const read = (offset: number): Map<number, readonly ScoredCurve[]> =>
        new Map(
          own.own.map((e, p) => {
            const v = curves[e]!.v.map(value => value - least - offset / own.scale)
            const alone = own.own.length === 1 ? namer.factor(e, v) : []
            const functions = alone.length > 0 ? alone : choices[e]!.candidates
            return [e, functions.map(one => withOffset(one, p === 0 ? least : 0))]
          }),
        )
      // Where nothing makes up for an offset it is what it is, and often 0.
      if (!isFree(other))
        return [new Map(), read(0)].map(factor => ({ offset: 0, factor, addends: new Map() }))
      return offsets(own, other).map(offset => ({
        offset,
        factor: read(offset),
        addends: new Map(
          other.own.map(e => {
            const s = addendOf(e)!
            const part = offset * partOf(other, s)
            return [
              s,
              namer.addend(
                s,
                curves[s]!.v.map((v, r) => v + part * curves[e]!.v[r]!),
              ),
            ]
          }),
        ),
      }))
    }
    /** The functions of a factor, the other one's offset gone. */
    const weighed = (own: Reading, other: FactorCurves, { offset }: Reading): [number, Choice][] => {
      const values = valuesOf(curves, other)
      const larger = (rootMeanSquare(values.map(value => value - offset)) / rootMeanSquare(values)) ** 2
      return Array.from(own.factor, ([e, functions]) => [
        e,
        { ...choices[e]!, candidates: namer.weighed(e, functions, larger) },
      ])
    }
    const [ofF, ofG] = [readings(f, g), readings(g, f)]
    return ofF.flatMap(one =>
      ofG.map(two => {
        const changed = new Map([...weighed(one, g, two), ...weighed(two, f, one)])
        for (const [s, candidates] of [...one.addends, ...two.addends])
          changed.set(s, { ...choices[s]!, candidates })
        return choices.map((choice, e) => changed.get(e) ?? choice)
      }),
    )
  })
}

/** Offsets of a factor: of one curve those of its best functions, of several the one of the best function of each. */
function offsetsOf({ own, scale, bias }: FactorCurves, choices: readonly Choice[]): number[] {
  const [only] = own
  const lists =
    own.length === 1 && only !== undefined
      ? choices[only]!.candidates.slice(0, TRIED).map(one => [one])
      : [own.flatMap(e => choices[e]!.candidates.slice(0, 1))]
  return lists.map(picks => picks.reduce((sum, { curve }) => sum + scale * (curve.at(-1)?.d ?? 0), bias))
}

/** Those that are finite and further than that from any before. */
function distinct(offsets: readonly number[], near: number): number[] {
  const kept: number[] = []
  for (const one of offsets)
    if (Number.isFinite(one) && !kept.some(other => Math.abs(one - other) <= near)) kept.push(one)
  return kept
}

/** A function with another offset: exactly what makes up for its sum's bias, as a rounding would be fitted as a number. */
function withOffset(one: ScoredCurve, d: number): ScoredCurve {
  return { ...one, curve: one.curve.map((part, n, all) => (n === all.length - 1 ? { ...part, d } : part)) }
}

/** A factor at the rows. */
function valuesOf(curves: readonly EdgeCurve[], { own, scale, bias }: FactorCurves): Float64Array {
  return Float64Array.from(curves[0]?.u ?? [], (_, r) =>
    own.reduce((sum, e) => sum + scale * curves[e]!.v[r]!, bias),
  )
}

/** Whether a curve of a column is a term of the sum. */
function isAddend({ l, j, from }: EdgeCurve, nodes: readonly (readonly number[])[]): boolean {
  return from.l === 0 && (l > 0 || nodes.some(own => own.length === 1 && own[0] === j))
}

function factorCurves({ model }: Grown, curves: readonly EdgeCurve[], j: number): FactorCurves {
  const { nodeScale, nodeBias } = model.layer(0).values
  const own = curves.flatMap(({ l, j: to, from }, e) => (l === 0 && to === j && from.l === 0 ? [e] : []))
  return { own, scale: nodeScale[j]!, bias: nodeBias[j]! }
}

/** What one more of an addend's curve adds to what the lines lead to. */
function slopeTo({ model }: Grown, curves: readonly EdgeCurve[], s: number): number {
  const { l, j } = curves[s]!
  if (l > 0) return 1
  const line = curves.find(({ from }) => from.l === 1 && from.i === j)
  return line === undefined ? 1 : slopeOf(line) * model.layer(0).values.nodeScale[j]!
}

function slopeOf({ u, v }: EdgeCurve): number {
  return regress(u, v).c
}
