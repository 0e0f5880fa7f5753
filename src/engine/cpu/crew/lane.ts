import type { Plan, Rows } from '../../engine.ts'
import { AdamOptimizer } from '../adam.ts'
import type { AdamMoments } from '../adam.ts'
import { addSlice } from '../evaluate.ts'
import type { LayerKernels } from '../layer.ts'
import { plainKernels } from '../layer.ts'
import type { Network } from '../network.ts'
import { stepOrRest } from '../optimizer.ts'
import type { RestScope } from '../optimizer.ts'
import { simdKernels } from '../simd/instance.ts'
import type { SimdModules } from '../simd/instance.ts'
import { beat, finishTask, JOBS, readJob, takeTask, waitForNews } from './board.ts'
import type { Board, Job } from './board.ts'

/** All that a thread of a crew needs: views of the session's shared memory, and what to run on them. */
export interface Lane {
  readonly plan: Plan
  /** Without its kernels, which do not cross to another thread. */
  readonly network: Network
  readonly memory: WebAssembly.Memory
  readonly modules: SimdModules
  readonly board: Board
  readonly training: readonly Rows[]
  readonly order: Int32Array
  readonly gradient: Float64Array
  readonly learningRate: Float64Array
  readonly stopped: Float64Array
  readonly functionEvaluations: Float64Array
  /** Of Adam; undefined for other optimizers, whose steps are taken by the session's thread. */
  readonly moments: AdamMoments | undefined
  /** [M]: losses of a step, and of models that have stopped. */
  readonly losses: Float64Array
  readonly lossAtRest: Float64Array
}

/** What a task needs, on whichever thread. */
export interface LaneScope extends RestScope {
  readonly losses: Float64Array
}

/** Does a task of a job on the lane's network. */
function performTask(scope: LaneScope, { kind, model, rows, step, share }: Job, task: number): void {
  const { network, plan, training, order, gradient } = scope
  if (kind === JOBS.slices)
    addSlice(network, plan, training[model]!, model, order, rows, task, share, gradient)
  else scope.losses[task] = stepOrRest(scope, task, step, rows)
}

/** Works for a crew until it ends; the thread does nothing else meanwhile. */
export function serveLane(lane: Lane): void {
  const { board, plan, modules, memory, moments } = lane
  const { blocks, tiles, layout } = lane.network
  const kernels = blocks.map(({ terms }): LayerKernels => {
    const module = modules.get(terms)
    return beating(board, module ? simdKernels(module, memory, tiles) : plainKernels)
  })
  const network: Network = { ...lane.network, kernels, crew: {} }
  const optimizer =
    plan.optimizer.kind === 'adam' && moments !== undefined
      ? new AdamOptimizer(plan.optimizer, plan, layout, moments)
      : undefined
  const scope: LaneScope = { ...lane, network, optimizer }
  const job: Job = { kind: 0, model: 0, rows: 0, step: 0, share: 0 }
  for (let news = 0; (news = waitForNews(board, news)) >= 0;) workOff(board, scope, job)
}

/** Takes tasks until none is left. One that fails counts as done, too, or the session would wait for it for ever. */
export function workOff(board: Board, scope: LaneScope, job: Job): void {
  for (let task = takeTask(board); task >= 0; task = takeTask(board)) {
    readJob(board, job)
    let failure: string | undefined
    try {
      performTask(scope, job, task)
    } catch (error) {
      failure = String(error)
    }
    finishTask(board, failure)
  }
}

/** The same kernels, with a sign of life for every layer of every block of rows. */
function beating(board: Board, kernels: LayerKernels): LayerKernels {
  return {
    ...kernels,
    forward(...given) {
      beat(board)
      kernels.forward(...given)
    },
  }
}
