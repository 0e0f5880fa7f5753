/** What the page and its interpreting worker say to each other: plain data. Models travel as the bytes of their files. */
import type { DiscoverStage, SymbolifyStage } from 'webkan'
import type { KnownCurve } from './changes.ts'
import type { EdgeEnds } from './network-layout.ts'
import type { RowSets } from './samples.ts'

/** Candidates for an edge: those below are far worse than the best. */
export const mostCandidates = 8

/** Known functions for one edge. */
export interface SuggestJob {
  readonly kind: 'suggest'
  readonly model: Uint8Array
  readonly edge: EdgeEnds
  /** Where the curve is drawn, in the network's coordinates. */
  readonly u: Float64Array
}

/** Formulas of a network, or of the rows themselves. */
export type SearchJob = SymbolifyJob | DiscoverJob | ReadJob

interface SymbolifyJob {
  readonly kind: 'symbolify'
  readonly model: Uint8Array
  readonly rowSets: RowSets
  readonly names: readonly string[]
}

/** The formula of a network whose edges are known functions already. */
interface ReadJob extends Omit<SymbolifyJob, 'kind'> {
  readonly kind: 'read'
}

interface DiscoverJob {
  readonly kind: 'discover'
  readonly rowSets: RowSets
  readonly names: readonly string[]
  readonly seconds: number
  readonly seed: number
}

/** `id` tells jobs apart. */
export type ToWorker =
  | { readonly id: number; readonly job: SuggestJob | SearchJob }
  /** The search is to end with what it has. */
  | { readonly id: number; readonly job: 'stop' }

export type FromWorker =
  | { readonly id: number; readonly progress: SearchProgress }
  | { readonly id: number; readonly candidates: readonly Candidate[] }
  | { readonly id: number; readonly found: Found }
  | { readonly id: number; readonly failure: string }

export interface SearchProgress {
  readonly stage: SymbolifyStage | DiscoverStage
  /** Edges that are known functions, of how many; or the structure at work. */
  readonly detail: string
  /** 0 to 1. */
  readonly share: number
}

/** A known function for an edge. */
export interface Candidate extends KnownCurve {
  /** Share of the curve's variance: 1 - R2, without cancellation. */
  readonly unexplained: number
  readonly complexity: number
  /** The function at the points asked for. */
  readonly y: Float64Array
}

/** Root mean squared errors on the three sets of rows, where they are known. */
export interface Errors {
  readonly training: number
  readonly validation: number | undefined
  readonly test: number | undefined
}

export interface FoundFormula {
  /** In the page's names; all else that is said of the formula is of this text, read again. */
  readonly text: string
  readonly complexity: number
  readonly errors: Errors
}

export interface Found {
  readonly kind: SearchJob['kind']
  /** None is beaten by another one in both complexity and error on these rows, but perhaps the chosen one; the simplest first. */
  readonly formulas: readonly FoundFormula[]
  /** discover is given the training rows alone, and holds out some of them itself. */
  readonly rankedBy: 'training' | 'validation'
  /** The one that weighs both best. */
  readonly chosen: number
  /** The spline network that they were read from. */
  readonly network: Errors
  /** The network of the chosen one, where it is one of known functions. */
  readonly model: Uint8Array | undefined
  readonly stop: 'done' | 'time' | 'aborted'
  readonly seconds: number
}
