import type { Layout } from '../../model/shape.ts'
import { STOPPED } from '../engine.ts'
import type { Plan, Rows, TrainingState } from '../engine.ts'
import { rowSets, rowsOf } from '../rowsets.ts'
import { AdamOptimizer, createMoments } from './adam.ts'
import { createBoard } from './crew/board.ts'
import type { Board } from './crew/board.ts'
import { LbfgsOptimizer } from './lbfgs/optimizer.ts'
import { LevenbergOptimizer } from './lm/optimizer.ts'
import type { Allocator } from './memory.ts'
import { createLane, createNetwork } from './network.ts'
import type { Network } from './network.ts'
import type { CpuOptimizer, RestScope } from './optimizer.ts'
import { sharesModels, sliceCount } from './slices.ts'

/** Every array of a session. */
export interface SessionArrays extends RestScope {
  /** The network as each thread sees it (crew/), the session's own first, and where they meet. */
  readonly lanes: readonly Network[]
  readonly board: Board
  /** [M]: losses before a step. */
  readonly losses: Float64Array
  /** [M], as `training`. */
  readonly validation: readonly Rows[]
  /** [M][parameters]. */
  readonly bestParameters: Float64Array
  /** [M]: see BestState. */
  readonly bestLoss: Float64Array
  readonly bestStep: Float64Array
  readonly stale: Float64Array
  /** [M]: evaluation of a model that has stopped, which stays; NaN until it is made. */
  readonly evaluationAtRest: Float64Array
}

/** Allocates a session's arrays; a session without training rows has none for gradients. */
export function createSessionArrays(
  plan: Plan,
  layout: Layout,
  allocator: Allocator,
  threads: number = 1,
): SessionArrays {
  const { models, rows, validationRows } = plan
  const trains = rows > 0
  const set = (name: string, count: number): Rows[] => {
    const targets = plan.loss === 'cross-entropy' ? 1 : layout.outputs
    const sets = rowSets(plan)
    const all = {
      x: allocator.float64(name, sets * count * layout.inputs),
      y: allocator.float64(name, sets * count * targets),
      weights: allocator.float64(name, sets * count),
    }
    return Array.from({ length: models }, (_, m) => rowsOf(plan, all, m))
  }
  const perParameter = (name: string): Float64Array => allocator.float64(name, models * layout.parameters)
  const perModel = (name: string): Float64Array => allocator.float64(name, models)
  const network = createNetwork(layout, models, trains, allocator, plan.penalty, sliceCount(plan, layout))
  return {
    plan,
    network,
    lanes: Array.from({ length: threads }, (_, t) =>
      t === 0 ? network : createLane(network, sharesModels(plan), allocator),
    ),
    board: createBoard(allocator),
    losses: perModel('losses of a step'),
    optimizer: trains ? createOptimizer(plan, layout, network, allocator) : undefined,
    training: set('training rows', rows),
    validation: set('validation rows', validationRows),
    order: allocator.int32('rows of a batch', trains ? plan.batch : 0),
    learningRate: perModel('learning rates'),
    gradient: allocator.float64('gradients', trains ? models * layout.parameters : 0),
    bestParameters: perParameter('best parameters'),
    bestLoss: perModel('best losses').fill(Infinity),
    bestStep: perModel('best steps'),
    stale: perModel('stale evaluations'),
    evaluationAtRest: perModel('evaluations at rest').fill(NaN),
    lossAtRest: perModel('losses at rest').fill(NaN),
    stopped: perModel('stopped models'),
    functionEvaluations: perModel('function evaluations'),
  }
}

function createOptimizer(plan: Plan, layout: Layout, network: Network, allocator: Allocator): CpuOptimizer {
  const { optimizer } = plan
  if (optimizer.kind === 'adam')
    return new AdamOptimizer(optimizer, plan, layout, createMoments(plan, layout, allocator))
  if (optimizer.kind === 'lm') return new LevenbergOptimizer(plan, layout, network, allocator)
  return new LbfgsOptimizer(plan, layout, allocator)
}

/** A copy of all that a resumed run needs. */
export function copyState(arrays: SessionArrays, step: number): TrainingState {
  return {
    step,
    kind: arrays.plan.optimizer.kind,
    parameters: arrays.network.parameters.slice(),
    optimizer: Object.fromEntries(
      Object.entries(arrays.optimizer?.memory ?? {}).map(([name, values]) => [name, values.slice()]),
    ),
    best: {
      parameters: arrays.bestParameters.slice(),
      loss: arrays.bestLoss.slice(),
      step: arrays.bestStep.slice(),
      stale: arrays.stale.slice(),
      stopped: arrays.stopped.slice(),
    },
  }
}

/** The arrays of a session beside those of a state (which checkUpload has looked at): where to copy, and from where. */
export function pairState(
  arrays: SessionArrays,
  state: TrainingState,
): [to: Float64Array, from: Float64Array][] {
  const { best } = state
  const memory = Object.entries(arrays.optimizer?.memory ?? {}).map(
    ([name, values]): [Float64Array, Float64Array] => [values, state.optimizer[name]!],
  )
  return [
    [arrays.network.parameters, state.parameters],
    ...memory,
    [arrays.bestParameters, best.parameters],
    [arrays.bestLoss, best.loss],
    [arrays.bestStep, best.step],
    [arrays.stale, best.stale],
    [arrays.stopped, best.stopped],
  ]
}

/** Copies rows, of all models or of each, into a session's own. */
export function copyRows(from: Rows, to: readonly Rows[]): void {
  const sets = new Set(to)
  let m = 0
  for (const set of sets) {
    for (const name of ['x', 'y', 'weights'] as const) {
      const size = set[name].length
      set[name].set(from[name].subarray(m * size, (m + 1) * size))
    }
    m++
  }
}

/** Until a model's first evaluation, the parameters that were uploaded are its best. */
export function keepFirst(arrays: SessionArrays, models: number): void {
  const { network, bestParameters, bestLoss } = arrays
  const size = network.layout.parameters
  for (let m = 0; m < models; m++)
    if (bestLoss[m] === Infinity)
      bestParameters.set(network.parameters.subarray(m * size, (m + 1) * size), m * size)
}

/**
 * Takes the loss of an evaluation of model m after `step` steps into account: a finite, strictly smaller one makes the current
 * parameters the best; any other counts towards patience. A model that has stopped keeps its best.
 */
export function recordEvaluation(
  arrays: SessionArrays,
  plan: Plan,
  m: number,
  step: number,
  loss: number,
): void {
  const { network, bestParameters, bestLoss, bestStep, stale, stopped } = arrays
  if (stopped[m] !== 0) return
  if (Number.isFinite(loss) && loss < bestLoss[m]!) {
    const size = network.layout.parameters
    for (let p = m * size; p < (m + 1) * size; p++) bestParameters[p] = network.parameters[p]!
    bestLoss[m] = loss
    bestStep[m] = step
    stale[m] = 0
  } else {
    stale[m] = stale[m]! + 1
    if (plan.patience > 0 && stale[m] >= plan.patience) stopped[m] = STOPPED.patience
  }
}
