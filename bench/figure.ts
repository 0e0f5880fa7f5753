/** What is measured, as plain data. */
import type { Spread } from './timing.ts'

/** Sides of our own. */
export const OURS = { gpu: 'webkan GPU', cpu: 'webkan CPU' } as const

/** What qualifies a figure beside its spread: steps a repetition, read-backs, the loss at the end. */
export type Detail = Readonly<Record<string, string | number>>

/** One measured figure. `group`, `name` and `side` together are its key. */
export interface Figure {
  /** What kind of figure it is: 'step', 'growth G', 'kernel', ... */
  readonly group: string
  /** What was measured: 'A', 'C forward', ... */
  readonly name: string
  /** Who did it: 'webkan GPU', 'webkan CPU', or a peer's name. */
  readonly side: string
  readonly unit: string
  readonly spread: Spread
  readonly detail?: Detail
}

/** A figure that could not be measured, and why. */
export interface Failure {
  readonly group: string
  readonly name: string
  readonly side: string
  readonly error: string
}
