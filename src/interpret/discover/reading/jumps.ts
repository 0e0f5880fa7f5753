/** Rows on each side of a jump whose values grow towards it. */
const GROWING = 3

/**
 * The place of a pole c / (x - s) + d between rows, where the values show one: they grow on both sides towards the widest step from
 * one row to the next, to different signs about their median. There 1 / (y - median) is nearly a line, which s is a zero of.
 */
export function jumps(x: Float64Array, y: Float64Array): number[] {
  const rows = y.length
  if (rows < 2 * GROWING + 1) return []
  const order = Array.from(x.keys()).toSorted((a, b) => x[a]! - x[b]!)
  const middle = y.toSorted()[rows >> 1]!
  const at = (k: number): number => y[order[k]!]! - middle
  let widest = 0
  for (let k = 1; k + 1 < rows; k++)
    if (Math.abs(at(k + 1) - at(k)) > Math.abs(at(widest + 1) - at(widest))) widest = k
  const [left, right] = [at(widest), at(widest + 1)]
  if (!(left * right < 0) || widest + 1 < GROWING || widest + 1 + GROWING > rows) return []
  for (let k = 1; k < GROWING; k++)
    if (
      !(Math.abs(at(widest - k)) < Math.abs(at(widest - k + 1))) ||
      !(Math.abs(at(widest + 1 + k)) < Math.abs(at(widest + k)))
    )
      return []
  const [low, high] = [x[order[widest]!]!, x[order[widest + 1]!]!]
  const s = low + ((high - low) * right) / (right - left)
  return low < s && s < high ? [s] : []
}

/** Of n rows at random the one nearest to a pole shows about n / 2 times the median size: less than n / 8, or 10, shows none. */
const GROWN = { least: 3, most: 10, share: 1 / 8 } as const

/** Whether some targets are so far from their median as a pole between rows makes them. */
export function showsPole(y: ArrayLike<number>): boolean {
  const middle = Float64Array.from(y).sort()[y.length >> 1]!
  const sizes = Float64Array.from(y, value => Math.abs(value - middle)).sort()
  const usual = sizes[y.length >> 1]!
  const grown = Math.max(GROWN.least, Math.min(GROWN.most, GROWN.share * y.length))
  return usual > 0 && sizes.at(-1)! > grown * usual
}
