import type { Plan, Rows, Session } from '../engine/engine.ts'
import { meanLoss } from './metrics.ts'
import { partOf } from './starts.ts'
import type { Task } from './task.ts'

/** Mean loss of every model of a session on rows, without a penalty. */
async function losses(session: Session, plan: Plan, rows: Rows): Promise<Float64Array> {
  const outputs = await session.predict(rows.x)
  return Float64Array.from({ length: plan.models }, (_, m) =>
    meanLoss(plan.loss, partOf(outputs, m, plan.models), rows, plan.huberDelta),
  )
}

/** The first rows of a set: those that Session.gradients looks at. */
function firstRows({ x, y, weights }: Rows, count: number): Rows {
  const of = (values: Float64Array): Float64Array =>
    values.subarray(0, (values.length / weights.length) * count)
  return { x: of(x), y: of(y), weights: of(weights) }
}

/**
 * What every model of a session is judged by on rows, with its current weights: the mean loss, and the penalty where the plan has
 * one. Engines say what the penalty is on the rows of a first batch only; there it is taken from, for other rows too.
 */
export async function objectives(
  session: Session,
  plan: Plan,
  { training }: Pick<Task, 'training'>,
  rows: Rows,
): Promise<Float64Array> {
  if (!plan.penalty) return losses(session, plan, rows)
  const { loss } = await session.gradients()
  if (rows === training && plan.batch === plan.rows) return loss
  const [asked, first] = [
    await losses(session, plan, rows),
    await losses(session, plan, firstRows(training, plan.batch)),
  ]
  return asked.map((own, m) => own + loss[m]! - first[m]!)
}
