import type { Rows, Session, TrainingState } from '../engine/engine.ts'
import { rowsOf } from '../engine/rowsets.ts'
import { forwardNodes } from '../model/forward.ts'
import { updateGrid } from '../model/gridupdate.ts'
import { Model } from '../model/model.ts'
import type { Network } from '../model/model.ts'
import type { Config } from '../model/config.ts'
import { refineModel } from '../model/refine.ts'
import { partOf } from './starts.ts'

/** The inputs of the rows that count, [..][inputs]: a row of weight 0 must not draw a grid to where it lies. */
export function countedInputs({ x, weights }: Rows): Float64Array {
  if (weights.every(weight => weight > 0)) return x
  const inputs = x.length / weights.length
  return x.filter((_, at) => weights[Math.floor(at / inputs)]! > 0)
}

/**
 * The network on its next grid: moved to where the samples are (unless eps is undefined), then refined. Without the move, the
 * staircase of exp(sin(pi x1) + x2^2) on [2, 1, 1] stalls at a test RMSE of 6e-6 from G 50 on; with it, it goes on down
 * (bench/studies/staircase.ts).
 *
 * @param x training rows in the network's coordinates, [rows][inputs]
 */
export function climb(network: Network, grid: Config, x: Float64Array, eps: number | undefined): Network {
  const model = new Model(network)
  const moved = eps === undefined ? model : updateGrid(model, x, { eps })
  const intervals = grid.layers.map(layer => layer.intervals)
  const { config, parameters, knots, mask } = refineModel(moved, intervals, forwardNodes(moved, x))
  return { config, parameters, knots, mask }
}

/** What a grid update in the midst of a session needs. */
export interface Move {
  readonly config: Config
  /** [models][edges]. */
  readonly masks: Float64Array
  /** [models][knots]: changed in place. */
  readonly knots: Float64Array
  /** Models whose grids stay: those that have stopped or failed. */
  readonly resting: readonly boolean[]
  /** Training rows in the network's coordinates, of all models or of each. */
  readonly rows: Rows
  readonly eps: number
}

/**
 * Grid update of every model of a session that is not at rest. Its weights are refitted, and the best is looked for anew: older
 * best weights belong to the old knots. Adam's moments and the damping of 'lm' stay as they are; the parameters are uploaded by
 * themselves, after the state, so that L-BFGS starts anew (see Upload in engine/engine.ts).
 *
 * @returns the state before the update, whose best weights fit the old knots
 */
export async function moveGrids(session: Session, move: Move): Promise<TrainingState> {
  const { config, masks, knots, resting, rows, eps } = move
  const models = resting.length
  const before = await session.read()
  const { best } = before
  const parameters = before.parameters.slice()
  const bestParameters = best.parameters.slice()
  const [loss, step, stale] = [best.loss.slice(), best.step.slice(), best.stale.slice()]
  const [size, knotCount] = [parameters.length / models, knots.length / models]
  for (let m = 0; m < models; m++) {
    if (resting[m] === true) continue
    const old = {
      config,
      parameters: partOf(parameters, m, models),
      knots: partOf(knots, m, models),
      mask: partOf(masks, m, models),
    }
    const moved = updateGrid(new Model(old), countedInputs(rowsOf(session.plan, rows, m)), { eps })
    parameters.set(moved.parameters, m * size)
    bestParameters.set(moved.parameters, m * size)
    knots.set(moved.knots, m * knotCount)
    loss[m] = Infinity
    step[m] = before.step
    stale[m] = 0
  }
  await session.upload({
    state: { ...before, best: { parameters: bestParameters, loss, step, stale, stopped: best.stopped } },
  })
  await session.upload({ parameters, knots })
  return before
}
