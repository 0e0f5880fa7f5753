import { splitRows } from '../data/split.ts'
import type { Rows } from '../engine/engine.ts'
import { ConfigError, DataError, ShapeError } from '../errors.ts'
import type { Loss } from '../model/model.ts'
import type { Layout } from '../model/shape.ts'
import type { RowValues, Samples } from './options.ts'
import { toClasses, toRows, toWeights } from './rows.ts'

/** What a network and its loss ask of samples. */
export interface SampleShape extends Pick<Layout, 'inputs' | 'outputs'> {
  readonly loss: Loss
}

/** Throws ShapeError for what is not { x, y }, such as a bare x. `name` as in checkSamples. */
export function checkSamplesObject(samples: unknown, name = ''): void {
  if (typeof samples === 'object' && samples !== null && 'x' in samples && 'y' in samples) return
  const what = name === '' ? 'The samples are' : `${name.slice(0, -1)} is`
  throw new ShapeError(
    `${what} ${shapeOf(samples)}; give { x, y }: rows of inputs, and the target of each row.`,
  )
}

function shapeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if ('length' in value) return `a list of ${String(value.length)}`
  return `an object with ${Object.keys(value).slice(0, 3).join(', ') || 'nothing in it'}`
}

/** Numbers a row has in y as it was given, where its beginning tells. */
function columnsOf(y: RowValues, rows: number): number | undefined {
  const first: unknown = y[0]
  if (typeof first === 'number') return y.length / rows
  return typeof first === 'object' && first !== null && 'length' in first ? Number(first.length) : undefined
}

/**
 * Says which loss y would fit, where classes meet the loss of a regression or rows of targets the cross-entropy. Throws
 * ShapeError.
 */
function checkTargetsFitLoss(y: RowValues, name: string, rows: number, { outputs, loss }: SampleShape): void {
  if (outputs === 1 || typeof y !== 'object' || y === null) return
  const columns = columnsOf(y, rows)
  if (loss !== 'cross-entropy' && columns === 1)
    throw new ShapeError(
      `${name}y has 1 value a row, and the network has ${outputs} outputs; for class indices give loss: 'cross-entropy', else ${outputs} values a row.`,
    )
  if (loss === 'cross-entropy' && columns === outputs)
    throw new ShapeError(
      `${name}y has ${outputs} values a row, and cross-entropy takes one, the index of its class (0 to ${outputs - 1}); for a regression give loss: 'mse'.`,
    )
}

/**
 * Samples as checked flat arrays, still in the table's own units: x [rows][inputs], y [rows][outputs] or [rows] classes,
 * weights [rows]. `name` prefixes x, y and weights in messages. Throws ShapeError and DataError.
 */
export function checkSamples(samples: Samples, shape: SampleShape, name = ''): Rows {
  checkSamplesObject(samples, name)
  const x = toRows(samples.x, { name: `${name}x`, columns: shape.inputs })
  const rows = x.length / shape.inputs
  checkTargetsFitLoss(samples.y, name, rows, shape)
  const y =
    shape.loss === 'cross-entropy'
      ? toClasses(samples.y, `${name}y`, shape.outputs)
      : toRows(samples.y, { name: `${name}y`, columns: shape.outputs })
  const targets = y.length / targetColumns(shape)
  if (rows !== targets)
    throw new ShapeError(`${name}x has ${rows} rows and ${name}y has ${targets}; each row needs its target.`)
  return { x, y, weights: toWeights(samples.weights, `${name}weights`, rows) }
}

/** Numbers a row has in y: one class, or one target an output. */
function targetColumns(shape: Pick<SampleShape, 'outputs' | 'loss'>): number {
  return shape.loss === 'cross-entropy' ? 1 : shape.outputs
}

function takeRows(values: Float64Array, columns: number, rows: Uint32Array): Float64Array {
  const taken = new Float64Array(rows.length * columns)
  rows.forEach((row, r) => taken.set(values.subarray(row * columns, (row + 1) * columns), r * columns))
  return taken
}

/**
 * Holds out a fraction of the rows for validation: at random by the seed, for classes in nearly the same shares.
 * Throws DataError when no row is left on one side.
 */
export function holdOut(
  samples: Rows,
  shape: SampleShape,
  fraction: number,
  seed: number,
): { training: Rows; validation: Rows } {
  const { train, validation } = splitRows(samples.weights.length, {
    test: 0,
    validation: fraction,
    seed,
    ...(shape.loss === 'cross-entropy' ? { stratify: samples.y } : {}),
  })
  const take = (rows: Uint32Array): Rows => ({
    x: takeRows(samples.x, shape.inputs, rows),
    y: takeRows(samples.y, targetColumns(shape), rows),
    weights: takeRows(samples.weights, 1, rows),
  })
  return { training: take(train), validation: take(validation) }
}

/**
 * The weight of each class. 'balanced': rows / (classes present * rows of the class), so that every class weighs the same
 * and the weights of all rows still sum to the number of rows; a class without rows gets 0.
 */
export function resolveClassWeights(
  choice: ArrayLike<number> | 'balanced',
  labels: Float64Array,
  classes: number,
): Float64Array {
  if (choice !== 'balanced') {
    if (choice.length !== classes)
      throw new ConfigError(
        `classWeights has ${choice.length} entries for ${classes} classes; give one a class.`,
      )
    const weights = Float64Array.from(choice)
    const bad = weights.findIndex(weight => !Number.isFinite(weight) || weight < 0)
    if (bad >= 0)
      throw new ConfigError(`classWeights[${bad}] is ${weights[bad]}; it must be 0 or a positive number.`)
    return weights
  }
  const counts = new Float64Array(classes)
  for (const label of labels) counts[label]!++
  const present = counts.filter(count => count > 0).length
  return counts.map(count => (count > 0 ? labels.length / (present * count) : 0))
}

/** Each row's weight times its class's. Throws DataError when nothing is left. */
export function weighClasses(samples: Rows, classWeights: Float64Array, name: string): Rows {
  const weights = samples.weights.map((weight, r) => weight * classWeights[samples.y[r]!]!)
  if (weights.every(weight => weight === 0))
    throw new DataError(
      `With these classWeights every row of ${name} weighs 0; give a class that occurs a weight.`,
    )
  return { ...samples, weights }
}
