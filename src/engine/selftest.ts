import { createLayout } from '../model/shape.ts'
import type { Base, Layout, Trainable } from '../model/shape.ts'
import { parameterGroups } from '../model/shape.ts'
import { Random } from '../random.ts'
import { uniformKnots } from '../spline/knots.ts'
import { createCpuEngine } from './cpu/engine.ts'
import type { Engine, Loss, Plan, Rows, Upload } from './engine.ts'

/** One network and its rows, for a comparison of two engines. */
export interface ParityCase {
  readonly width: readonly number[]
  readonly intervals: number
  readonly degree: number
  readonly base: Base
  readonly uniform: boolean
  readonly loss: Loss
  readonly rows: number
  readonly batch: number
  readonly models: number
  readonly seed: number
}

/** Worst error of one kernel in one case, relative to the largest value of the same array, and what arithmetic allows. */
export interface ParityLine {
  readonly kernel: string
  readonly worst: number
  readonly tolerance: number
  readonly passed: boolean
}

/** u: half the distance between 1 and the next float32. */
const UNIT = 2 ** -24
/** Knots and inputs are multiples of this, so that float32 and float64 agree on which interval a point is in. */
const LATTICE = 2 ** -10
/** Rows whose hidden values come this close to a knot get weight 0: derivatives of degree 1 (2: second) jump there. */
const NEAR_KNOT = 2 ** -12

/** Learning rate of the steps that are compared. */
const RATE = 2 ** -10
/** Adam's epsilon in them. */
const EPSILON = 2 ** -6

const ALL_TRAINABLE: Trainable = {
  coef: true,
  scaleBase: true,
  scaleSpline: true,
  nodeScale: true,
  nodeBias: true,
}

/**
 * Errors are measured against the largest value of the compared array. n roundings of relative size u = 2^-24 in random
 * directions give an error of about sqrt(n) u, and more than 4 sqrt(n) u hardly ever (Higham and Mary, "A new approach to
 * probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019, theorem 2.4: lambda = 4). In units of u:
 *
 *   basis     coordinate 2 roundings times B' <= k, Horner 2 k, e^x 3 + 2 |x| ULP with |x| <= 3 (WGSL, 15.7.4): 4 k + 16
 *   layer     a sum over inputs of k + 3 products each: basis + 4 sqrt(inputs (k + 4))
 *   forward   a layer's error passes the next ones, whose slope is up to 1 + G / 2 (coefficients differ by at most
 *             1 / sqrt(inputs) a step of 2 / G, and inputs add up at random)
 *   loss      twice forward (squares), its own sums over outputs and rows
 *   gradient  forward and backward, and a sum over rows
 *   adam      four steps of rate * g / (|g| + EPSILON): the slope by g is at most rate / EPSILON, gradients are of order 1, and
 *             about 12 operations round. (With the usual 1e-8, the sign of a gradient near 0 would be chance)
 */
function tolerances(test: ParityCase) {
  const widest = Math.max(...test.width)
  const layers = test.width.length - 1
  const layer = 4 * test.degree + 16 + 4 * Math.sqrt(widest * (test.degree + 4))
  const slope = 1 + test.intervals / 2
  let forward = 0
  for (let l = 0; l < layers; l++) forward = forward * slope + layer
  const rows = 4 * Math.sqrt(test.rows)
  const loss = 2 * forward + 4 * Math.sqrt(widest) + rows + 16
  const gradient = 2 * forward + layer + rows
  const adam = (4 * RATE * gradient) / EPSILON + 16
  return { forward: forward * UNIT, loss: loss * UNIT, gradient: gradient * UNIT, adam: adam * UNIT }
}

function latticeKnots(random: Random, test: ParityCase): Float64Array {
  const knots = uniformKnots([-1, 1], test.intervals, test.degree)
  const onLattice = (x: number): number => Math.round(x / LATTICE) * LATTICE
  const step = 2 / test.intervals
  return knots.map(knot => onLattice(test.uniform ? knot : knot + 0.3 * step * (random.uniform() - 0.5)))
}

/** A random network near float32 values: what both engines are given is exactly the same. */
function randomUpload(
  random: Random,
  layout: Layout,
  test: ParityCase,
): Required<Pick<Upload, 'parameters' | 'knots' | 'mask'>> {
  const { models } = test
  const parameters = new Float64Array(models * layout.parameters)
  const knots = new Float64Array(models * layout.knots)
  const mask = new Float64Array(models * layout.edges)
  for (let m = 0; m < models; m++) {
    for (const layer of layout.layers) {
      const amplitudes = { coef: 0.5, scaleBase: 1, scaleSpline: 1, nodeScale: 0.5, nodeBias: 0.2 }
      for (const { name, start, size } of parameterGroups(layer))
        for (let p = 0; p < size; p++) {
          const noise = (2 * random.uniform() - 1) * amplitudes[name]
          const shared = name === 'nodeBias' ? 0 : name === 'nodeScale' ? 1 : 0
          // Sums over many inputs stay of order 1.
          const narrow = name === 'coef' || name === 'scaleBase' ? 1 / Math.sqrt(layer.inputs) : 1
          parameters[m * layout.parameters + start + p] = Math.fround(shared + noise * narrow)
        }
      for (let i = 0; i < layer.inputs; i++)
        knots.set(latticeKnots(random, test), m * layout.knots + layer.knots + i * layer.knotsPerInput)
    }
    for (let e = 0; e < layout.edges; e++) mask[m * layout.edges + e] = random.uniform() < 0.9 ? 1 : 0
  }
  return { parameters, knots, mask }
}

