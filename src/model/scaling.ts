import { DataError } from '../errors.ts'
import type { Config } from './config.ts'
import { nodeCount, sumCount } from './shape.ts'

/**
 * A map a column, where u is what the network sees or says:
 *
 *     value = shift + scale u          on a logarithmic scale: value = exp(shift + scale u), log natural, value > 0
 */
export interface ColumnScaling {
  readonly shift: Float64Array
  readonly scale: Float64Array
  /** Which columns are on a logarithmic scale; left out where none is. */
  readonly log?: readonly boolean[]
}

/** How a table's units become the network's and back. */
export interface Scaling {
  readonly input: ColumnScaling
  readonly output: ColumnScaling
}

function identity(columns: number): ColumnScaling {
  return { shift: new Float64Array(columns), scale: new Float64Array(columns).fill(1) }
}

/**
 * Min-max: each column's training range maps onto the grid range. A column that is constant keeps scale 1 and maps to
 * the range's centre. (z-scores would leave a third of Gaussian samples outside [-1, 1], where splines end.)
 */
function minMaxScaling(x: Float64Array, columns: number, range: readonly [number, number]): ColumnScaling {
  const scaling = identity(columns)
  const [low, high] = range
  for (let i = 0; i < columns; i++) {
    let smallest = Infinity
    let largest = -Infinity
    for (let p = i; p < x.length; p += columns) {
      smallest = Math.min(smallest, x[p]!)
      largest = Math.max(largest, x[p]!)
    }
    const spread = largest - smallest
    if (spread > 0) {
      scaling.scale[i] = spread / (high - low)
      scaling.shift[i] = smallest - low * scaling.scale[i]!
    } else if (Number.isFinite(smallest)) scaling.shift[i] = smallest - (low + high) / 2
  }
  return scaling
}

/**
 * Mean 0 and population standard deviation 1 on the training rows, computed in two passes. Columns from `sums` on, whose
 * outputs are products, are divided by their root mean square and keep their zero: a product that is shifted is no product of
 * factors, and x y would not be one of the network's functions.
 */
function standardScaling(y: Float64Array, columns: number, sums: number): ColumnScaling {
  const scaling = identity(columns)
  const rows = y.length / columns
  for (let j = 0; j < columns; j++) {
    let sum = 0
    for (let p = j; p < y.length; p += columns) sum += y[p]!
    const mean = j < sums ? sum / rows : 0
    let squares = 0
    for (let p = j; p < y.length; p += columns) squares += (y[p]! - mean) ** 2
    scaling.shift[j] = mean
    const deviation = Math.sqrt(squares / rows)
    // The mean of a constant is off by some rounding errors, which must not be taken for spread.
    if (deviation > 8 * Number.EPSILON * Math.abs(mean)) scaling.scale[j] = deviation
  }
  return scaling
}

/** Flags of the chosen ones of so many columns: nothing to say where there is none. */
function logFlags(columns: number, chosen: readonly number[] = []): Pick<ColumnScaling, 'log'> {
  return chosen.length === 0 ? {} : { log: Array.from({ length: columns }, (_, c) => chosen.includes(c)) }
}

/** Which columns a model of that configuration puts on a logarithmic scale; a classification's outputs never are. */
export function logScales(
  { layers, scaling }: Config,
  classes: boolean,
): Record<keyof Scaling, Pick<ColumnScaling, 'log'>> {
  return {
    input: logFlags(layers[0]!.inputs, scaling.log?.inputs),
    output: classes ? {} : logFlags(nodeCount(layers.at(-1)!), scaling.log?.outputs),
  }
}

/**
 * The scaling of a model from its training rows. Columns on a logarithmic scale are scaled as their logarithms would be. Throws
 * DataError where one of them holds a value that has none: see checkPositive.
 *
 * @param x [rows][inputs]; @param y [rows][outputs], or undefined for classification (logits are not scaled).
 */
export function fitScaling(config: Config, x: Float64Array, y: Float64Array | undefined): Scaling {
  const { layers, scaling, range } = config
  const inputs = layers[0]!.inputs
  const outputs = nodeCount(layers.at(-1)!)
  const log = logScales(config, y === undefined)
  const input =
    scaling.input === 'minmax'
      ? minMaxScaling(toLogarithms(x, log.input, 'x'), inputs, range)
      : identity(inputs)
  const output =
    scaling.output === 'standard' && y
      ? standardScaling(toLogarithms(y, log.output, 'y'), outputs, sumCount(layers.at(-1)!))
      : identity(outputs)
  return { input: { ...input, ...log.input }, output: { ...output, ...log.output } }
}

/**
 * Throws DataError for rows with a value that is not positive in a column on a logarithmic scale, naming row and column; `name` is
 * what the rows are called.
 */
export function checkPositive(values: Float64Array, { log }: Pick<ColumnScaling, 'log'>, name: string): void {
  if (log === undefined) return
  const columns = log.length
  const bad = values.findIndex((value, p) => log[p % columns]! && !(value > 0))
  if (bad < 0) return
  throw new DataError(
    `${name}: row ${Math.floor(bad / columns) + 1}, column ${(bad % columns) + 1} (counted from 1) is ${values[bad]!}, and the column ` +
      `is on a logarithmic scale, where only positive values are; leave such rows out, or the column out of scaling.log.`,
  )
}

/** Rows with the natural logarithm in the columns on a logarithmic scale: the rows themselves where there is none. */
function toLogarithms(values: Float64Array, scaling: Pick<ColumnScaling, 'log'>, name: string): Float64Array {
  checkPositive(values, scaling, name)
  const { log } = scaling
  return log ? values.map((value, p) => (log[p % log.length]! ? Math.log(value) : value)) : values
}

/**
 * u = (value - shift) / scale for rows of values, of log(value) on a logarithmic scale. Throws DataError for values that have no
 * logarithm there: see checkPositive.
 */
export function scaleRows(values: Float64Array, scaling: ColumnScaling, name = 'x'): Float64Array {
  const { shift, scale } = scaling
  const columns = shift.length
  const logged = toLogarithms(values, scaling, name)
  return logged.map((value, p) => (value - shift[p % columns]!) / scale[p % columns]!)
}

/** What a column's u means in the table's own units: shift + scale u, or exp of that. */
export function unscale({ shift, scale, log }: ColumnScaling, column: number, u: number): number {
  const value = shift[column]! + scale[column]! * u
  return log?.[column] === true ? Math.exp(value) : value
}

/** The values for rows of u. */
export function unscaleRows(u: Float64Array, scaling: ColumnScaling): Float64Array {
  const columns = scaling.shift.length
  return u.map((value, p) => unscale(scaling, p % columns, value))
}
