import type { OptimizerPlan } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import { countTrainable, hasSymbolic } from '../model/shape.ts'
import type { Layout, Trainable } from '../model/shape.ts'
import type { FitOptions } from './options.ts'

/**
 * Up to these sizes 'auto' takes Levenberg and Marquardt's method. Parameters: a step factorises a matrix of so many rows, and
 * beyond about a thousand other methods catch up. Multiply-adds a step: 3e8 take about a third of a second, so that the 50
 * steps of six networks take a minute; more of them may each take less.
 */
export const LEVENBERG_LIMITS = { parameters: 1000, work: 3e8, networks: 6 } as const

/** What decides about an optimizer: the network on the finest grid of the run, its samples, and where it trains. */
interface OptimizerCase {
  readonly layout: Layout
  readonly trainable: Trainable
  readonly rows: number
  readonly engine: 'webgpu' | 'cpu'
  /** Networks trained side by side (default: as many as a run's usual starts). */
  readonly networks?: number
}

/**
 * Multiply-adds of a Levenberg-Marquardt step: outputs * rows * (edges (k + 2))^2 / 2 for the curvature (see
 * engine/cpu/lm/curvature.ts), n^3 / 6 for a Cholesky factor of n parameters.
 */
function levenbergWork({ layout, trainable, rows }: OptimizerCase): number {
  const entries = layout.layers.reduce(
    (sum, { inputs, outputs, degree }) => sum + inputs * outputs * (degree + 2),
    0,
  )
  return (layout.outputs * rows * entries ** 2) / 2 + countTrainable(layout, trainable) ** 3 / 6
}

/** Whether Levenberg and Marquardt's method can train it, and in a reasonable time: see LEVENBERG_LIMITS. */
export function suitsLevenberg(asked: OptimizerCase): boolean {
  return (
    asked.engine === 'cpu' &&
    countTrainable(asked.layout, asked.trainable) <= LEVENBERG_LIMITS.parameters &&
    levenbergWork(asked) * Math.max(1, (asked.networks ?? 1) / LEVENBERG_LIMITS.networks) <=
      LEVENBERG_LIMITS.work
  )
}

/**
 * The same for networks with symbolic edges, which hardly another method brings to their constants' last digits, and which no other
 * engine trains. 4000 parameters take 256 MB for the curvature and its factor.
 */
const MOST_BESIDE_FORMULAS = 4000

function suitsFormulas({ layout, trainable }: OptimizerCase): boolean {
  return hasSymbolic(layout.layers) && countTrainable(layout, trainable) <= MOST_BESIDE_FORMULAS
}

/** Options that only Adam reads; whoever gives one means Adam. */
const ADAM_OPTIONS = ['learningRate', 'schedule', 'adam', 'batch'] as const

/**
 * The optimizer of a run: the one that was named; with 'auto' the one of the run to resume, Adam where one of its options is
 * given, else 'lm' where it suits, else Adam. Throws ConfigError for a name that is none, and for options of Adam beside 'lm' or
 * 'lbfgs'.
 */
export function chooseOptimizer(options: FitOptions, asked: OptimizerCase): OptimizerPlan['kind'] {
  const { optimizer = 'auto', resume } = options
  const foreign = ADAM_OPTIONS.find(name => options[name] !== undefined)
  const named = optimizer === 'auto' ? resume?.state.kind : optimizer
  const suits = suitsFormulas(asked) || suitsLevenberg(asked)
  if (named === undefined) return foreign === undefined && suits ? 'lm' : 'adam'
  if (named !== 'adam' && named !== 'lm' && named !== 'lbfgs')
    throw new ConfigError(`optimizer is '${String(named)}'; choose 'auto', 'adam', 'lm' or 'lbfgs'.`)
  if (named !== 'adam' && foreign !== undefined)
    throw new ConfigError(
      `${foreign} is for the optimizer 'adam'; '${named}' finds its own step length on all rows: leave it out.`,
    )
  return named
}
