import type { Plan, Rows } from '../engine.ts'
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
}