/** Inputs on half-lattice points, a tenth of them outside the grid, so that none is on a knot. */
function randomRows(random: Random, test: ParityCase, rows: number): Rows {
  const inputs = test.width[0]!
  const outputs = test.width.at(-1)!
  const point = (): number => {
    const range = random.uniform() < 0.1 ? 3 : 1
    return (Math.floor(((2 * random.uniform() - 1) * range) / LATTICE) + 0.5) * LATTICE
  }
  const labels = test.loss === 'cross-entropy'
  return {
    x: Float64Array.from({ length: rows * inputs }, point),
    y: Float64Array.from({ length: labels ? rows : rows * outputs }, () =>
      labels ? random.integer(outputs) : Math.fround(2 * random.uniform() - 1),
    ),
    weights: Float64Array.from({ length: rows }, () => Math.fround(0.5 + random.uniform())),
  }
}

function planOf(test: ParityCase, layers: number, rows: number, validationRows: number): Plan {
  return {
    layers: Array.from({ length: layers }, (_, l) => ({
      inputs: test.width[l]!,
      outputs: test.width[l + 1]!,
      intervals: test.intervals,
      degree: test.degree,
      base: test.base,
    })),
    trainable: ALL_TRAINABLE,
    models: test.models,
    rows,
    batch: rows === 0 ? test.batch : Math.min(test.batch, rows),
    validationRows,
    loss: test.loss,
    adam: { beta1: 0.9, beta2: 0.999, epsilon: EPSILON },
    seed: test.seed,
    evaluateEvery: 2,
    patience: 0,
  }
}

/** Largest difference over the largest value. Two arrays of different length, or a value that is not finite, are infinitely wrong. */
export function relativeError(actual: Float64Array, expected: Float64Array): number {
  if (actual.length !== expected.length) return Infinity
  let largest = 0
  let worst = 0
  for (let p = 0; p < expected.length; p++) {
    const difference = Math.abs(actual[p]! - expected[p]!)
    if (!Number.isFinite(difference)) return Infinity
    worst = Math.max(worst, difference)
    largest = Math.max(largest, Math.abs(expected[p]!))
  }
  return worst === 0 ? 0 : worst / largest
}

/** Values that the layers before layer l give it, on the reference engine: the network cut off there. */
async function hiddenValues(
  reference: Engine,
  test: ParityCase,
  upload: Required<Pick<Upload, 'parameters' | 'knots' | 'mask'>>,
  layout: Layout,
  l: number,
  x: Float64Array,
): Promise<Float64Array> {
  const plan = { ...planOf(test, l, 0, 0), loss: 'mse' as const }
  const cut = createLayout(plan.layers)
  const take = (values: Float64Array, whole: number, part: number): Float64Array => {
    const result = new Float64Array(test.models * part)
    for (let m = 0; m < test.models; m++) result.set(values.subarray(m * whole, m * whole + part), m * part)
    return result
  }
  const session = await reference.open(plan)
  try {
    await session.upload({
      parameters: take(upload.parameters, layout.parameters, cut.parameters),
      knots: take(upload.knots, layout.knots, cut.knots),
      mask: take(upload.mask, layout.edges, cut.edges),
    })
    return await session.predict(x)
  } finally {
    await session.close()
  }
}

/** Takes the weight of every row that comes near a knot of a hidden layer, in any model. */
async function avoidKnots(
  reference: Engine,
  test: ParityCase,
  upload: Required<Pick<Upload, 'parameters' | 'knots' | 'mask'>>,
  layout: Layout,
  rows: Rows,
): Promise<void> {
  const count = rows.weights.length
  for (let l = 1; l < layout.layers.length; l++) {
    const layer = layout.layers[l]!
    const values = await hiddenValues(reference, test, upload, layout, l, rows.x)
    values.forEach((value, p) => {
      const m = Math.floor(p / (count * layer.inputs))
      const b = Math.floor(p / layer.inputs) % count
      const start = m * layout.knots + layer.knots + (p % layer.inputs) * layer.knotsPerInput
      const knots = upload.knots.subarray(start, start + layer.knotsPerInput)
      if (knots.some(knot => Math.abs(value - knot) < NEAR_KNOT)) rows.weights[b] = 0
    })
  }
}

