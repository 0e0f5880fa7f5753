import type { LibraryChoice } from '../library.ts'
import type { TargetRows } from '../rowerrors.ts'
import { refit } from './refit.ts'
import type { Refitting, State } from './refit.ts'
import type { SymbolifyProgress } from './options.ts'
import type { Candidate } from '../candidate.ts'
import { costOf } from '../fitcurve.ts'
import type { Model } from '../../model/model.ts'

/** An edge: from input i to output j of layer l. */
export interface Place {
  readonly l: number
  readonly i: number
  readonly j: number
}

/** A network some of whose edges have been named. */
export interface Named extends State {
  /** The functions of the edges by keyOf. */
  readonly functions: ReadonlyMap<string, Candidate>
}

/** What the search works with. */
export interface Ground {
  /** Rows to try things on, and all that formulas are fitted to. */
  readonly few: TargetRows
  readonly training: TargetRows
  readonly refitting: Refitting
  readonly library: LibraryChoice | undefined
  readonly simplicity: number
  readonly tries: number
  /** Whether the time is over, or the caller has had enough. */
  isOver(): boolean
  report(progress: Pick<SymbolifyProgress, 'stage' | 'edge'>, state: Named): void
}

/** The relative mean squared error that is taken for nothing: relative RMSE 1e-11. */
export const NOTHING = 1e-22

/** An edge's key in maps. */
export function keyOf({ l, i, j }: Place): string {
  return `${l} ${i} ${j}`
}

/** (1 - w) log2(error) + w times the cost of all functions: what is minimised. */
export function scoreOf({ error, functions }: Named, { simplicity }: Pick<Ground, 'simplicity'>): number {
  let cost = 0
  for (const candidate of functions.values()) cost += costOf(candidate)
  return (1 - simplicity) * Math.log2(NOTHING + error) + simplicity * cost
}

/** As refit, on the few rows, with functions for the edges; also undefined where the network was undefined already. */
export async function refitNamed(
  model: Model,
  functions: ReadonlyMap<string, Candidate>,
  steps: number,
  { few, refitting }: Ground,
): Promise<Named | undefined> {
  const state = await refit(model, few, steps, refitting)
  return state && { ...state, functions }
}
