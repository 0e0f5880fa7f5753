import type { Engine } from '../../engine/engine.ts'
import type { Expression } from '../../formula/index.ts'
import type { LogChoice } from '../../model/scalingchoice.ts'
import type { Model } from '../../model/model.ts'
import type { WidthEntry } from '../../model/width.ts'
import type { Samples } from '../../train/options.ts'
import type { LibraryChoice } from '../curves/library.ts'
import type { LogErrors, RowErrors } from '../errors/rowerrors.ts'

/** What discover may be told. */
export interface DiscoverOptions {
  /** Names of the inputs, as the formula shall have them (default x1, x2, ..). */
  readonly names?: readonly string[]
  /**
   * The network to start from. With it only that one is trained, sparsified, pruned and read, from up to `restarts` starts; by
   * default a ladder of structures is climbed too, from sums to products of functions, beside [inputs, 5, 1].
   */
  readonly width?: readonly WidthEntry[]
  /** Starts of that network, at most (default 16). */
  readonly restarts?: number
  /**
   * Functions that may be in the formula (default: the standard library, any exponents). With a choice, transforms of the target
   * and exponents are limited too: log(y) needs exp in it, y^2 sqrt, x^3 an x^3; exp and log together allow any exponent.
   * Sums, products, quotients and multiples are always allowed.
   */
  readonly library?: LibraryChoice
  /**
   * Columns on a logarithmic scale: for positive ones that span decades (default: none). The search looks at their logarithms in
   * their place, so that a power law is a line, and errors of such a target are judged by its logarithm, as factors; the formula
   * speaks of the columns themselves.
   */
  readonly log?: LogChoice
  /** Rows for the errors at the end, which nothing else looks at. */
  readonly test?: Samples
  /**
   * Seconds that it may take (default 60). What is found within them is the same on every machine for the same seed; where
   * they run out, how far the search came depends on the machine, and so it does where rows are noisy and no plain formula is found:
   * an error is taken for noise after a third of them.
   */
  readonly seconds?: number
  /**
   * Standard errors by which the formula's mean squared error may be above the least one for it to be chosen as simpler (default 1);
   * 0 chooses the least error. Of few rows, which have no standard error, the shortest description is chosen whatever this is.
   */
  readonly simplicity?: number
  /** Seed of the split and the networks: a whole number of at least 0 (default 0). */
  readonly seed?: number
  /** Where to train: a CPU engine (default: one of its own, destroyed at the end). */
  readonly engine?: Engine
  /** Stops the search as Discovering.abort does: it fulfils with the best formula so far. */
  readonly signal?: AbortSignal
}

/** What discover does at the moment. */
export type DiscoverStage = 'fit' | 'sparsify' | 'prune' | 'refine' | 'symbolify' | 'snap'

/** One progress report. */
export interface DiscoverProgress {
  readonly stage: DiscoverStage
  /** The structure at work, and for which transform of the target, as text. */
  readonly structure: string
  readonly seconds: number
  /** Of the seconds that it may take. */
  readonly budget: number
  /**
   * The RMSE of the best formula so far and of the best network, on the rows held out to choose by, over the targets' deviation;
   * or that of the target's natural logarithm (see Judge). Infinity before there is one.
   */
  readonly formula: number
  readonly network: number
  /** Whether they are of the logarithm. */
  readonly log: boolean
}

/** Errors on rows, in the target's own units. */
export interface DiscoveryErrors extends RowErrors {
  /** RMSE and R2 of the target's natural logarithm, where the search went by it: see Judge. */
  readonly log: LogErrors | undefined
}

/** One formula of the list. */
export interface DiscoveredFormula {
  readonly expression: Expression
  /** As text; every error is that of parse(text). */
  readonly text: string
  readonly latex: string
  readonly complexity: number
  /** On the rows given, and on the test rows where there are some. */
  readonly train: DiscoveryErrors
  readonly test: DiscoveryErrors | undefined
}

/** What discover found. */
export interface Discovery extends DiscoveredFormula {
  /** Whether its error is rounding: the law itself, as far as the rows can tell. */
  readonly exact: boolean
  /** Formulas that no other one beats in both complexity and error, the simplest first; the chosen one is among them. */
  readonly pareto: readonly DiscoveredFormula[]
  /** The best spline network of the search, in the target's own units and with a value on all rows, and its errors. */
  readonly network: {
    readonly model: Model
    /** What it says in the place of the target: 'y', 'log y', .. */
    readonly target: string
    readonly structure: string
    readonly train: DiscoveryErrors
    readonly test: DiscoveryErrors | undefined
  }
  /** Starts of networks that were trained. */
  readonly starts: number
  /** 'exact': a formula with no error but rounding; 'noise': as good as a network that fits anything; 'done': all tried; .. */
  readonly stop: 'exact' | 'noise' | 'done' | 'time' | 'aborted'
  readonly seconds: number
}
