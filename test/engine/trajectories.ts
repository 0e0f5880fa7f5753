import type { Engine, OptimizerPlan, Session } from '../../src/engine/engine.ts'
import { trainableGroups } from '../../src/engine/parity/cases.ts'
import { oracleFromPykan } from '../oracle/frompykan.ts'
import { readReference } from '../reference/read.ts'
import type { ModelParams } from '../reference/read.ts'
import { flatRows, flatten, planFor } from './flat.ts'

/** How the reference's optimizers went; all but Rosenbrock's valley on the first one's network and rows. */
export interface Trajectory {
  kind: string
  params: ModelParams | string
  x: number[][] | string
  y: number[][] | string
  loss_before_step: number[]
  closures_per_step: number[]
  closure_losses: number[]
  final_loss: number
}

const { cases } = readReference<{ cases: Trajectory[] }>('optim.json')

export function trajectoryOf(kind: string): Trajectory {
  return cases.find(one => one.kind === kind)!
}

/** A session that stands where all trajectories begin. */
export async function openAtStart(
  engine: Engine,
  learningRate: number,
  optimizer?: OptimizerPlan,
): Promise<Session> {
  const { params, x, y } = cases[0]!
  if (typeof params === 'string' || typeof x === 'string' || typeof y === 'string')
    throw new Error('the first case holds the model')
  const flat = flatten(oracleFromPykan(params))
  const plan = { trainable: trainableGroups('cbs'), ...(optimizer && { optimizer }) }
  const session = await engine.open(planFor(flat.layout, x.length, plan))
  const training = flatRows(x, { kind: 'mse', target: y })
  await session.upload({ ...flat, training, learningRate: Float64Array.of(learningRate) })
  return session
}