/** Compares an engine with the reference on one case: one line a kernel. */
export async function compareEngines(
  engine: Engine,
  reference: Engine,
  test: ParityCase,
): Promise<ParityLine[]> {
  const random = new Random(test.seed, 77)
  const plan = planOf(test, test.width.length - 1, test.rows, Math.ceil(test.rows / 3))
  const layout = createLayout(plan.layers)
  const network = randomUpload(random, layout, test)
  const training = randomRows(random, test, plan.rows)
  const validation = randomRows(random, test, plan.validationRows)
  if (test.degree <= 2) {
    await avoidKnots(reference, test, network, layout, training)
    await avoidKnots(reference, test, network, layout, validation)
  }
  const learningRate = new Float64Array(test.models).fill(RATE)
  const allowed = tolerances(test)
  const lines: ParityLine[] = []
  const compare = (kernel: string, actual: Float64Array, expected: Float64Array, tolerance: number): void => {
    const worst = relativeError(actual, expected)
    lines.push({ kernel, worst, tolerance, passed: worst <= tolerance })
  }

  const [actual, expected] = await Promise.all(
    [engine, reference].map(async each => {
      const session = await each.open(plan)
      try {
        await session.upload({ ...network, training, validation, learningRate })
        const outputs = await session.predict(training.x)
        const statistics = await session.statistics(training.x)
        const gradients = await session.gradients()
        const progress = await session.run(4)
        return { outputs, statistics, gradients, progress, state: await session.read() }
      } finally {
        await session.close()
      }
    }),
  )
  if (!actual || !expected) return lines

  compare('forward', actual.outputs, expected.outputs, allowed.forward)
  compare('loss', actual.gradients.loss, expected.gradients.loss, allowed.loss)
  const group = (values: Float64Array, names: readonly (keyof Trainable)[]): Float64Array =>
    Float64Array.from(
      Array.from({ length: test.models }, (_, m) =>
        layout.layers.flatMap(layer =>
          parameterGroups(layer)
            .filter(({ name }) => names.includes(name))
            .flatMap(({ start, size }) =>
              Array.from(
                values.subarray(m * layout.parameters + start, m * layout.parameters + start + size),
              ),
            ),
        ),
      ).flat(),
    )
  for (const [kernel, names] of [
    ['backward_coef', ['coef', 'scaleBase']],
    ['scale_spline', ['scaleSpline']],
    ['backward_node', ['nodeScale', 'nodeBias']],
  ] as const)
    compare(
      kernel,
      group(actual.gradients.parameters, names),
      group(expected.gradients.parameters, names),
      allowed.gradient,
    )
  compare('backward_input', actual.gradients.inputs, expected.gradients.inputs, allowed.gradient)
  compare('adam', actual.state.parameters, expected.state.parameters, allowed.adam)
  compare('gather', actual.progress.losses, expected.progress.losses, 2 * allowed.loss + allowed.gradient)
  compare(
    'keep',
    actual.progress.evaluationLosses,
    expected.progress.evaluationLosses,
    2 * allowed.loss + allowed.gradient,
  )
  const edges = (from: typeof actual): Float64Array =>
    Float64Array.from(
      from.statistics.flatMap(layers =>
        layers.flatMap(layer => [...layer.edgeL1, ...layer.edgeMean, ...layer.edgeDeviation]),
      ),
    )
  compare('edge_statistics', edges(actual), edges(expected), allowed.gradient)
  return lines
}

/** Small cases that reach every kernel and every variant of it. */
export const SELFTEST_CASES: readonly ParityCase[] = [1, 2, 3, 4, 5].flatMap(degree => [
  {
    width: [3, 7, 2],
    intervals: 4,
    degree,
    base: 'silu',
    uniform: degree % 2 === 0,
    loss: 'mse',
    rows: 93,
    batch: 93,
    models: 1,
    seed: degree,
  },
  {
    width: [5, 9, 3],
    intervals: degree === 3 ? 70 : 5,
    degree,
    base: degree % 2 === 0 ? 'identity' : 'silu',
    uniform: degree % 2 === 1,
    loss: 'cross-entropy',
    rows: 150,
    batch: 40,
    models: 3,
    seed: 10 + degree,
  },
])

/**
 * Compares an engine with the float64 CPU engine on this machine, and reports the worst error of each kernel over all cases
 * (relative to its tolerance). Returns whether every kernel of every case is within its tolerance.
 */
export async function selftest(engine: Engine, report: (line: ParityLine) => void): Promise<boolean> {
  const worst = new Map<string, ParityLine>()
  const reference = createCpuEngine()
  try {
    for (const test of SELFTEST_CASES)
      for (const line of await compareEngines(engine, reference, test)) {
        const before = worst.get(line.kernel)
        if (!before || line.worst / line.tolerance > before.worst / before.tolerance)
          worst.set(line.kernel, line)
      }
  } finally {
    await reference.destroy()
  }
  for (const line of worst.values()) report(line)
  return Array.from(worst.values()).every(line => line.passed)
}
