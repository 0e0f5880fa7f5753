import { ConfigError, ShapeError } from '../../src/errors.ts'
import { evaluateRows, normalise, parse, toText } from '../../src/formula/index.ts'
import type { Bounds, Expression } from '../../src/formula/index.ts'
import { Random } from '../../src/random.ts'

/** How far a formula is from true values. */
export interface RelativeError {
  /** RMS(f - y) / RMS(y); Infinity where f does not exist on a row. 0 for 0. */
  readonly rms: number
  /** The largest |f - y| / RMS(y); Infinity as above. */
  readonly largest: number
}

/**
 * The relative error of a formula as it is printed, parse(toText(expression)), against true values y [rows] at x, row-major
 * [rows][variables]. Throws ConfigError for a variable that has no values, ShapeError for y of another length.
 */
export function relativeError(
  expression: Expression,
  variables: readonly string[],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): RelativeError {
  const rows = y.length
  const values = evaluateRows(parse(toText(expression), { variables }), variables, x, rows)
  if (rows === 0) throw new ShapeError('y has no numbers; give at least one row.')
  let [squares, largest, size] = [0, 0, 0]
  for (let i = 0; i < rows; i++) {
    const error = Math.abs(values[i]! - y[i]!)
    if (!Number.isFinite(error)) return { rms: Infinity, largest: Infinity }
    squares += error ** 2
    largest = Math.max(largest, error)
    size += y[i]! ** 2
  }
  const unit = Math.sqrt(size / rows)
  if (largest === 0) return { rms: 0, largest: 0 }
  return { rms: Math.sqrt(squares / rows) / unit, largest: largest / unit }
}

export interface ExactnessOptions {
  /** Fresh points. Default 1000. */
  readonly rows?: number
  /** Of the points. Default 0. */
  readonly seed?: number
  /** The relative error, root mean square, up to which a formula is exact. Default 1e-9. */
  readonly limit?: number
}

/** Whether a formula is the one that was looked for. */
export interface Exactness extends RelativeError {
  /** Whether `rms` is at most the limit: the same function there, up to rounding. */
  readonly exact: boolean
  /** Whether both have the same normal form (normalise), that is, print the same. */
  readonly sameForm: boolean
}

/**
 * Compares a formula, as it is printed, with the true one on fresh points, uniform in the ranges of the variables. The true
 * formula has to exist there.
 *
 * @throws ConfigError for a variable that has no range, and for a true formula that does not exist at a point
 */
export function exactness(
  expression: Expression,
  truth: Expression,
  ranges: ReadonlyMap<string, Bounds>,
  { rows = 1000, seed = 0, limit = 1e-9 }: ExactnessOptions = {},
): Exactness {
  const names = [...ranges.keys()]
  const bounds = [...ranges.values()]
  const random = new Random(seed)
  const x = Float64Array.from({ length: rows * names.length }, (_, i) => {
    const [low, high] = bounds[i % names.length]!
    return low + (high - low) * random.uniform()
  })
  const y = evaluateRows(truth, names, x, rows)
  const missing = y.findIndex(value => !Number.isFinite(value))
  if (missing >= 0)
    throw new ConfigError(
      `The true formula is ${y[missing]} at ${names.map((name, i) => `${name} = ${x[missing * names.length + i]}`).join(', ')}. Give ranges where it exists.`,
    )
  const error = relativeError(expression, names, x, y)
  const [own, other] = [expression, truth].map(each => toText(normalise(each, { bounds: ranges })))
  return { ...error, exact: error.rms <= limit, sameForm: own === other }
}
