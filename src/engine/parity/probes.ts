import { createLayout } from '../../model/shape.ts'
import type { LayerShape } from '../../model/shape.ts'
import { Random } from '../../random.ts'
import { uniformKnots } from '../../spline/knots.ts'
import type { Loss, Plan, Rows } from '../engine.ts'
import { LATTICE, trainableGroups } from './cases.ts'
import type { NetworkUpload, ParityCase } from './cases.ts'
import { LOSS_ROWS, PROBE_PRODUCTS, SUM_ROWS } from './tolerances.ts'
import { plainLayer, trialPlan } from './trial.ts'

/** A network of one layer: what it predicts, and the training sets whose loss and gradients it is asked for. */
export interface Probe {
  readonly plan: Plan
  readonly network: NetworkUpload
  readonly x: Float64Array
  readonly sets: readonly [Rows, ...Rows[]]
}

/** |x| at which e^-x overflows float32 a thousandfold. */
export const FAR = 1e4

function probePlan(test: ParityCase, shape: LayerShape, rows: number, batch: number, loss: Loss): Plan {
  const trainable = trainableGroups('cb')
  return trialPlan(test, [shape], { trainable, models: 1, rows, batch, validationRows: 0, loss })
}

function weightsOf(random: Random, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, () => Math.fround(0.5 + random.uniform()))
}

/**
 * One input, and one output for each basis function and one for the base function: output n < G + k is B_n(x), the last
 * b(x), with nothing added and nothing multiplied but by 1. The rows: every knot (the values there, and for half-open
 * intervals the slopes too, are those of the interval that begins at it), two points in each interval, points outside;
 * x adds -FAR and FAR at its end.
 */
export function basisProbe(test: ParityCase, knots: Float64Array): Probe {
  const random = new Random(test.seed, 78)
  const { intervals, degree, base } = test
  const bases = intervals + degree
  const shape: LayerShape = { inputs: 1, outputs: bases + 1, intervals, degree, base }
  const points = [...knots, -3, 3]
  for (let s = 0; s < knots.length - 1; s++)
    for (const part of [random.uniform(), random.uniform()])
      points.push(Math.fround(knots[s]! + part * (knots[s + 1]! - knots[s]!)))
  const rows = points.length
  const training: Rows = {
    x: Float64Array.from(points),
    y: Float64Array.from({ length: rows * (bases + 1) }, () => Math.fround(2 * random.uniform() - 1)),
    weights: weightsOf(random, rows),
  }
  return {
    plan: probePlan(test, shape, rows, rows, 'mse'),
    network: plainLayer(
      shape,
      knots,
      (n, _, j) => (n === j ? 1 : 0),
      (_, j) => (j === bases ? 1 : 0),
    ),
    x: Float64Array.from([...points, -FAR, FAR]),
    sets: [training],
  }
}

/** A network that hands its inputs on as its outputs, so that the gradient by the inputs is the loss's own. */
function identity(outputs: number): { shape: LayerShape; network: NetworkUpload } {
  const shape: LayerShape = { inputs: outputs, outputs, intervals: 1, degree: 1, base: 'identity' }
  const knots = uniformKnots([-1, 1], 1, 1)
  const network = plainLayer(
    shape,
    knots,
    () => 0,
    (i, j) => (i === j ? 1 : 0),
  )
  return { shape, network }
}

function lossRows(random: Random, test: ParityCase, rows: number, output: (row: number) => number): Rows {
  const outputs = test.width.at(-1)!
  const labels = test.loss === 'cross-entropy'
  return {
    x: Float64Array.from({ length: rows * outputs }, (_, p) => output(Math.floor(p / outputs))),
    y: Float64Array.from({ length: labels ? rows : rows * outputs }, () =>
      labels ? random.integer(outputs) : Math.fround(2 * random.uniform() - 1),
    ),
    weights: weightsOf(random, rows),
  }
}

/** The loss alone, on at most one workgroup of rows: outputs of order 1; outputs of +-200; outputs near -200 and near 200. */
export function lossProbe(test: ParityCase): Probe {
  const random = new Random(test.seed, 79)
  const { shape, network } = identity(test.width.at(-1)!)
  const rows = LOSS_ROWS
  const near = (): number => Math.round((2 * random.uniform() - 1) / LATTICE) * LATTICE
  return {
    plan: probePlan(test, shape, rows, rows, test.loss),
    network,
    x: new Float64Array(0),
    sets: [
      lossRows(random, test, rows, near),
      lossRows(random, test, rows, () => near() + 200 * (2 * random.integer(2) - 1)),
      lossRows(random, test, rows, row => near() + 200 * (row % 2 === 0 ? 1 : -1)),
    ],
  }
}

/**
 * Products alone: output j is the affine map of input j, with a scale of 1/2, 1 or 2 and a bias up to 1/5, and the nodes are one
 * of them, the product of the next two and that of three more. The first set has inputs of order 1; in the second, every third
 * input is such that its output is 0, and in every fourth row all of them are.
 */
export function productsProbe(test: ParityCase): Probe {
  const random = new Random(test.seed, 84)
  const outputs = 1 + PROBE_PRODUCTS.reduce((sum, factors) => sum + factors, 0)
  const { shape, network } = identity(outputs)
  const layer = createLayout([shape]).layers[0]!
  const nodes = 1 + PROBE_PRODUCTS.length
  const rows = LOSS_ROWS
  const powers = Float64Array.from({ length: outputs }, () => 2 ** (random.integer(3) - 1))
  for (let j = 0; j < outputs; j++) {
    network.parameters[layer.nodeScale + j] = powers[j]!
    network.parameters[layer.nodeBias + j] = Math.round(0.2 * (2 * random.uniform() - 1) * 1024) / 1024
  }
  const near = (): number => Math.round((2 * random.uniform() - 1) / LATTICE) * LATTICE
  const zeroOf = (j: number): number => -network.parameters[layer.nodeBias + j]! / powers[j]!
  const set = (x: (row: number, j: number) => number): Rows => ({
    x: Float64Array.from({ length: rows * outputs }, (_, p) => x(Math.floor(p / outputs), p % outputs)),
    y: Float64Array.from({ length: rows * nodes }, () => Math.fround(2 * random.uniform() - 1)),
    weights: weightsOf(random, rows),
  })
  return {
    plan: probePlan(test, { ...shape, products: PROBE_PRODUCTS }, rows, rows, 'mse'),
    network,
    x: new Float64Array(0),
    sets: [set(near), set((row, j) => (row % 4 === 3 || (row + j) % 3 === 0 ? zeroOf(j) : near()))],
  }
}

/**
 * The sum over rows: so many that they take more workgroups than a workgroup has threads (64 * 64 = 4096 rows); and a batch
 * whose weights are all 0 (the one row with a weight comes after it).
 */
export function sumProbe(test: ParityCase): Probe {
  const random = new Random(test.seed, 80)
  const { shape, network } = identity(test.width.at(-1)!)
  const rows = SUM_ROWS + 1
  const many = lossRows(random, test, rows, () => Math.round((2 * random.uniform() - 1) / LATTICE) * LATTICE)
  const weightless = new Float64Array(rows)
  weightless[SUM_ROWS] = 1
  return {
    plan: probePlan(test, shape, rows, SUM_ROWS, test.loss),
    network,
    x: new Float64Array(0),
    sets: [many, { ...many, weights: weightless }],
  }
}
