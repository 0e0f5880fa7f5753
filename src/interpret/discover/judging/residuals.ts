import type { TargetRows } from '../rows.ts'
import { deviation } from '../statistics.ts'

/** Rows that are compared with each other, at most: the time grows with the square. */
const ROWS = 600
/** Standard errors that the ratio may be below 1. */
const SIGMAS = 4

/**
 * Whether errors at rows are like noise: no more alike at near rows than at any. By von Neumann's ratio ("Distribution of the ratio
 * of the mean square successive difference to the variance", Ann. Math. Stat. 12, 1941), with the nearest row for the next one:
 *
 *     sum_r (e_r - e_near(r))^2 / (2 sum_r (e_r - mean)^2)
 *
 * which is 1 of noise but for sqrt(2 / rows), and near 0 of what a formula does not say of a smooth function. Distances are
 * measured in standard deviations of the columns.
 */
export function isLikeNoise(errors: Float64Array, { x, names }: Pick<TargetRows, 'x' | 'names'>): boolean {
  const inputs = names.length
  const rows = Math.min(errors.length, ROWS)
  const own = errors.subarray(0, rows)
  const scales = names.map((_, i) => {
    const spread = deviation(Float64Array.from({ length: rows }, (_, r) => x[r * inputs + i]!))
    return spread > 0 ? 1 / spread : 0
  })
  const spread = deviation(own)
  if (!(spread > 0)) return false
  let squares = 0
  for (let r = 0; r < rows; r++) squares += (own[r]! - own[nearest(r, x, scales, rows)]!) ** 2
  const ratio = squares / (2 * rows * spread ** 2)
  return ratio > 1 - SIGMAS * Math.sqrt(2 / rows)
}

function nearest(row: number, x: Float64Array, scales: readonly number[], rows: number): number {
  const inputs = scales.length
  let [best, least] = [row, Infinity]
  for (let r = 0; r < rows; r++) {
    if (r === row) continue
    let distance = 0
    for (let i = 0; i < inputs && distance < least; i++)
      distance += ((x[r * inputs + i]! - x[row * inputs + i]!) * scales[i]!) ** 2
    if (distance < least) [best, least] = [r, distance]
  }
  return best
}
