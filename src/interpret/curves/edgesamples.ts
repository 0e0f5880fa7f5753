import { ConfigError } from '../../errors.ts'
import { edgeCurve } from '../../model/curve.ts'
import { edgeNumber } from '../../model/fix.ts'
import type { Model } from '../../model/model.ts'

/** Samples of an edge's curve. */
export interface EdgeSamples {
  /** In the network's coordinates, ascending. */
  readonly x: Float64Array
  /** phi there. */
  readonly y: Float64Array
  /** The share of the rows near each of them. */
  readonly weights: Float64Array
}

/** Half of the points are evenly spaced, for the curve's shape; half follow the rows, where these crowd together. */
const POINTS = 128

/** Share of the weight that is spread evenly over the range, so that no part of the curve counts for nothing. */
const EVEN_SHARE = 0.05

/**
 * The curve of the edge from input i to output j of layer l where the rows of the model's calibration are: between their least
 * and largest input, each point with the weight of the rows near it, by the statistics' histogram (rows are taken to be evenly
 * spread within its bins). So it depends on no forward pass. All rows at one place give one point.
 *
 * @throws ConfigError where there is no such edge, where it was removed, and for a model without statistics
 */
export function edgeSamples(model: Model, l: number, i: number, j: number): EdgeSamples {
  const edge = edgeNumber(model, l, i, j)
  const { symbolic = [], values, knotsPerInput } = model.layer(l)
  if (values.mask[edge] === 0 && !symbolic.some(own => own.edge === edge))
    throw new ConfigError(
      `The edge from input ${i} to output ${j} of layer ${l} was removed; it has no curve.`,
    )
  if (model.statistics === undefined)
    throw new ConfigError(
      'The model has no statistics, which tell where its rows are; fit it, or call calibrate(x) with the rows that matter.',
    )
  const { inputMin, inputMax, histogram } = model.statistics.layers[l]!
  const [low, high] = [inputMin[i]!, inputMax[i]!]
  const rows = new RowDistribution(
    low,
    high,
    values.knots.subarray(i * knotsPerInput, (i + 1) * knotsPerInput),
    histogram.subarray(i * (knotsPerInput + 1), (i + 1) * (knotsPerInput + 1)),
  )
  const x = high > low ? places(low, high, rows) : Float64Array.of(low)
  const y = edgeCurve(model, l, i, j, x)
  return { x, y, weights: x.map((_, k) => rows.share(boundary(x, k), boundary(x, k + 1))) }
}

/** Half way between points k - 1 and k; beyond the last ones, the ends of everything. */
function boundary(x: Float64Array, k: number): number {
  return k === 0 ? -Infinity : k === x.length ? Infinity : (x[k - 1]! + x[k]!) / 2
}

/** Points between both ends, each once. */
function places(low: number, high: number, rows: RowDistribution): Float64Array {
  const half = POINTS / 2
  const all = new Set<number>([low, high])
  for (let k = 1; k < half; k++) all.add(low + ((high - low) * k) / half)
  for (let k = 0; k < half; k++) all.add(rows.quantile((k + 0.5) / half))
  return Float64Array.from(all)
    .filter(point => point >= low && point <= high)
    .sort()
}

/** How an input's rows lie between their ends: evenly within each interval of the knots. */
class RowDistribution {
  /** Ends of the pieces and the share of the rows below each. */
  readonly #ends: number[] = []
  readonly #below: number[] = []

  constructor(low: number, high: number, knots: Float64Array, histogram: Float64Array) {
    let total = 0
    for (const count of histogram) total += count
    this.#ends.push(low)
    this.#below.push(0)
    let below = 0
    histogram.forEach((count, bin) => {
      if (count === 0 || !(high > low)) return
      // Rounding, or other knots than were counted on, may leave nothing of a bin between the ends.
      const from = Math.min(Math.max(bin === 0 ? low : knots[bin - 1]!, this.#ends.at(-1)!), high)
      const to = Math.min(Math.max(bin === knots.length ? high : knots[bin]!, from), high)
      this.#add(from, below / total)
      below += count
      this.#add(to, below / total)
    })
    this.#add(high, 1)
  }

  #add(end: number, below: number): void {
    this.#ends.push(end)
    this.#below.push(below)
  }

  /** The place below which that share of the rows lies. */
  quantile(share: number): number {
    const k = Math.max(
      1,
      this.#below.findIndex(below => below >= share),
    )
    return between(this.#below[k - 1]!, this.#below[k]!, share, this.#ends[k - 1]!, this.#ends[k]!)
  }

  /** The weight of what lies from one place to another: of the rows, and a little of the range itself. */
  share(from: number, to: number): number {
    return this.#belowOf(to) - this.#belowOf(from)
  }

  #belowOf(place: number): number {
    const [low, high] = [this.#ends[0]!, this.#ends.at(-1)!]
    if (place <= low) return 0
    if (place >= high) return 1
    const k = this.#ends.findIndex(end => end > place)
    const rows = between(this.#ends[k - 1]!, this.#ends[k]!, place, this.#below[k - 1]!, this.#below[k]!)
    return (1 - EVEN_SHARE) * rows + (EVEN_SHARE * (place - low)) / (high - low)
  }
}

/** The value at `place` on the line from (first, v) to (second, w). */
function between(first: number, second: number, place: number, v: number, w: number): number {
  return second > first ? v + ((w - v) * (place - first)) / (second - first) : w
}
