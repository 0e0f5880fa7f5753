import { Random } from '../../random.ts'
import type { Engine, Gradients, PenaltyPlan, Plan, Rows, Session } from '../engine.ts'
import { randomRows } from './cases.ts'
import type { NetworkUpload, ParityCase } from './cases.ts'
import type { Result } from './tolerances.ts'

/**
 * Rows with an edge this close to 0 (a grid of G intervals: 1 + G / 2 times as close) get weight 0: there the sign of
 * phi jumps.
 */
const NEAR_ZERO = 2 ** -18
/** More rows than an evaluation takes at a time (1024), by two and a bit. */
const MANY_ROWS = 2500

const METRICS = ['paper', 'edge_forward_spline_n'] as const
const EDGES = { l1: 0.5, entropy: 2, coef: 0, coefdiff: 0 }
const SIZES: PenaltyPlan = { metric: 'paper', l1: 0, entropy: 0, coef: 0.5, coefdiff: 2 }

/** How the results of two engines are compared: see compare.ts. */
interface PenaltyLedger {
  compare(result: Result, actual: Float64Array, expected: Float64Array): void
  /**
   * Gradients by groups and layers: `last` says what those of the last layer's edges are charged to, `before` the others. Errors
   * are divided by `condition`.
   */
  compareGradients(
    actual: Gradients,
    expected: Gradients,
    last: Result,
    before: Result,
    condition: number,
  ): void
}

/** Lambda of each model: none for every third one. */
function lambdas(models: number): Float64Array {
  return Float64Array.from({ length: models }, (_, m) => (m % 3 === 1 ? 0 : (m + 1) / models))
}

/** Calls `look` with a session of the reference that only predicts. */
async function lookAt<T>(
  reference: Engine,
  plan: Plan,
  network: NetworkUpload,
  look: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await reference.open({ ...plan, rows: 0, validationRows: 0 })
  try {
    await session.upload(network)
    return await look(session)
  } finally {
    await session.close()
  }
}

/** Takes the weight of every fifth row, and of rows where the sign of an edge is not certain in float32. */
async function takeWeights(session: Session, rows: Rows, near: number): Promise<Rows> {
  const weights = rows.weights.map((weight, b) => (b % 5 === 4 ? 0 : weight))
  const inputs = session.plan.layers[0]!.inputs
  for (let b = 1; b < weights.length; b++) {
    const models = await session.statistics(rows.x.subarray(b * inputs, (b + 1) * inputs))
    // Of one row, the L1 norm of an edge is |phi|; 0 for the masked.
    const sizes = models.flatMap(layers => layers.flatMap(layer => [...layer.edgeL1]))
    if (sizes.some(size => size > 0 && size < near)) weights[b] = 0
  }
  return { ...rows, weights }
}

/**
 * How much more than phi (phi - mean) / std(phi) may err: phi is a sum of terms of about 1 / sqrt(inputs) (randomNetwork),
 * which is divided by the smallest deviation of an edge that varies, on the rows with weight; at least 1.
 */
async function deviationCondition(session: Session, { x, weights }: Rows): Promise<number> {
  const { layers } = session.plan
  const inputs = layers[0]!.inputs
  const models = await session.statistics(x.filter((_, p) => weights[Math.floor(p / inputs)]! > 0))
  const ratios = models.flatMap(statistics =>
    statistics.flatMap(({ edgeDeviation }, l) =>
      [...edgeDeviation].map(deviation =>
        deviation > 0 ? 1 / (deviation * Math.sqrt(layers[l]!.inputs)) : 0,
      ),
    ),
  )
  return Math.max(1, ...ratios)
}

/** Gradients, losses of one epoch at rate 0, and an evaluation of the same rows. */
async function observePenalty(engine: Engine, plan: Plan, network: NetworkUpload, training: Rows) {
  const session = await engine.open(plan)
  try {
    const learningRate = new Float64Array(plan.models)
    await session.upload({ ...network, training, learningRate, lambda: lambdas(plan.models) })
    const gradients = await session.gradients()
    const { losses, evaluationLosses } = await session.run(plan.evaluateEvery)
    return { gradients, losses, evaluationLosses }
  } finally {
    await session.close()
  }
}

/**
 * Compares the penalty of both metrics: objectives of a batch, of mini-batches and of an evaluation in chunks, and gradients;
 * then those of the coefficients' own penalty.
 */
export async function comparePenalties(
  ledger: PenaltyLedger,
  engine: Engine,
  reference: Engine,
  test: ParityCase,
  plan: Plan,
  network: NetworkUpload,
  rows: Rows,
): Promise<void> {
  const near = NEAR_ZERO * (1 + test.intervals / 2)
  const training = await lookAt(reference, plan, network, session => takeWeights(session, rows, near))
  const condition = await lookAt(reference, plan, network, session => deviationCondition(session, training))
  const evaluateEvery = Math.ceil(plan.rows / plan.batch)
  const own = { ...plan, validationRows: 0, evaluateEvery }
  const ask = async (penalty: PenaltyPlan, set: Rows, changes: Partial<Plan> = {}) => {
    const asked = { ...own, penalty, ...changes }
    return [
      await observePenalty(engine, asked, network, set),
      await observePenalty(reference, asked, network, set),
    ] as const
  }
  const many = randomRows(new Random(test.seed, 81), test, MANY_ROWS)
  for (const metric of METRICS) {
    const inChunks = { rows: MANY_ROWS, batch: Math.min(100, plan.batch), evaluateEvery: 1 }
    const norms = { metric, l1: 1, entropy: 0, coef: 0, coefdiff: 0 }
    const [sums, exactSums] = await ask(norms, many, inChunks)
    ledger.compare('norms', sums.evaluationLosses, exactSums.evaluationLosses)
    const [actual, expected] = await ask({ ...EDGES, metric }, training)
    ledger.compare('penalty', actual.gradients.loss, expected.gradients.loss)
    ledger.compare('penalty', actual.losses, expected.losses)
    ledger.compare('penalty', actual.evaluationLosses, expected.evaluationLosses)
    ledger.compareGradients(
      actual.gradients,
      expected.gradients,
      'penaltyCoef',
      'penaltyInputs',
      metric === 'paper' ? 1 : condition,
    )
  }
  const [actual, expected] = await ask(SIZES, training)
  ledger.compare('penaltySize', actual.gradients.loss, expected.gradients.loss)
  ledger.compareGradients(actual.gradients, expected.gradients, 'penaltySize', 'penaltySize', 1)
}
