import { attribute } from '../scores/attribution.ts'
import { candidatesOf } from '../curves/suggest.ts'
import { constantOf, MOST_LATE, splineEdges, withFunction } from './edges.ts'
import { refitNamed } from './ground.ts'
import type { Named, SymbolifyGround } from './ground.ts'

/** Functions that fit in a millisecond each and have a value everywhere. */
const QUICK = ['x', 'x^2', 'x^3', 'sin', 'tanh', 'gaussian']

/** Those of them that do not grow, however the layers before move: what is tried where the others have no value on some row. */
const TAME = ['x', 'sin', 'tanh']

/** Edges that pass on less of the outputs' variation than this are constants. */
const FAINT = 3e-3

/** The share of a curve that is taken for its network's error. */
const NOISE = 1e-3

/** Levenberg-Marquardt steps of the network that they make. */
const STEPS = 15

/**
 * A formula soon, whatever the search then has time for: each edge gets the best of a few functions at once, and the network is
 * refitted. 130 edges take about a second where nameEdges takes minutes; the formula is as good as curves that were read one by
 * one are.
 *
 * Once it is stopped, the edges that are left become straight lines, so that there is a formula.
 *
 * @returns undefined where the caller stops it before it has begun, and where the network has no value on some row
 */
export async function firstNames(start: Named, ground: SymbolifyGround): Promise<Named | undefined> {
  return (await namedBy(QUICK, start, ground)) ?? (await namedBy(TAME, start, ground))
}

async function namedBy(
  names: readonly string[],
  start: Named,
  ground: SymbolifyGround,
): Promise<Named | undefined> {
  const own = new Set(ground.functions.map(({ name }) => name))
  const quick = names.filter(name => own.has(name))
  const library = quick.length > 0 ? quick : ground.library
  const { edges } = attribute(start.model)
  let named: Pick<Named, 'model' | 'functions'> = start
  const places = splineEdges(start.model)
  for (const [n, place] of places.entries()) {
    if (!ground.isStopped()) await ground.breathe()
    if (ground.isAborted() && n === 0) return undefined
    const isLate = ground.isStopped() && places.length - n > MOST_LATE && own.has('x')
    const { l, i, j } = place
    const share = edges[l]![i * start.model.layout.layers[l]!.outputs + j]!
    const { candidates } = candidatesOf(start.model, l, i, j, {
      simplicity: ground.simplicity,
      noise: NOISE,
      ...(isLate ? { library: ['x'] } : library ? { library } : {}),
    })
    const [best] = candidates
    const candidate = best === undefined || share < FAINT ? constantOf(start, place) : best
    named = withFunction(named, place, candidate)
    ground.report({ stage: 'edges', edge: { ...place, name: candidate.name } }, { ...start, ...named })
  }
  return refitNamed(named.model, named.functions, STEPS, ground)
}
