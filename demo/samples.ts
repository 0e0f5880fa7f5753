/** The rows of an experiment, and the points at which its function is drawn. */
import { sampleFunction } from 'webkan/data'
import type { ToyFunction } from 'webkan/data'

export const rows = { training: 1000, validation: 200, test: 1000 } as const

/** Beyond every seed that a visitor can set: validation rows are never training rows, and test rows are always the same. */
const validationSeed = 1_000_000_000
const testSeed = 2_000_000_000

/** Points of the picture along an input: maps of 48 x 48, lines of 400. */
const mapPoints = 48
const linePoints = 400

export interface Samples {
  readonly x: Float64Array
  readonly y: Float64Array
}

/** What networks are fitted to, what they are watched by, and what nothing looks at but the errors shown. */
export interface RowSets {
  readonly training: Samples
  readonly validation: Samples
  readonly test: Samples
}

export function rowSets(fn: ToyFunction, seed: number): RowSets {
  return {
    training: sampleFunction(fn, rows.training, seed),
    validation: sampleFunction(fn, rows.validation, validationSeed + seed),
    test: sampleFunction(fn, rows.test, testSeed),
  }
}

/** Points of the picture, and the target there; further inputs than two stand at 0. */
export function pictureOf(fn: ToyFunction): { points: number; x: Float64Array; target: Float64Array } {
  const points = fn.inputs === 1 ? linePoints : mapPoints
  const count = fn.inputs === 1 ? points : points ** 2
  const [low, high] = fn.range
  const x = new Float64Array(count * fn.inputs)
  const place = (p: number): number => low + ((high - low) * p) / (points - 1)
  for (let row = 0; row < count; row++) {
    x[row * fn.inputs] = place(row % points)
    if (fn.inputs > 1) x[row * fn.inputs + 1] = place(Math.floor(row / points))
  }
  const target = Float64Array.from({ length: count }, (_, row) =>
    fn.evaluate(x.subarray(row * fn.inputs, (row + 1) * fn.inputs)),
  )
  return { points, x, target }
}
