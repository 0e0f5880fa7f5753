import type { Expression } from '../../../formula/index.ts'
import { Model } from '../../../model/model.ts'
import { Random } from '../../../random.ts'
import type { LibraryChoice } from '../../curves/library.ts'
import { combine } from './combine.ts'
import { errorOf, train } from '../networks/grow.ts'
import type { Ground, Grown } from '../networks/grow.ts'
import type { DiscoverStage } from '../options.ts'
import { gridOf } from '../networks/splines.ts'
import type { Rung } from '../structures/structures.ts'
import { thin } from '../networks/thin.ts'

/** Orders of thinning that are tried. */
const ORDERS = 3
/** Combinations of functions that are tried for one thinned network. */
const COMBINATIONS = 120
/** Grids to refine a thinned network to, and steps on each. */
export const GRIDS: readonly number[] = [12]
export const REFINE_STEPS = 20
/** A network this good is read whatever the others do: few structures but the right one come so near. */
export const PROMISING = 3e-3
/** A network that is promising, but has a larger error than this, is refined once more, and read again where that helps much. */
const [CLEAR, CLEARER] = [3e-5, 0.5]
const FINEST_GRIDS = [24]

/** The search that a network is read for. */
interface Reader {
  readonly ground: Ground
  readonly library: LibraryChoice | undefined
  /** Whether the time is over; whether the search is, by that or by an exact formula. */
  readonly stop: () => boolean
  readonly over: () => boolean
  readonly isPlain: () => boolean
  readonly isNoisy: (network: Grown) => boolean
  readonly tell: (stage: DiscoverStage, rung: Rung) => void
  /** Takes a refined network, and a formula of it. */
  readonly keep: (network: Grown) => void
  readonly consider: (expression: Expression, from: Grown) => void
}

/** Thins a network in several orders, refines what is left, and replaces its curves by functions. */
export async function readNetwork(grown: Grown, reader: Reader): Promise<void> {
  const { ground, over, isPlain, tell } = reader
  const seen = new Set<string>()
  // Of noise the first order is as good as any.
  const orders = reader.isNoisy(grown) ? 1 : ORDERS
  for (let order = 0; order < orders && !over() && !isPlain(); order++) {
    tell('prune', grown.rung)
    // Of few rows a network without an edge may fit as well by chance: there the formulas say what each edge is worth.
    const thinned = ground.heldOut
      ? await thin(grown, ground, order === 0 ? undefined : new Random(ground.seed, order))
      : grown
    const left = thinned.model.mask.join('')
    if (seen.has(left)) continue
    seen.add(left)
    if (over()) return
    tell('refine', grown.rung)
    const refined = await refinedOn(thinned, GRIDS, ground)
    reader.keep(refined)
    await nameCurves(refined, reader)
    if (!(refined.error < PROMISING && refined.error > CLEAR) || over() || !ground.heldOut) continue
    // Curves that a finer grid has nearer are told apart by less.
    tell('refine', grown.rung)
    const finer = await refinedOn(refined, FINEST_GRIDS, ground)
    reader.keep(finer)
    if (finer.error < CLEARER * refined.error) await nameCurves(finer, reader)
  }
}

/** Replaces the curves of a network by functions. */
async function nameCurves(refined: Grown, reader: Reader): Promise<void> {
  const { ground, library, stop, over, isNoisy, tell, consider } = reader
  if (over()) return
  tell('symbolify', refined.rung)
  const formulas = await combine(refined, ground.training, {
    library,
    logs: ground.log.inputs,
    most: COMBINATIONS,
    stop,
    judge: ground.judge,
    isNoise: isNoisy(refined),
  })
  for (const { expression } of formulas) consider(expression, refined)
}

async function refinedOn(
  { rung, model: own }: Grown,
  grids: readonly number[],
  ground: Ground,
): Promise<Grown> {
  const model = new Model(own)
  const refine = grids.map(intervals => gridOf(rung.structure, intervals))
  if (ground.heldOut) await train(model, rung, ground, { refine, steps: REFINE_STEPS })
  else await train(model, rung, ground, { steps: REFINE_STEPS })
  return { rung, model, error: await errorOf(model, rung, ground) }
}
