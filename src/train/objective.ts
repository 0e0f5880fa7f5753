import type { Plan, Rows, Session } from '../engine/engine.ts'
import { meanLoss } from './metrics.ts'
import { partOf } from './starts.ts'
import type { Task } from './task.ts'

/** Mean loss of every model of a session on rows, [M], with its current weights and without a penalty. */
export type LossesOn = (rows: Rows) => Promise<Float64Array>

/** Mean loss of every model of a session on rows, without a penalty. */
async function losses(session: Session, plan: Plan, rows: Rows): Promise<Float64Array> {
  const outputs = await session.predict(rows.x)
  return Float64Array.from({ length: plan.models }, (_, m) =>
    meanLoss(plan.loss, partOf(outputs, m, plan.models), rows, plan.huberDelta),
  )
}

/** The first rows of a set, or of each model's: those that Session.gradients looks at. */
function firstRows(plan: Plan, { x, y, weights }: Rows): Rows {
  const { rows, batch } = plan
  const of = (values: Float64Array): Float64Array => {
    const columns = values.length / weights.length
    return values.filter((_, p) => Math.floor(p / columns) % rows < batch)
  }
  return { x: of(x), y: of(y), weights: of(weights) }
}

/**
 * What every model of a session is judged by on rows, with its current weights: the mean loss, and the penalty where the plan has
 * one. Engines say what the penalty is on the rows of a first batch only; there it is taken from, for other rows too.
 *
 * @param lossesOn how losses are found where models have rows of their own, which a session does not predict
 */
export async function objectives(
  session: Session,
  plan: Plan,
  { training }: Pick<Task, 'training'>,
  rows: Rows,
  lossesOn: LossesOn = asked => losses(session, plan, asked),
): Promise<Float64Array> {
  if (!plan.penalty) return lossesOn(rows)
  const { loss } = await session.gradients()
  if (rows === training && plan.batch === plan.rows) return loss
  const [asked, first] = [await lossesOn(rows), await lossesOn(firstRows(plan, training))]
  return asked.map((own, m) => own + loss[m]! - first[m]!)
}
