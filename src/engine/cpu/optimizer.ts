import type { Plan, Rows } from '../engine.ts'
import type { Parts } from '../parts.ts'
import type { Network } from './network.ts'

/** What a step works on. */
export interface StepScope {
  readonly plan: Plan
  readonly network: Network
  /** [M]: rows of each model; the same ones where all models share them. */
  readonly training: readonly Rows[]
  /** Rows of the batch. */
  readonly order: Int32Array
  /** [M][parameters], scratch. */
  readonly gradient: Float64Array
  /** [M]. */
  readonly learningRate: Float64Array
  /** [M]: why a model STOPPED; a step that finds no way down says so here. */
  readonly stopped: Float64Array
  /** [M]: evaluations of the training loss so far; a step adds its own. */
  readonly functionEvaluations: Float64Array
}

/** What a step needs of models that may have stopped. */
export interface RestScope extends StepScope {
  readonly optimizer: CpuOptimizer | undefined
  /** [M]: loss of all training rows of a model that has stopped, which stays; NaN until it is known. */
  readonly lossAtRest: Float64Array
}

/** An optimizer of the CPU engine: its memory, for all models of a session, and its step. */
export interface CpuOptimizer {
  /** By name, each [M][...]: part of a run's state. */
  readonly memory: Readonly<Record<string, Float64Array>>
  /** The training loss where model m stands, if a step left it known. */
  lossAt?(m: number): number | undefined
  /** Lets go of what belongs to parameters, knots or rows that were replaced. */
  forget?(): void
  /** One step of model m, the one counted from 0, on the first `rows` of `order`; returns the loss before it. */
  step(scope: StepScope, m: number, step: number, rows: number): number
  /** The same in parts, for steps that may take long: one that is left has not been taken. */
  parts?(scope: StepScope, m: number, step: number, rows: number): Parts<number>
}

/**
 * One step of model m, the one counted from 0, on the first `rows` of `order`; returns the loss before it. A model that has stopped is
 * evaluated once more and then rests, unless it has another loss each time, of another mini-batch.
 */
export function stepOrRest(scope: RestScope, m: number, step: number, rows: number): number {
  const { plan, stopped, lossAtRest, optimizer } = scope
  const rests = stopped[m] !== 0 && plan.batch === plan.rows
  if (rests && !Number.isNaN(lossAtRest[m])) return lossAtRest[m]!
  const loss = optimizer!.step(scope, m, step, rows)
  if (rests) lossAtRest[m] = loss
  return loss
}

/** As stepOrRest, in the parts that the optimizer has. */
export function* stepOrRestParts(scope: RestScope, m: number, step: number, rows: number): Parts<number> {
  const { optimizer, stopped } = scope
  if (stopped[m] !== 0 || !optimizer!.parts) return stepOrRest(scope, m, step, rows)
  return yield* optimizer!.parts(scope, m, step, rows)
}
