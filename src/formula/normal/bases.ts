import { compile } from '../evaluate.ts'
import { variables } from '../tree.ts'
import type { Expression } from '../tree.ts'
import { boundsOf } from './bounds.ts'
import type { Bounds } from './bounds.ts'
import { one } from './coefficient.ts'
import { compareNames, CONSTANT_RANK, VARIABLE_RANK } from './form.ts'
import type { Factor } from './form.ts'

/** Makes factors, of which the bounds of the variables say whether they may be negative. */
export class Bases {
  readonly #variables: ReadonlyMap<string, Bounds>
  readonly #known = new Map<string, Bounds>()

  constructor(variables: ReadonlyMap<string, Bounds>) {
    this.#variables = variables
  }

  /** base^1; `key` is the base as text, or the name of a variable. A base without variables is a number. */
  factor(base: Expression, key: string, rank: number, inner: Factor['inner']): Factor {
    const nonnegative = this.isNonnegative(base, key)
    const names = rank === VARIABLE_RANK ? [key] : variables(base)
    const lead = names.length < 2 ? (names[0] ?? '') : names.sort(compareNames)[0]!
    const value = names.length > 0 ? NaN : compile(base, [])([])
    const constant = Number.isFinite(value) ? value : undefined
    const place = constant === undefined ? rank : CONSTANT_RANK
    return { base, key, rank: place, lead, exponent: one, inner, nonnegative, constant }
  }

  isNonnegative(base: Expression, key: string): boolean {
    return this.#bounds(base, key)[0] >= 0
  }

  isPositive({ base, key }: Factor): boolean {
    return this.#bounds(base, key)[0] > 0
  }

  #bounds(base: Expression, key: string): Bounds {
    let bounds = this.#known.get(key)
    if (bounds === undefined) this.#known.set(key, (bounds = boundsOf(base, this.#variables)))
    return bounds
  }
}
