import type { Engine } from '../../engine/engine.ts'
import type { Expression } from '../../formula/index.ts'
import type { Samples } from '../../train/options.ts'
import type { LibraryChoice } from '../curves/library.ts'
import type { RowErrors } from '../errors/rowerrors.ts'

/** What symbolify may be told. */
export interface SymbolifyOptions {
  /** Functions that may stand for an edge's curve (default: the standard library). */
  readonly library?: LibraryChoice
  /**
   * w, the weight of simplicity, 0 to 1 (default 0.5): between functions for an edge as in FitCurveOptions.simplicity, and
   * between formulas by
   *
   *     (1 - w) log2(1e-12 + relative RMSE on held-out rows) + w max(1/16, 2/rows) complexity
   *
   * (of the logarithm for outputs on a logarithmic scale)
   * where 2/rows is the length of the formula beside that of the errors, as few rows have it (minimum description length).
   * Where no rows are held out, the RMSE that they would show is taken: RMSE / (1 - constants / rows). Of the list only formulas are
   * chosen that explain at least the share 1 - w^3 (7/8 by default) of the variance that the best one explains, where that is no
   * chance: the score alone would take a constant in the place of a good formula that is long.
   */
  readonly simplicity?: number
  /**
   * Rows to judge formulas by, which none is fitted to: samples, or a fraction of the rows (default 0.2; 0 where there are less
   * than 40).
   */
  readonly validation?: Samples | number
  /** Functions that are tried for an edge, the network refitted with each, before the best is taken (default 3). */
  readonly tries?: number
  /** Whether constants become numbers that a person would write where the rows do not object (default true). */
  readonly snap?: boolean
  /** Seconds that it may take (default 60). Edges that are left then get their best function without further trials. */
  readonly seconds?: number
  /** Seed of the held-out rows: a whole number of at least 0 (default: the model's). */
  readonly seed?: number
  /** Where to train: a CPU engine, as it is done in float64 (default: one of its own, destroyed at the end). */
  readonly engine?: Engine
  /** Ends the search as the seconds do. */
  readonly signal?: AbortSignal
}

/** Where symbolify is: refitting the splines, fixing edges, trying other functions, polishing formulas. */
export type SymbolifyStage = 'splines' | 'edges' | 'alternatives' | 'formulas'

/** One progress report. */
export interface SymbolifyProgress {
  readonly stage: SymbolifyStage
  /** Edges that are known functions, of how many. */
  readonly fixed: number
  readonly edges: number
  /** What was tried last. */
  readonly edge:
    { readonly l: number; readonly i: number; readonly j: number; readonly name: string } | undefined
  /** RMSE of the network as it is, relative to the targets' deviation. */
  readonly relative: number
  readonly seconds: number
}

/** One formula of the list: errors are those of its text. */
export interface SymbolicFormula {
  /** One an output. */
  readonly expressions: readonly Expression[]
  readonly texts: readonly string[]
  /** Of all outputs together. */
  readonly complexity: number
  /** On the rows it was fitted to, and on those held out; with those of logarithms where outputs are on a logarithmic scale. */
  readonly train: RowErrors
  readonly heldOut: RowErrors | undefined
}

/** What symbolify found. */
export interface Symbolified<M> extends SymbolicFormula {
  /**
   * The network with known functions on all edges, as the formula had them before its constants were polished, without the hidden
   * nodes that then lead nowhere or come from nowhere.
   */
  readonly kan: M
  /** The edges of that network, and their functions. */
  readonly edges: readonly {
    readonly l: number
    readonly i: number
    readonly j: number
    readonly name: string
  }[]
  /** Formulas that no other one beats in both complexity and error, the simplest first; the chosen one is among them. */
  readonly pareto: readonly SymbolicFormula[]
  /** The errors of the spline network that it began with. */
  readonly network: { readonly train: RowErrors; readonly heldOut: RowErrors | undefined }
  /** Whether all was tried, or time or the caller ended it. */
  readonly stop: 'done' | 'seconds' | 'aborted'
  readonly seconds: number
}
