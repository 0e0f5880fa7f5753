/** What a visitor can do to a network, apart from training it. */
import type { Affine } from 'webkan'
import type { EdgeEnds } from './network-layout.ts'

/** A known function c f(a x + b) + d, f by its name in the library. */
export interface KnownCurve {
  readonly name: string
  readonly affine: Affine
}

export type Change =
  | { readonly kind: 'refine' }
  | { readonly kind: 'prune' }
  | { readonly kind: 'fix'; readonly edge: EdgeEnds; readonly curve: KnownCurve }
  | { readonly kind: 'unfix'; readonly edge: EdgeEnds }
  /** Another network in its place, from a file's bytes: the one that a formula was read from. */
  | { readonly kind: 'adopt'; readonly model: Uint8Array }

/** What undoing says of `adopt`. */
export const adoption = 'the network of the formula'

/** After these the network has something to learn again, and training goes on by itself. */
export function trainsOn({ kind }: Change): boolean {
  return kind === 'refine' || kind === 'prune'
}
