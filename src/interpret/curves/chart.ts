import type { Curve } from './traits.ts'

/**
 * Coordinates for (A, B) of f(A t + B), t in [-1, 1], in which every point is allowed: rows stay inside the function's domain
 * whatever a search does, and what the function makes redundant is left out. Distances to an open or closed end of the domain
 * are logarithms, as curves bend there on every scale.
 */
export type ChartKind = 'point' | 'shift' | 'rate' | 'plane' | 'edge' | 'half' | 'interval'

/** Rows keep this distance from a pole, in half widths of their range (for intervals, of the domain). */
export const MARGIN = 1e-6

/** The largest |A| or |B|: beyond, a power on [-1, 1] is a straight line but for 1e-4, and differences cancel. */
const FARTHEST = 100

/** The least |A|: below, a smooth function on the range is the first terms of its Taylor series, and c grows without bounds. */
const SLOWEST = 0.1

/**
 * How far B may be beyond |A|, that is how far outside the range a function's own features may lie: gaussian is 1e-16 there,
 * and c would only undo that. A function that turns has features everywhere.
 */
const BEYOND = { plain: 6, turning: 30 } as const

/** Where a chart's point lies, and how (A, B) move with each coordinate. */
export interface Place {
  a: number
  b: number
  readonly aSlopes: Float64Array
  readonly bSlopes: Float64Array
}

/** A chart of the (A, B) that a function may have. */
export class Chart {
  readonly kind: ChartKind
  readonly dimensions: number
  /** The end of the domain that distances are taken from, and on which side of it the domain lies. */
  readonly #end: number
  readonly #towards: number
  readonly #width: number
  readonly #lowest: Float64Array
  readonly #highest: Float64Array
  readonly #beyond: number

  constructor({ source: { domain }, scaleFree, shiftFree, constant, turns }: Curve) {
    const { low, high } = domain
    const bounded = low > -Infinity && high < Infinity
    const whole = low === -Infinity && high === Infinity
    this.#end = low > -Infinity ? low : high
    this.#towards = low > -Infinity ? 1 : -1
    this.#width = high - low
    if (constant || (whole && scaleFree && shiftFree)) this.kind = 'point'
    else if (bounded) this.kind = 'interval'
    else if (whole) this.kind = scaleFree ? 'shift' : shiftFree ? 'rate' : 'plane'
    else this.kind = scaleFree ? 'edge' : 'half'
    this.#beyond = turns ? BEYOND.turning : BEYOND.plain
    const distance = [Math.log(MARGIN), Math.log(FARTHEST)] as const
    const anything = [-FARTHEST, FARTHEST] as const
    const within = [Math.log(MARGIN * this.#width), Math.log(this.#width)] as const
    const bounds = {
      point: [],
      shift: [anything],
      rate: [anything],
      plane: [anything, anything],
      edge: [distance],
      half: [[-4, 5] as const, distance],
      interval: [within, within],
    }[this.kind]
    this.dimensions = bounds.length
    this.#lowest = Float64Array.from(bounds, ([least]) => least)
    this.#highest = Float64Array.from(bounds, ([, most]) => most)
  }

  /** Brings a point between the chart's bounds; -Infinity, an end that is reached, stays. */
  clamp(point: Float64Array): void {
    for (let k = 0; k < this.dimensions; k++)
      if (point[k] !== -Infinity)
        point[k] = Math.min(Math.max(point[k]!, this.#lowest[k]!), this.#highest[k]!)
    if (this.kind !== 'plane') return
    const reach = Math.abs(point[0]!) + this.#beyond
    point[1] = Math.min(Math.max(point[1]!, -reach), reach)
  }

  /** (A, B) of a point and their slopes. False where A would be as good as 0. */
  locate(point: Float64Array, into: Place): boolean {
    const { aSlopes, bSlopes } = into
    aSlopes.fill(0)
    bSlopes.fill(0)
    into.a = 1
    into.b = 0
    const [first = 0, second = 0] = point
    switch (this.kind) {
      case 'point':
        return true
      case 'shift':
        into.b = first
        bSlopes[0] = 1
        return true
      case 'rate':
        into.a = first
        aSlopes[0] = 1
        return Math.abs(first) >= SLOWEST
      case 'plane':
        into.a = first
        into.b = second
        aSlopes[0] = 1
        bSlopes[1] = 1
        return Math.abs(first) >= SLOWEST
      case 'edge': {
        const distance = Math.exp(first)
        into.a = this.#towards
        into.b = this.#end + this.#towards * (1 + distance)
        bSlopes[0] = this.#towards * distance
        return true
      }
      case 'half': {
        const rate = Math.exp(first)
        const distance = Math.exp(second)
        into.a = this.#towards * rate
        into.b = this.#end + this.#towards * (rate + distance)
        aSlopes[0] = bSlopes[0] = this.#towards * rate
        bSlopes[1] = this.#towards * distance
        return true
      }
      case 'interval':
      default: {
        const below = Math.exp(first)
        const above = Math.exp(second)
        into.a = (this.#width - below - above) / 2
        into.b = this.#end + below + into.a
        aSlopes[0] = -below / 2
        aSlopes[1] = -above / 2
        bSlopes[0] = below / 2
        bSlopes[1] = -above / 2
        return into.a >= 0.05 * this.#width
      }
    }
  }
}

/** Room for a place. */
export function createPlace(): Place {
  return { a: 1, b: 0, aSlopes: new Float64Array(2), bSlopes: new Float64Array(2) }
}
