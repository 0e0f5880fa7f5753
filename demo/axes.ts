/** Plain plot geometry: scales, ticks and paths, as strings and numbers. */

/** A map from values to pixels. */
export interface Axis {
  readonly low: number
  readonly high: number
  /** Pixel of `low` and of `high`. */
  readonly from: number
  readonly to: number
}

export function toPixel(axis: Axis, value: number): number {
  return axis.from + ((value - axis.low) / (axis.high - axis.low)) * (axis.to - axis.from)
}

/**
 * Round values (1, 2 or 5 times a power of ten) in [low, high], about `count` of them, and their distance. A value that lies
 * outside by a share `slack` of the range counts as inside: samples of [-1, 1] reach from -0.998 to 0.999.
 */
export function ticks(
  low: number,
  high: number,
  count: number,
  slack = 0,
): { values: number[]; step: number } {
  const rough = (high - low) / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step =
    [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough * 0.999) ?? rough
  const values: number[] = []
  const more = (slack + 1e-9) * (high - low)
  // + 0 makes 0 of -0.
  for (let i = Math.ceil((low - more) / step) + 0; i * step <= high + more; i++) values.push(i * step)
  return { values, step }
}

/** The range of finite values, widened by a share of itself; a constant gets a range around it. */
export function paddedRange(values: ArrayLike<number>, share = 0.06): [number, number] {
  const [low, high] = rangeOf(values)
  if (low > high) return [-1, 1]
  const margin = isPoint(low, high) ? Math.abs(high) * 0.1 || 1e-3 : (high - low) * share
  return [low - margin, high + margin]
}

/** Whether finite values differ by no more than rounding. */
export function isConstant(values: ArrayLike<number>): boolean {
  const [low, high] = rangeOf(values)
  return low <= high && isPoint(low, high)
}

/**
 * Where the samples of a curve are drawn that were taken at x, from low to high. A curve over a single value, as behind a node
 * that has become constant, has no width: it is drawn as a flat line around that value.
 */
export function drawnOver(x: Float64Array): Float64Array {
  if (!isConstant(x)) return x
  const [low, high] = paddedRange(x)
  return x.map((_, s) => low + ((high - low) * s) / (x.length - 1))
}

/** Infinity and -Infinity where no value is finite. */
function rangeOf(values: ArrayLike<number>): [number, number] {
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}

function isPoint(low: number, high: number): boolean {
  return high - low <= 1e-12 * Math.max(1, Math.abs(low), Math.abs(high))
}

/** An SVG path through the points; values that are not finite break it. */
export function linePath(x: ArrayLike<number>, y: ArrayLike<number>, across: Axis, up: Axis): string {
  let path = ''
  let pen = 'M'
  for (let i = 0; i < x.length; i++) {
    const height = toPixel(up, y[i]!)
    if (!Number.isFinite(height)) pen = 'M'
    else {
      path += `${pen}${toPixel(across, x[i]!).toFixed(1)} ${height.toFixed(1)}`
      pen = 'L'
    }
  }
  return path
}
