import { DataError } from '../errors.ts'
import { BandedTriangle } from './banded.ts'
import { basisValues, findInterval } from './basis.ts'

/** Samples of several curves over the same inputs, and the spline that is to follow them. */
export interface CurveSamples {
  /** G + 2k + 1 increasing values. */
  readonly knots: Float64Array
  /** k, 1 .. 5. */
  readonly degree: number
  /** [rows], in any order. Rows outside the knots, and NaN, take no part: the spline is 0 there whatever its coefficients. */
  readonly x: ArrayLike<number>
  /** [rows][curves], row-major. */
  readonly y: ArrayLike<number>
  /** Number of curves; 1 if left out. */
  readonly curves?: number
  /** [rows], each at least 0; all 1 if left out. Only their ratios matter. */
  readonly weights?: ArrayLike<number>
  /**
   * [G + k][curves]: what a coefficient becomes where no sample says otherwise. Left out: the straight continuation of
   * its neighbours (second divided differences over the Greville abscissae are kept small).
   */
  readonly prior?: ArrayLike<number>
}

/**
 * A basis whose weighted column norm is below this share of the largest one counts as unseen: its coefficient comes from
 * the prior. A lone sample on a far tail (B = 1e-4) would otherwise ask for 1e4 times its residual. The reference
 * refits of pykan have shares of at least 0.035; a share below 0.005 implies an inverse condition number below 0.005.
 */
const SUPPORT = 5e-3

/** What samples say about the coefficients of a spline. */
export interface Evidence {
  /** R and Q^T y of the weighted samples. */
  readonly full: BandedTriangle
  /**
   * The same with each unseen basis added to the nearest seen one of its row, as if the coefficients were equal: then
   * constants stay exact while unseen coefficients are still unknown. It is `full` itself when all are seen.
   */
  readonly merged: BandedTriangle
  /** [G + k]: 1 where the samples decide the coefficient. */
  readonly seen: Uint8Array
  /** The largest column norm, or 0.5 where that is less: what pulls are relative to. */
  readonly scale: number
  /** Distance between the outermost rows that see a seen basis; negative without any. */
  readonly spread: number
}

/**
 * Weighs, sorts and factors the samples by banded QR: O(rows k (k + curves)), rows outside the knots or of weight 0
 * left out. Throws DataError for a weight that is negative or not finite, or a y that is not finite in a row that counts.
 */
export function gatherEvidence(samples: CurveSamples): Evidence {
  const { knots, degree, x, y } = samples
  const curves = samples.curves ?? 1
  const bases = knots.length - degree - 1
  const width = Math.max(degree + 1, 3) // 3: second differences
  const { order, interval, root } = sortRows(samples)

  const local = new Float64Array(degree + 1)
  const norms = new Float64Array(bases)
  for (const i of order) {
    const s = interval[i]!
    basisValues(knots, 0, knots.length, degree, s, x[i]!, local, 0)
    for (let m = Math.max(0, s - degree); m <= s && m < bases; m++) {
      norms[m]! += (root[i]! * local[m - s + degree]!) ** 2
    }
  }
  // 0.5 is about what one sample inside the grid gives its central basis: samples that all lie on far tails are no support.
  const scale = Math.sqrt(norms.reduce((most, norm) => Math.max(most, norm), 0.25))
  const seen = Uint8Array.from(norms, norm => (Math.sqrt(norm) < SUPPORT * scale ? 0 : 1))

  const full = new BandedTriangle(bases, width, curves)
  const merged = seen.includes(0) ? new BandedTriangle(bases, width, curves) : full
  const row = new Float64Array(width)
  const target = new Float64Array(curves)
  let leftmost = Infinity
  let rightmost = -Infinity
  const fill = (i: number, merge: boolean): number => {
    const s = interval[i]!
    const first = Math.max(0, s - degree)
    row.fill(0)
    for (let m = first; m <= s && m < bases; m++) {
      const to = merge ? nearestSeen(seen, m, first, Math.min(s, bases - 1)) : m
      if (to >= 0) row[to - first]! += root[i]! * local[m - s + degree]!
    }
    for (let j = 0; j < curves; j++) target[j] = root[i]! * y[i * curves + j]!
    return first
  }
  for (const i of order) {
    for (let j = 0; j < curves; j++) requireFinite(y[i * curves + j]!, 'y', i, j)
    basisValues(knots, 0, knots.length, degree, interval[i]!, x[i]!, local, 0)
    const first = fill(i, true)
    if (row.reduce((sum, value) => sum + value, 0) >= SUPPORT) {
      leftmost = Math.min(leftmost, x[i]!)
      rightmost = Math.max(rightmost, x[i]!)
    }
    if (merged !== full) {
      merged.absorb(first, row, target)
      fill(i, false)
    }
    full.absorb(first, row, target)
  }
  return { full, merged, seen, scale, spread: rightmost - leftmost }
}

/** The rows that count, by interval (a counting sort: rows of one interval start at the same column). */
function sortRows({ knots, x, weights }: CurveSamples): {
  order: Int32Array
  interval: Int32Array
  /** [rows]: square roots of the weights relative to the heaviest row's. */
  root: Float64Array
} {
  const rows = x.length
  const interval = new Int32Array(rows)
  const root = new Float64Array(rows).fill(1)
  const begin = new Int32Array(knots.length)
  let heaviest = 0
  for (let i = 0; i < rows; i++) {
    const weight = weights === undefined ? 1 : weights[i]!
    if (!(weight >= 0 && weight < Infinity)) {
      throw new DataError(`weight of row ${i} is ${weight}; weights must be finite and at least 0`)
    }
    interval[i] = weight > 0 ? findInterval(knots, 0, knots.length, x[i]!) : -1
    if (interval[i]! < 0) continue
    begin[interval[i]! + 1]!++
    heaviest = Math.max(heaviest, weight)
  }
  if (weights !== undefined) for (let i = 0; i < rows; i++) root[i] = Math.sqrt(weights[i]! / heaviest)
  for (let s = 1; s < begin.length; s++) begin[s]! += begin[s - 1]!
  const order = new Int32Array(begin[begin.length - 1]!)
  for (let i = 0; i < rows; i++) if (interval[i]! >= 0) order[begin[interval[i]!]!++] = i
  return { order, interval, root }
}

/** The seen index in first .. last that is nearest to m, or -1. */
function nearestSeen(seen: Uint8Array, m: number, first: number, last: number): number {
  for (let step = 0; step <= last - first; step++) {
    if (m - step >= first && seen[m - step] === 1) return m - step
    if (m + step <= last && seen[m + step] === 1) return m + step
  }
  return -1
}

/** Throws DataError, naming the place, unless `value` is finite. */
export function requireFinite(value: number, name: string, row: number, curve: number): void {
  if (Number.isFinite(value)) return
  throw new DataError(
    `${name} is ${value} at row ${row}, curve ${curve}; it must be finite: drop the row or give it weight 0`,
  )
}
