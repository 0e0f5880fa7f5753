import { ConfigError } from '../../../errors.ts'
import type { Random } from '../../../random.ts'
import { Model } from '../../../model/model.ts'
import { updateGridOn } from '../../../train/grids.ts'
import { prune } from '../../pruning/prune.ts'
import { muteDeadEnds, muteEdge } from '../../../model/mute.ts'
import { edgeCurves, errorOf, train } from './grow.ts'
import type { EdgeCurve, Ground, Grown } from './grow.ts'
import { firstRows } from '../rows.ts'
import { deviation } from '../statistics.ts'
import type { TargetRows } from '../rows.ts'

/**
 * A network without an edge is as good as with it while its error is at most so many times as large: what splines leave of a
 * smooth function depends on the start, what noise leaves hardly does.
 */
const TOLERANCE = 1.5
const NOISE_TOLERANCE = 1.05
/** Errors above this are taken for noise. */
const NOISE = 1e-2
/** Rows to try removals on. */
const ROWS = 400
/** Curves that vary less than this share of their node, over the rows, go first and together. */
const FAINT = 1e-3

/**
 * Removes edges for as long as the others can make up for them: first all that hardly vary, then one at a time, the faintest
 * first, each followed by a few steps of training. Unlike a threshold on scores this also takes edges that carry what others
 * could as well, which networks that were trained without a penalty are full of. Where several edges could go, but not all,
 * what is left depends on the order: with a generator it is random.
 */
export async function thin(grown: Grown, ground: Ground, order?: Random): Promise<Grown> {
  const { rung } = grown
  const few: Ground = { ...ground, training: firstRows(ground.training, ROWS) }
  let best = grown
  const limit = (): number =>
    Math.max((grown.error > NOISE ? NOISE_TOLERANCE : TOLERANCE) * grown.error, 1e-6)
  const attempt = async (gone: readonly EdgeCurve[]): Promise<boolean> => {
    const model = without(best.model, gone)
    if (model === undefined) return false
    await train(model, rung, few, { steps: 15 })
    const error = await errorOf(model, rung, ground)
    if (!(error <= limit())) return false
    best = { rung, model, error: Math.min(error, best.error) }
    return true
  }
  const ranked = strengths(best.model, few.training)
  await attempt(ranked.filter(({ share }) => share < FAINT).map(({ curve }) => curve))
  const kept = new Set<string>()
  for (;;) {
    const left = strengths(best.model, few.training).filter(
      ({ curve }) => !kept.has(`${curve.l} ${curve.edge}`),
    )
    const next = left[order?.integer(left.length) ?? 0]
    if (next === undefined || ground.signal.aborted) return best
    if (!(await attempt([next.curve]))) kept.add(`${next.curve.l} ${next.curve.edge}`)
  }
}

/** Edges with the share that each has in the variation of its node, the faintest first. */
function strengths(model: Model, { x, weights }: TargetRows): { curve: EdgeCurve; share: number }[] {
  const curves = edgeCurves(model, x)
  const spread = curves.map(({ v }) => deviation(v, weights))
  const most = new Map<string, number>()
  const key = ({ l, j }: EdgeCurve): string => `${l} ${j}`
  curves.forEach((curve, e) => most.set(key(curve), Math.max(most.get(key(curve)) ?? 0, spread[e]!)))
  return curves
    .map((curve, e) => ({
      curve,
      share: most.get(key(curve)) === 0 ? 0 : spread[e]! / most.get(key(curve))!,
    }))
    .toSorted((a, b) => a.share - b.share)
}

/**
 * A copy without those edges, their means in their nodes' biases; and without the edges that then lead nowhere. Undefined where
 * no edge would be left.
 */
function without(model: Model, gone: readonly EdgeCurve[]): Model | undefined {
  const copy = new Model(model)
  for (const { l, edge, v } of gone) {
    let mean = 0
    for (let r = 0; r < v.length; r++) mean += v[r]! / v.length
    muteEdge(copy.layer(l), edge, mean)
  }
  muteDeadEnds(copy)
  return copy.mask.some(present => present !== 0) ? copy : undefined
}

/** The network without what a penalty has emptied, its knots where its nodes now are; undefined where nothing is left. */
export function prunedOn(model: Model, { x }: TargetRows): Model | undefined {
  try {
    return updateGridOn(prune(model), x)
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}
