import { fixEdge } from '../../model/fix.ts'
import type { Model } from '../../model/model.ts'
import { attribute } from '../scores/attribution.ts'
import { affineOf } from '../curves/fix.ts'
import type { Candidate } from '../curves/candidate.ts'
import type { LibraryChoice } from '../curves/library.ts'
import { candidatesOf } from '../curves/suggest.ts'
import { keyOf, refitNamed, scoreOf } from './ground.ts'
import type { SymbolifyGround, Named, Place } from './ground.ts'

/** Functions for an edge, best first, and how much it would disturb to take the first. */
interface Proposal {
  readonly place: Place
  readonly candidates: readonly Candidate[]
  /** The deviation that the first leaves unexplained, as a share of the outputs' (as attribute has it). */
  readonly disturbance: number
}

/** Levenberg-Marquardt steps of a trial, and of the network that is gone on with. */
const TRIAL_STEPS = 8
const CHOSEN_STEPS = 12

/** An edge whose disturbance has grown so many times beyond the next one's, since it was last looked at, waits. */
const PATIENCE = 2

/** So many edges are still named after an abort, at some 40 ms each: whoever stopped the search waits. */
export const MOST_LATE = 20

/** The edges that are splines. */
export function splineEdges(model: Model): Place[] {
  return model.layout.layers.flatMap(({ inputs, outputs }, l) => {
    const { mask } = model.layer(l).values
    const places: Place[] = []
    for (let i = 0; i < inputs; i++)
      for (let j = 0; j < outputs; j++) if (mask[i * outputs + j] !== 0) places.push({ l, i, j })
    return places
  })
}

/**
 * Names all edges, the one whose best function disturbs least first; each is fixed to the function that is best after the
 * network has been refitted with it, so that what one edge's function lacks is not left to be carried through the others.
 * Where time runs out, the rest get their best functions without trials.
 *
 * @param hasFormula whether there is another one, so that nobody waits for this one once all of the time is over
 * @returns undefined where it is stopped and more than MOST_LATE edges are left
 */
export async function nameEdges(
  start: Named,
  ground: SymbolifyGround,
  hasFormula: boolean,
): Promise<Named | undefined> {
  const isHopeless = (edges: number): boolean =>
    edges > MOST_LATE && (hasFormula ? ground.isStopped() : ground.isAborted())
  let state = start
  const left = new Map<string, Proposal>()
  const places = splineEdges(state.model)
  for (const [n, place] of places.entries()) {
    if (isHopeless(places.length - n)) return undefined
    left.set(keyOf(place), propose(state, place, ground))
    await ground.breathe() // each takes some 30 ms
  }
  while (left.size > 0 && !ground.isOver()) {
    const [first, second] = [...left.values()].toSorted((p, q) => p.disturbance - q.disturbance)
    const fresh = propose(state, first!.place, ground)
    left.set(keyOf(fresh.place), fresh)
    await ground.breathe()
    if (second && fresh.disturbance > first!.disturbance && fresh.disturbance > PATIENCE * second.disturbance)
      continue
    state = await tryFunctions(state, fresh, ground)
    left.delete(keyOf(fresh.place))
  }
  return isHopeless(left.size) ? undefined : takeAll(state, [...left.values()], ground)
}

/** The best function for each of these edges, all at once; one after another where the network then has no value on some row. */
async function takeAll(
  state: Named,
  left: readonly Proposal[],
  ground: SymbolifyGround,
): Promise<Named | undefined> {
  if (left.length === 0) return state
  let all: Pick<Named, 'model' | 'functions'> = state
  for (const { place, candidates } of left) all = withFunction(all, place, candidates[0]!)
  const together = await refitNamed(all.model, all.functions, CHOSEN_STEPS, ground)
  if (together) return together
  if (ground.isAborted() && left.length > MOST_LATE) return undefined
  let named = state
  for (const proposal of left) named = await takeFirst(named, proposal, ground)
  return named
}

