import { createLayout, parameterGroups } from '../../model/shape.ts'
import type { Trainable } from '../../model/shape.ts'
import { Random } from '../../random.ts'
import type { Engine, Plan } from '../engine.ts'
import { randomNetwork, randomRows } from './cases.ts'
import type { ParityCase } from './cases.ts'
import { avoidKnots } from './hidden.ts'
import { EPSILON, RATE, tolerances } from './tolerances.ts'

/** Worst error of one kernel in one case, relative to the largest value of the same array, and what arithmetic allows. */
export interface ParityLine {
  readonly kernel: string
  readonly worst: number
  readonly tolerance: number
  readonly passed: boolean
}

const ALL_TRAINABLE: Trainable = {
  coef: true,
  scaleBase: true,
  scaleSpline: true,
  nodeScale: true,
  nodeBias: true,
}

function planOf(test: ParityCase): Plan {
  return {
    layers: Array.from({ length: test.width.length - 1 }, (_, l) => ({
      inputs: test.width[l]!,
      outputs: test.width[l + 1]!,
      intervals: test.intervals,
      degree: test.degree,
      base: test.base,
    })),
    trainable: ALL_TRAINABLE,
    models: test.models,
    rows: test.rows,
    batch: test.batch,
    validationRows: Math.ceil(test.rows / 3),
    loss: test.loss,
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: EPSILON },
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

/** Compares an engine with the reference on one case: one line a kernel. */
export async function compareEngines(
  engine: Engine,
  reference: Engine,
  test: ParityCase,
): Promise<ParityLine[]> {
  const random = new Random(test.seed, 77)
  const plan = planOf(test)
  const layout = createLayout(plan.layers)
  const network = randomNetwork(random, layout, test)
  const training = randomRows(random, test, plan.rows)
  const validation = randomRows(random, test, plan.validationRows)
  if (test.degree <= 2) {
    await avoidKnots(reference, plan, network, training)
    await avoidKnots(reference, plan, network, validation)
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
