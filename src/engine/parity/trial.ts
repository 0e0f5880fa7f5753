import { createLayout } from '../../model/shape.ts'
import type { LayerShape } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import type { Engine, Gradients, Plan, Progress, Rows, TrainingState } from '../engine.ts'
import type { NetworkUpload, ParityCase } from './cases.ts'
import { BEND, DECAY, EPSILON, RATE } from './tolerances.ts'

/** Everything an engine is given in one comparison. */
export interface Trial {
  readonly plan: Plan
  readonly network: NetworkUpload
  readonly training: Rows
  readonly validation: Rows
}

/** Everything it answers. */
export interface Observation {
  readonly outputs: Float64Array
  readonly statistics: LayerStatistics[][]
  readonly gradients: Gradients
  /** Five steps at rate 0. */
  readonly still: Progress
  /** The same steps at the rates of the models. */
  readonly progress: readonly Progress[]
  readonly state: TrainingState
}

/** Steps before and after the session gets its own state back: an evaluation in each, and a step after the last one. */
const STEPS = [2, 3] as const

/** A plan for the layers, evaluated after every second step. */
export function trialPlan(
  test: ParityCase,
  layers: readonly LayerShape[],
  changes: Partial<Plan> = {},
): Plan {
  return {
    layers,
    trainable: test.trainable,
    models: test.models,
    ...(test.ownRows === true ? { ownRows: true } : {}),
    rows: test.rows,
    batch: test.batch,
    validationRows: Math.ceil(test.rows / 3),
    loss: test.loss,
    huberDelta: BEND,
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: EPSILON },
    seed: test.seed,
    evaluateEvery: 2,
    patience: 0,
    ...changes,
  }
}

/**
 * Opens a session of the plan, looks, and trains: first at rate 0, so that losses depend on rows alone; then from the start
 * again, model m at the rate RATE * (m + 1) / M, so that one model's rate used for another shows. Half way the session gets its
 * own state back, in which every second model has a best loss of 0: no evaluation betters that, so that these models must keep
 * the parameters they had and the others must not.
 */
export async function observe(
  engine: Engine,
  { plan, network, training, validation }: Trial,
): Promise<Observation> {
  const session = await engine.open(plan)
  try {
    const { models } = plan
    await session.upload({ ...network, training, validation, learningRate: new Float64Array(models) })
    const outputs = await session.predict(training.x)
    const statistics = await session.statistics(training.x)
    const gradients = await session.gradients()
    const start = await session.read()
    const still = await session.run(STEPS[0] + STEPS[1])
    const learningRate = Float64Array.from({ length: models }, (_, m) => (RATE * (m + 1)) / models)
    await session.upload({ state: start, learningRate })
    const before = await session.run(STEPS[0])
    const middle = await session.read()
    const loss = middle.best.loss.map((_, m) => (m % 2 === 0 ? Infinity : 0))
    await session.upload({ state: { ...middle, best: { ...middle.best, loss } } })
    const after = await session.run(STEPS[1])
    const state = await session.read()
    return { outputs, statistics, gradients, still, progress: [before, after], state }
  } finally {
    await session.close()
  }
}

/**
 * What two steps leave whose gradients are shortened, whose weights decay and whose rate falls to a half: moments, parameters.
 * `clip` should be shorter than some model's gradient.
 */
export async function observeAdditions(
  engine: Engine,
  { plan, network, training, validation }: Trial,
  clip: number,
): Promise<TrainingState> {
  const session = await engine.open({
    ...plan,
    optimizer: {
      kind: 'adam',
      beta1: 0.9,
      beta2: 0.999,
      epsilon: EPSILON,
      clip,
      weightDecay: DECAY / RATE,
      schedule: { kind: 'exponential', steps: 2, floor: 1 / 4 },
    },
  })
  try {
    const learningRate = Float64Array.from({ length: plan.models }, (_, m) => (RATE * (m + 1)) / plan.models)
    await session.upload({ ...network, training, validation, learningRate })
    await session.run(2)
    return await session.read()
  } finally {
    await session.close()
  }
}

/** What a session says that takes a single step, at rate 0. */
export interface ProbeAnswers {
  readonly outputs: Float64Array
  /** One for each training set. */
  readonly gradients: readonly Gradients[]
  /** Of the first training set. */
  readonly evaluation: Float64Array
  readonly statistics: LayerStatistics[][]
}

/** Outputs for `x`; statistics and evaluation of the first training set, of which there may be more rows than a pass takes. */
export async function probe(
  engine: Engine,
  plan: Plan,
  network: NetworkUpload,
  x: Float64Array,
  sets: readonly [Rows, ...Rows[]],
): Promise<ProbeAnswers> {
  const session = await engine.open(plan)
  try {
    await session.upload({ ...network, training: sets[0], learningRate: new Float64Array(plan.models) })
    const outputs = x.length > 0 ? await session.predict(x) : x
    const statistics = await session.statistics(sets[0].x)
    const { evaluationLosses: evaluation } = await session.run(plan.evaluateEvery)
    const gradients: Gradients[] = []
    for (const training of sets) {
      await session.upload({ training })
      gradients.push(await session.gradients())
    }
    return { outputs, gradients, evaluation, statistics }
  } finally {
    await session.close()
  }
}

/** A network of one layer and one model: `coef`, `scaleBase` and `mask` by (input, output), everything else neutral. */
export function plainLayer(
  shape: LayerShape,
  knots: Float64Array,
  coef: (n: number, i: number, j: number) => number,
  scaleBase: (i: number, j: number) => number,
): NetworkUpload {
  const layout = createLayout([shape])
  const layer = layout.layers[0]!
  const { inputs, outputs, bases } = layer
  const parameters = new Float64Array(layout.parameters)
  for (let i = 0; i < inputs; i++)
    for (let j = 0; j < outputs; j++) {
      const edge = i * outputs + j
      for (let n = 0; n < bases; n++) parameters[layer.coef + (i * bases + n) * outputs + j] = coef(n, i, j)
      parameters[layer.scaleBase + edge] = scaleBase(i, j)
      parameters[layer.scaleSpline + edge] = 1
    }
  parameters.fill(1, layer.nodeScale, layer.nodeScale + outputs)
  const allKnots = new Float64Array(layout.knots)
  for (let i = 0; i < inputs; i++) allKnots.set(knots, i * knots.length)
  return { parameters, knots: allKnots, mask: new Float64Array(layout.edges).fill(1) }
}