/** Functions for an edge as it is now. */
export function propose(state: Named, place: Place, ground: SymbolifyGround): Proposal {
  const { simplicity, functions, twoValued } = ground
  const { model, error } = state
  const { l, i, j } = place
  const share = attribute(model).edges[l]![i * model.layout.layers[l]!.outputs + j]!
  // What of the curve is the network's own error: all of it, where the edge alone has to answer for that.
  const noise = Math.min(0.9, Math.max(1e-12, (4 * error) / Math.max(share, 1e-3) ** 2))
  const isLine = l === 0 && twoValued.has(i) && functions.some(({ name }) => name === 'x')
  const library: LibraryChoice | undefined = isLine ? ['x'] : ground.library
  const { candidates } = candidatesOf(model, l, i, j, {
    simplicity,
    noise,
    ...(library ? { library } : {}),
  })
  return { place, candidates, disturbance: Math.sqrt(candidates[0]!.unexplained) * share }
}

/** The network with that function on the edge, not yet refitted. */
export function withFunction(
  { model, functions }: Pick<Named, 'model' | 'functions'>,
  place: Place,
  candidate: Candidate,
): { model: Model; functions: ReadonlyMap<string, Candidate> } {
  const { l, i, j } = place
  const { name, formula } = candidate
  return {
    model: fixEdge(model, l, i, j, { name, formula, affine: affineOf(candidate) }),
    functions: new Map(functions).set(keyOf(place), candidate),
  }
}

/** The best of an edge's functions after refitting; the first that does no harm is not compared with others. */
async function tryFunctions(
  state: Named,
  { place, candidates }: Proposal,
  ground: SymbolifyGround,
): Promise<Named> {
  let best: Named | undefined
  for (const candidate of worthTrying(candidates, ground.tries)) {
    const fixed = withFunction(state, place, candidate)
    const trial = await refitNamed(fixed.model, fixed.functions, TRIAL_STEPS, ground)
    ground.report({ stage: 'edges', edge: { ...place, name: candidate.name } }, trial ?? state)
    if (trial && (best === undefined || scoreOf(trial, ground) < scoreOf(best, ground))) best = trial
    if (ground.isOver() || (trial && trial.error <= harmless(candidate) * state.error)) break
  }
  if (best === undefined)
    return takeFirst(state, { place, candidates: candidates.slice(ground.tries), disturbance: 0 }, ground)
  return (await refitNamed(best.model, best.functions, CHOSEN_STEPS, ground)) ?? best
}

/**
 * How much larger a squared error does no harm: a straight line may cost a little, as the edge before or after it can take any
 * bend over, and does where both are splines.
 */
function harmless({ complexity }: Candidate): number {
  return complexity <= 1 ? 2 : 1
}

/**
 * So many of the candidates: the best by score and, as the last, the one that fits best, because how much of a curve is the
 * network's error is only guessed.
 */
export function worthTrying(candidates: readonly Candidate[], tries: number): readonly Candidate[] {
  const first = candidates.slice(0, Math.max(1, tries - 1))
  const [nearest] = candidates.slice(first.length).toSorted((p, q) => p.unexplained - q.unexplained)
  return tries > 1 && nearest ? [...first, nearest] : first
}

/** The first of the functions with which the network has a value on every row; a constant at last. */
async function takeFirst(
  state: Named,
  { place, candidates }: Proposal,
  ground: SymbolifyGround,
): Promise<Named> {
  for (const candidate of candidates) {
    const fixed = withFunction(state, place, candidate)
    const trial = await refitNamed(fixed.model, fixed.functions, 1, ground)
    if (trial) return trial
  }
  const fixed = withFunction(state, place, constantOf(state, place))
  const trial = await refitNamed(fixed.model, fixed.functions, 1, ground)
  if (trial) return trial
  // Not even that: another edge is to blame, which later ones may mend. Until then nothing is worse.
  fixed.model.statistics = state.model.statistics
  return { ...fixed, error: Infinity }
}

/** An edge's mean in its place. */
export function constantOf({ model }: Pick<Named, 'model'>, { l, i, j }: Place): Candidate {
  const mean = model.statistics!.layers[l]!.edgeMean[i * model.layout.layers[l]!.outputs + j]!
  const numbers = { a: 0, b: 0, c: 0, d: mean }
  return { name: '0', formula: '0', complexity: 0, free: 0, ...numbers, r2: 0, unexplained: 1, score: 0 }
}

/** The edges with known functions. */
export function knownEdges({ layout }: Model): (Place & { name: string })[] {
  return layout.layers.flatMap(({ symbolic = [], outputs }, l) =>
    symbolic.map(({ edge, name }) => ({ l, i: Math.floor(edge / outputs), j: edge % outputs, name })),
  )
}
