/** The networks that the benchmark trains, and the rows they train on: plain data, the same for us and for every peer. */
import { Random } from '../src/random.ts'

/** A network and its batch: full-batch mean squared error, `degree` 3 everywhere, `intervals` G. */
export interface Shape {
  /** 'A' to 'E', or what is varied, such as 'C G 200'. */
  readonly name: string
  /** Nodes a layer, inputs first. */
  readonly width: readonly number[]
  readonly batch: number
  readonly intervals: number
  readonly degree: number
}

function shape(name: string, width: readonly number[], batch: number, intervals: number): Shape {
  return { name, width, batch, intervals, degree: 3 }
}

/** From launch-bound (A) to compute-bound (E); D is the shape of MNIST. */
export const SHAPES = {
  A: shape('A', [2, 5, 1], 1000, 5),
  B: shape('B', [4, 20, 20, 1], 4096, 10),
  C: shape('C', [64, 64, 64], 1024, 5),
  D: shape('D', [784, 64, 10], 256, 5),
  E: shape('E', [256, 256, 256], 1024, 8),
} as const satisfies Record<string, Shape>

/** A line of a list: `  A  [2, 5, 1]         B 1000, G 5`. */
export function describeShape({ name, width, batch, intervals, degree }: Shape): string {
  return `  ${name}  ${`[${width.join(', ')}]`.padEnd(16)}  B ${batch}, G ${intervals}, degree ${degree}`
}

/** Edges of the whole network. */
export function countEdges({ width }: Shape): number {
  return width.slice(1).reduce((sum, outputs, l) => sum + width[l]! * outputs, 0)
}

/** Rows of a training set, outermost first. */
export interface Samples {
  /** [batch][inputs], uniform in [-1, 1). */
  readonly x: Float32Array
  /** [batch][outputs]. */
  readonly y: Float32Array
}

/** Stream of the samples, so that their seed is free for other uses. */
const STREAM = 0x62656e63

/** The shape's rows: y_j = sin(pi x_j') x_j'' of two inputs each, so that every output has something to learn. */
export function samplesOf({ width, batch }: Shape, seed = 1): Samples {
  const random = new Random(seed, STREAM)
  const inputs = width[0]!
  const outputs = width.at(-1)!
  const x = Float32Array.from({ length: batch * inputs }, () => 2 * random.uniform() - 1)
  const y = Float32Array.from({ length: batch * outputs }, (_, p) => {
    const b = Math.floor(p / outputs)
    const j = p % outputs
    return Math.sin(Math.PI * x[b * inputs + (j % inputs)]!) * x[b * inputs + ((j + 1) % inputs)]!
  })
  return { x, y }
}
