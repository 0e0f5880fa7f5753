import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Gradients, PenaltyPlan, Plan, Rows } from '../../src/engine/engine.ts'
import { trainableGroups } from '../../src/engine/parity/cases.ts'
import { oracleLoss } from '../oracle/kan.ts'
import type { OracleModel } from '../oracle/kan.ts'
import { oraclePenalty } from '../oracle/penalty.ts'
import { concatenate, planFor } from './flat.ts'
import type { FlatModel } from './flat.ts'
import { caseInputs, caseLoss, NETWORKS } from './samples.ts'
import type { NetworkCase } from './samples.ts'

export const NONE: PenaltyPlan = { metric: 'paper', l1: 0, entropy: 0, coef: 0, coefdiff: 0 }
export const METRICS = ['paper', 'edge_forward_spline_n'] as const

/** Loss and gradients of models side by side on the CPU engine. */
export async function gradientsOf(
  models: readonly FlatModel[],
  training: Rows,
  lambda: readonly number[],
  changes: Partial<Plan>,
): Promise<Gradients> {
  await using engine = createCpuEngine()
  const rows = training.weights.length
  const session = await engine.open(planFor(models[0]!.layout, rows, { models: models.length, ...changes }))
  await session.upload({
    parameters: concatenate(models.map(model => model.parameters)),
    knots: concatenate(models.map(model => model.knots)),
    mask: concatenate(models.map(model => model.mask)),
    training,
    lambda: Float64Array.from(lambda),
  })
  return await session.gradients()
}

/** The penalty of a model by itself, lambda 1: what it adds to the loss and to the gradient. */
export async function penaltyOf(
  model: FlatModel,
  training: Rows,
  penalty: PenaltyPlan,
): Promise<{ value: number; gradient: Float64Array }> {
  const trainable = trainableGroups('cbs')
  const [without, added] = await Promise.all(
    [0, 1].map(lambda => gradientsOf([model], training, [lambda], { penalty, trainable })),
  )
  return {
    value: added!.loss[0]! - without!.loss[0]!,
    gradient: added!.parameters.map((g, p) => g - without!.parameters[p]!),
  }
}

const SHAPE = { degree: 3, intervals: 5, base: 'silu', ratio: 2, rows: 40, seed: 3 } as const
export const CASES: readonly NetworkCase[] = [
  { ...SHAPE, name: 'two layers', width: [2, 3, 1] },
  { ...SHAPE, name: 'three layers, degree 4', degree: 4, width: [3, 4, 2, 2] },
  { ...SHAPE, name: 'three blocks of rows', width: [2, 3, 2], rows: 600 },
  { ...SHAPE, name: 'degree 2, identity', degree: 2, base: 'identity', width: [2, 2, 1] },
  NETWORKS.find(({ layers }) => layers)!,
  NETWORKS.find(({ name }) => name.startsWith('products'))!,
]
export const ALL = { l1: 0.7, entropy: 1.3, coef: 0.2, coefdiff: 0.4 }

/** The objective by the oracle. */
export function objective(
  model: OracleModel,
  network: NetworkCase,
  penalty: PenaltyPlan,
  lambda: number,
): number {
  const x = caseInputs(network)
  const loss = caseLoss(network, 'mse', true)
  return oracleLoss(model, x, loss) + lambda * oraclePenalty(model, x, penalty, loss.weights)
}
