import { average } from '../statistics.ts'

/** The numbers of a regression, and the share of the variance that it leaves. */
export interface Regression {
  readonly c: number
  readonly d: number
  readonly unexplained: number
}

/** The least squares of c f + d, by weights. */
export function regress(f: Float64Array, v: Float64Array, weights?: Float64Array): Regression {
  const [p, w] = [centred(f, weights), centred(v, weights)]
  const [squares, product, all] = [dot(p.values, p.values), dot(p.values, w.values), dot(w.values, w.values)]
  const c = squares > 0 ? product / squares : 0
  let left = 0
  for (let k = 0; k < f.length; k++) left += (w.values[k]! - c * p.values[k]!) ** 2
  return {
    c,
    d: w.mean - c * p.mean,
    unexplained: Number.isFinite(left) && all > 0 ? Math.min(1, left / all) : 1,
  }
}

/** The least squares of c f + e g + d, by weights. */
export function regressTwo(
  f: Float64Array,
  g: Float64Array,
  v: Float64Array,
  weights?: Float64Array,
): Regression & { readonly e: number } {
  const [p, q, w] = [centred(f, weights), centred(g, weights), centred(v, weights)]
  const [pp, pq, qq] = [dot(p.values, p.values), dot(p.values, q.values), dot(q.values, q.values)]
  const [pw, qw, ww] = [dot(p.values, w.values), dot(q.values, w.values), dot(w.values, w.values)]
  const determinant = pp * qq - pq * pq
  const c = (pw * qq - qw * pq) / determinant
  const e = (qw * pp - pw * pq) / determinant
  let left = 0
  for (let k = 0; k < v.length; k++) left += (w.values[k]! - c * p.values[k]! - e * q.values[k]!) ** 2
  const unexplained = Number.isFinite(left) && ww > 0 ? Math.min(1, left / ww) : 1
  return { c, e, d: w.mean - c * p.mean - e * q.mean, unexplained }
}

/** Values less their mean, times the root of each one's weight. */
interface Centred {
  readonly mean: number
  readonly values: Float64Array
}

function centred(values: Float64Array, weights: Float64Array | undefined): Centred {
  const mean = average(values, weights)
  return { mean, values: values.map((value, k) => (value - mean) * Math.sqrt(weights?.[k] ?? 1)) }
}

/** The sum of the products. */
export function dot(a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let r = 0; r < a.length; r++) total += a[r]! * b[r]!
  return total
}
