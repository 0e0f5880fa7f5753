/** Best, middle and worst of some losses. */
export interface Spread {
  readonly best: number
  readonly median: number
  readonly worst: number
}

/**
 * The q-quantile of ascending numbers, between order statistics by linear interpolation: at place q (n - 1) (Hyndman and Fan,
 * "Sample quantiles in statistical packages", The American Statistician 50, 1996, definition 7). NaN where there are none.
 */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  const place = q * (ascending.length - 1)
  const below = Math.floor(place)
  const low = ascending[below] ?? NaN
  const high = ascending[Math.min(below + 1, ascending.length - 1)] ?? NaN
  return low + (place - below) * (high - low)
}

/** The spread of the numbers that are finite; NaN three times where none is. */
export function spreadOf(values: Float64Array): Spread {
  const ascending = values.filter(Number.isFinite).sort()
  return { best: quantile(ascending, 0), median: quantile(ascending, 0.5), worst: quantile(ascending, 1) }
}
