import type { LibraryChoice, SymbolicFunction } from '../curves/library.ts'
import type { WeightedRows } from '../errors/rowerrors.ts'
import { refit } from './refit.ts'
import type { Refitting, State } from './refit.ts'
import type { SymbolifyProgress } from './options.ts'
import type { Candidate } from '../curves/candidate.ts'
import { costOf } from '../curves/fitcurve.ts'
import type { Engine } from '../../engine/engine.ts'
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
export interface SymbolifyGround {
  /** Rows to try things on, and all that formulas are fitted to. */
  readonly few: WeightedRows
  readonly training: WeightedRows
  readonly engine: Engine
  /** Aborted when the time is over, so that a long refit ends too; another one for the next attempt. */
  readonly signal: AbortSignal
  readonly library: LibraryChoice | undefined
  /** The same, as they are known by name. */
  readonly functions: readonly SymbolicFunction[]
  /** Inputs with two values, whose curves are lines: see twoValuedColumns. */
  readonly twoValued: ReadonlySet<number>
  readonly simplicity: number
  readonly tries: number
  /** Whether the time is over, or the caller has had enough. */
  isOver(): boolean
  /** Whether the caller has had enough, and waits. */
  isAborted(): boolean
  /** Whether that is so, or all of the time is over: isOver speaks of the attempt under way. */
  isStopped(): boolean
  /** To be awaited in long loops: see createBreather. */
  breathe(): Promise<void>
  report(progress: Pick<SymbolifyProgress, 'stage' | 'edge'>, state: Named): void
}

/** The relative mean squared error that is taken for nothing: relative RMSE 1e-11. */
export const NOTHING = 1e-22

/** An edge's key in maps. */
export function keyOf({ l, i, j }: Place): string {
  return `${l} ${i} ${j}`
}

/** The edge of a key. */
export function placeOf(key: string): Place {
  const [l = 0, i = 0, j = 0] = key.split(' ').map(Number)
  return { l, i, j }
}

/** How much more error weighs in the search than in suggestions: a network that lacks an edge's shape misleads the next ones. */
const FIDELITY = 4

/**
 * FIDELITY (1 - w) log2(error) + w times the cost of all functions: what is minimised. The error is what rows that were not
 * fitted to would show: see unseenFactor.
 */
export function scoreOf(
  { error, functions }: Named,
  ground: Pick<SymbolifyGround, 'simplicity' | 'few'>,
): number {
  let [cost, constants] = [0, 0]
  for (const candidate of functions.values()) {
    cost += costOf(candidate)
    constants += candidate.free + 1 // and the shifts, which a node's edges share
  }
  const unseen = error * unseenFactor(constants, ground.few.weights.length) ** 2
  return FIDELITY * (1 - ground.simplicity) * Math.log2(NOTHING + unseen) + ground.simplicity * cost
}

/** The most that fitted constants are held against a network that has not much fewer rows. */
const MOST_UNSEEN = 10

/**
 * By how much the RMSE on unseen rows is larger than on the n rows that k constants were fitted to, 1 / (1 - k / n): generalised
 * cross-validation (Craven and Wahba, "Smoothing noisy data with spline functions", Numer. Math. 31, 1979).
 */
export function unseenFactor(constants: number, rows: number): number {
  return 1 / Math.max(1 - constants / rows, 1 / MOST_UNSEEN)
}

/**
 * As refit, on the few rows, with functions for the edges. Undefined also where a pole has come to lie between rows: no row may
 * have shown it, and the next one would.
 */
export async function refitNamed(
  model: Model,
  functions: ReadonlyMap<string, Candidate>,
  steps: number,
  ground: SymbolifyGround,
): Promise<Named | undefined> {
  const state = await refit(model, ground.few, ...within(steps, ground))
  return state && staysInside(state.model, ground.functions) ? { ...state, functions } : undefined
}

/** Steps once the time is over: what was found is to be finished, not to be made better. */
const LATE_STEPS = 2

/** The last arguments of refit, for so many steps: fewer, and not to be interrupted, once the time is over. */
export function within(steps: number, ground: SymbolifyGround): [steps: number, refitting: Refitting] {
  const { engine, signal } = ground
  return ground.isOver() ? [Math.min(steps, LATE_STEPS), { engine }] : [steps, { engine, signal }]
}

/** Whether no edge's rows lie on both sides of an end of its function's domain, or on an open one. */
function staysInside(model: Model, library: readonly SymbolicFunction[]): boolean {
  return model.layout.layers.every(({ symbolic = [], outputs }, l) =>
    symbolic.every(({ edge, name }, e) => {
      const known = library.find(entry => entry.name === name)
      if (known === undefined) return true // fixed by hand, to a function that only its user knows
      const { inputMin, inputMax } = model.statistics!.layers[l]!
      const { affine } = model.layer(l).values
      const [a, b] = [affine[4 * e]!, affine[4 * e + 1]!]
      const i = Math.floor(edge / outputs)
      const ends = [a * inputMin[i]! + b, a * inputMax[i]! + b]
      const [low, high] = [Math.min(...ends), Math.max(...ends)]
      const { domain } = known
      return [domain.low, domain.high].every(end =>
        domain.closed ? !(low < end && end < high) : !(low <= end && end <= high),
      )
    }),
  )
}
