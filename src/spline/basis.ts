/**
 * B-spline bases by the Cox-de Boor recurrence (de Boor, A Practical Guide to Splines, chapter X), local form: at any x
 * only the k + 1 bases B_(s-k) .. B_s are non-zero, s being the knot interval of x.
 *
 * The knots of one input are `count` = G + 2k + 1 values from `start` in a flat array that may hold many inputs. Near the
 * ends of the extended knots some of the k + 1 bases do not exist (index below 0 or above G + k - 1): their
 * slots are written as 0, and no knot outside `start` .. `start + count - 1` is read.
 */

/**
 * The interval s with t_s <= x < t_(s+1), counted from `start`: 0 <= s <= count - 2; -1 when x lies outside or is NaN.
 * Half-open, so the last knot is outside. Guesses by the mean step (one try on an even grid), then bisects.
 */
export function findInterval(knots: Float64Array, start: number, count: number, x: number): number {
  const first = knots[start]!
  const last = knots[start + count - 1]!
  if (!(x >= first && x < last)) return -1
  let low = 0
  let high = count - 1 // t_low <= x < t_high throughout
  let middle = Math.min(count - 2, (((x - first) / (last - first)) * (count - 1)) | 0)
  if (knots[start + middle]! <= x) {
    low = middle
    if (x < knots[start + middle + 1]!) return middle
  } else high = middle
  while (high - low > 1) {
    middle = (low + high) >> 1
    if (knots[start + middle]! <= x) low = middle
    else high = middle
  }
  return low
}

/**
 * The k + 1 possibly non-zero basis values at x: out[outStart + r] = B_(s-k+r)(x), r = 0 .. k, where s = `interval` as
 * findInterval returns it (0 .. count - 2; do not call it with -1). Slots of bases that do not exist become 0.
 *
 * Raises the degree from 0 to k in place. With lo = t_(s+1-d+r) and hi = t_(s+1+r), one quotient N_r / (hi - lo) of degree
 * d - 1 feeds the two bases of degree d that overlap it: N_r gets (hi - x) q, N_(r+1) gets (x - lo) q.
 */
export function basisValues(
  knots: Float64Array,
  start: number,
  count: number,
  degree: number,
  interval: number,
  x: number,
  out: Float64Array,
  outStart: number,
): void {
  out[outStart] = 1
  for (let d = 1; d <= degree; d++) {
    let carried = 0
    for (let r = 0; r < d; r++) {
      const lo = knotAt(knots, start, count, interval + 1 - d + r)
      const hi = knotAt(knots, start, count, interval + 1 + r)
      const quotient = out[outStart + r]! / (hi - lo)
      out[outStart + r] = carried + (hi - x) * quotient
      carried = (x - lo) * quotient
    }
    out[outStart + d] = carried
  }
  const bases = count - degree - 1
  for (let r = 0; r <= degree; r++) {
    const m = interval - degree + r
    if (m < 0 || m >= bases) out[outStart + r] = 0
  }
}

/**
 * Knot i of one input, continued evenly beyond both ends. The continued knots only enter bases that do not exist (a
 * basis that exists uses its own k + 2 knots), so their values do not matter: they only keep divisors from being 0.
 */
export function knotAt(knots: Float64Array, start: number, count: number, i: number): number {
  if (i < 0) return knots[start]! + i * (knots[start + 1]! - knots[start]!)
  if (i < count) return knots[start + i]!
  const last = knots[start + count - 1]!
  return last + (i - count + 1) * (last - knots[start + count - 2]!)
}
