import { nodeOutputs } from '../../../model/products.ts'
import type { Choice, ScoredCurve } from './choices.ts'
import { regress } from './regression.ts'
import type { EdgeCurve, Grown } from '../networks/grow.ts'

/** Functions of a factor whose offsets are tried. */
const TRIED = 4

/** The curves of one factor: their numbers in the list of all, and the scale and shift of their sum. */
interface FactorCurves {
  readonly own: readonly number[]
  readonly scale: number
  readonly bias: number
}

/**
 * Other readings of a network of addends, in which factors have no offset: of f(x1) g(x2) + s1(x1) + s2(x2) the network knows f only
 * but for a constant, as
 *
 *     (f + c) (g + d) + s1 - d f + s2 - c g - c d
 *
 * is the same. A factor's function c1 F + d1 is read as c1 F, and what the offset stood for is given back to the sum's curves, which
 * are those of the law then; as they are no function may come near them. `name` has the functions of a curve.
 *
 * @returns one list of choices for each two functions of the factors; none where the sum has no curve that could make up for one
 */
export function withoutOffsets(
  grown: Grown,
  curves: readonly EdgeCurve[],
  choices: readonly Choice[],
  name: (e: number, v: Float64Array) => Choice,
): Choice[][] {
  const { model, rung } = grown
  const first = model.layout.layers[0]
  if (rung.structure.lines !== true || first === undefined) return []
  const nodes = nodeOutputs(first)
  const sums = curves.flatMap((_, e) => (isAddend(curves[e]!, nodes) ? [e] : []))
  return nodes.flatMap((outputs, node) => {
    if (outputs.length !== 2) return []
    const line = curves.find(({ from }) => from.l === 1 && from.i === node)
    const [f, g] = outputs.map(j => factorCurves(grown, curves, j))
    if (line === undefined || f === undefined || g === undefined) return []
    const factor = slopeOf(line)
    const isFree = (other: FactorCurves): boolean =>
      other.own.length > 0 && other.own.every(e => sums.some(s => curves[s]!.from.i === curves[e]!.from.i))
    const offsets = (own: FactorCurves, other: FactorCurves): readonly Offset[] =>
      isFree(other) ? offsetsOf(own, choices) : [{ picks: [], offset: 0 }]
    const [ofF, ofG] = [offsets(f, g), offsets(g, f)]
    if (ofF.concat(ofG).every(({ offset }) => offset === 0)) return []
    /** The curve of a sum's edge with what an offset of the one factor gives back to it of the other one. */
    const given = (own: FactorCurves, { offset }: Offset): Map<number, Choice> =>
      new Map(
        own.own.flatMap(e => {
          const s = sums.find(sum => curves[sum]!.from.i === curves[e]!.from.i)
          if (offset === 0 || s === undefined) return []
          const share = (factor * offset * own.scale) / slopeTo(grown, curves, s)
          return [
            [
              s,
              name(
                s,
                curves[s]!.v.map((v, r) => v + share * curves[e]!.v[r]!),
              ),
            ] as const,
          ]
        }),
      )
    const [toF, toG] = [ofG.map(offset => given(f, offset)), ofF.map(offset => given(g, offset))]
    return ofF.flatMap((one, p) =>
      ofG.map((two, q) => {
        const changed = new Map([...toF[q]!, ...toG[p]!])
        const picked = new Map([...withPicks(one, f, choices), ...withPicks(two, g, choices)])
        return choices.map((choice, e) => changed.get(e) ?? picked.get(e) ?? choice)
      }),
    )
  })
}

/** Functions of a factor's curves, with the offset that they have together, of the factor. */
interface Offset {
  readonly picks: readonly ScoredCurve[]
  readonly offset: number
}

/** Of a factor of one curve those of its best functions, of others that of the best one of each. */
function offsetsOf({ own, scale, bias }: FactorCurves, choices: readonly Choice[]): Offset[] {
  const [only] = own
  const lists =
    own.length === 1 && only !== undefined
      ? choices[only]!.candidates.slice(0, TRIED).map(one => [one])
      : [own.flatMap(e => choices[e]!.candidates.slice(0, 1))]
  return lists
    .filter(picks => picks.length === own.length)
    .map(picks => ({
      picks,
      offset: picks.reduce((sum, { curve }) => sum + scale * (curve.at(-1)?.d ?? 0), bias),
    }))
}

/** The factor's choices: those functions, the first of them without the offset. */
function withPicks(
  { picks, offset }: Offset,
  { own, scale }: FactorCurves,
  choices: readonly Choice[],
): [number, Choice][] {
  return picks.map((pick, p) => {
    const last = pick.curve.at(-1)
    const curve = p === 0 && last ? pick.curve.with(-1, { ...last, d: last.d - offset / scale }) : pick.curve
    return [own[p]!, { ...choices[own[p]!]!, candidates: [{ ...pick, curve }] }]
  })
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
