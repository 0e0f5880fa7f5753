import { DeviceLostError } from '../../../errors.ts'
import type { Network } from '../network.ts'
import type { SimdModules } from '../simd/instance.ts'
import { sharesModels } from '../slices.ts'
import type { SessionArrays } from '../state.ts'
import { endBoard, JOBS, putUp, waitForAll } from './board.ts'
import type { Job } from './board.ts'
import { workOff } from './lane.ts'
import type { Lane } from './lane.ts'
import { AdamOptimizer } from '../adam.ts'

/**
 * Starts a thread that calls serveLane with the lane, sooner or later; returns how to end it. One that cannot start is none the less:
 * its error must go no further, and its tasks are done by the others.
 */
export type StartThread = (lane: Lane) => () => void

/** The threads of a session, the session's own among them. Others join when they have started; nobody waits for that. */
export class Crew {
  readonly #arrays: SessionArrays
  readonly #ends: (() => void)[] = []
  readonly #maySleep = maySleep()
  /** The longest that this thread has been at a job's tasks, in seconds. */
  #longest = 0
  #failure: string | undefined
  readonly #job: Job = { kind: 0, model: 0, rows: 0, step: 0, share: 0 }

  /** @param start called for every lane but the first, which is this thread's. */
  constructor(arrays: SessionArrays, memory: WebAssembly.Memory, modules: SimdModules, start: StartThread) {
    this.#arrays = arrays
    const { plan, lanes, board, training, order, gradient, learningRate, stopped } = arrays
    const { functionEvaluations, losses, lossAtRest, optimizer } = arrays
    const moments = optimizer instanceof AdamOptimizer ? optimizer.memory : undefined
    const startLane = (network: Network): (() => void) =>
      start({
        plan,
        // Functions do not cross.
        network: { ...network, kernels: [], crew: {} },
        memory,
        modules,
        board,
        training,
        order,
        gradient,
        learningRate,
        stopped,
        functionEvaluations,
        moments,
        losses,
        lossAtRest,
      })
    try {
      for (const network of lanes.slice(1)) this.#ends.push(startLane(network))
    } catch (error) {
      this.end()
      throw error
    }
    const { sums, crew } = arrays.network
    if (!sharesModels(plan))
      crew.addSlices = (model, rows, share) => this.#do(JOBS.slices, model, rows, 0, share, sums.length)
  }

  /** One step of every model; their losses are in the session's `losses`. */
  stepModels(step: number, rows: number): void {
    this.#do(JOBS.models, 0, rows, step, 0, this.#arrays.plan.models)
  }

  end(): void {
    endBoard(this.#arrays.board)
    for (const end of this.#ends) end()
  }

  #do(kind: number, model: number, rows: number, step: number, share: number, tasks: number): void {
    const { board } = this.#arrays
    if (this.#failure === undefined) {
      putUp(board, kind, model, rows, step, share, tasks)
      const began = performance.now()
      workOff(board, this.#arrays, this.#job)
      this.#longest = Math.max(this.#longest, (performance.now() - began) / 1000)
      this.#failure = waitForAll(board, this.#maySleep, mostSilent(this.#longest))
      if (this.#failure === undefined) return
      this.end()
    }
    throw new DeviceLostError(`A thread of the CPU engine failed: ${this.#failure}. Open a new session.`)
  }
}

/**
 * Seconds of silence after which a thread with a task in hand is dead, where this one did all of its own in `longest`: tasks of a job
 * are alike, and each has several beats, so that eight times a job's share is long even on a core that others use as well; three
 * seconds bridge whatever keeps a thread from a core that small shares know nothing of.
 */
function mostSilent(longest: number): number {
  return Math.max(3, Math.ceil(8 * longest))
}

/** Not on a page's own thread; a worker of a page and any thread of Node may. */
function maySleep(): boolean {
  return !('window' in globalThis)
}
