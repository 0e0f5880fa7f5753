import type { Config } from './config.ts'

/** An affine map a column: value = shift + scale * u, where u is what the network sees or says. */
export interface ColumnScaling {
  readonly shift: Float64Array
  readonly scale: Float64Array
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

/** Mean 0 and population standard deviation 1 on the training rows, computed in two passes. */
function standardScaling(y: Float64Array, columns: number): ColumnScaling {
  const scaling = identity(columns)
  const rows = y.length / columns
  for (let j = 0; j < columns; j++) {
    let sum = 0
    for (let p = j; p < y.length; p += columns) sum += y[p]!
    const mean = sum / rows
    let squares = 0
    for (let p = j; p < y.length; p += columns) squares += (y[p]! - mean) ** 2
    scaling.shift[j] = mean
    const deviation = Math.sqrt(squares / rows)
    // The mean of a constant is off by some rounding errors, which must not be taken for spread.
    if (deviation > 8 * Number.EPSILON * Math.abs(mean)) scaling.scale[j] = deviation
  }
  return scaling
}

/**
 * The scaling of a model from its training rows.
 * @param x [rows][inputs]; @param y [rows][outputs], or undefined for classification (logits are not scaled).
 */
export function fitScaling(config: Config, x: Float64Array, y: Float64Array | undefined): Scaling {
  const inputs = config.layers[0]!.inputs
  const outputs = config.layers.at(-1)!.outputs
  return {
    input: config.scaling.input === 'minmax' ? minMaxScaling(x, inputs, config.range) : identity(inputs),
    output: config.scaling.output === 'standard' && y ? standardScaling(y, outputs) : identity(outputs),
  }
}

/** u = (value - shift) / scale for rows of values. */
export function scaleRows(values: Float64Array, scaling: ColumnScaling): Float64Array {
  const columns = scaling.shift.length
  return values.map((value, p) => (value - scaling.shift[p % columns]!) / scaling.scale[p % columns]!)
}

/** value = shift + scale * u for rows of u. */
export function unscaleRows(u: Float64Array, scaling: ColumnScaling): Float64Array {
  const columns = scaling.shift.length
  return u.map((value, p) => scaling.shift[p % columns]! + scaling.scale[p % columns]! * value)
}
