import { STOPPED } from '../engine/engine.ts'
import { atRest } from './training.ts'
import type { Course } from './training.ts'

/** After this share of the steps the starts are compared, and this share of them goes on. */
const WHEN = 1 / 4
const FINALISTS = 1 / 3

/**
 * The step after which only the best starts go on; undefined where none is put to rest. A start in a bad basin shows early: on
 * [2, 1, 1] (exp(sin(pi x1) + x2^2), G 3) it stays above 0.1, where the others have passed 0.01 (bench/studies/staircase.ts).
 * Adam's starts all go on: it is far from where it leads by then.
 */
export function raceStep({ training, plan }: Course): number | undefined {
  const { steps, optimizer } = training.settings
  return plan.models > 1 && optimizer.kind !== 'adam' ? Math.ceil(WHEN * steps) : undefined
}

/** Puts all starts to rest but those with the smallest training losses. */
export async function restSlowest(stage: Course): Promise<void> {
  const { session, plan, losses } = stage
  const resting = atRest(stage)
  const order = losses
    .map(({ last }, m) => ({ m, loss: stage.failed[m] === true ? Infinity : last }))
    .toSorted((a, b) => a.loss - b.loss)
  const slow = order.slice(Math.ceil(FINALISTS * plan.models)).filter(({ m }) => resting[m] === false)
  const state = await session.read()
  const stopped = state.best.stopped.slice()
  for (const { m } of slow) stopped[m] = STOPPED.outrun
  await session.upload({ state: { ...state, best: { ...state.best, stopped } } })
  stage.stopped = stopped
}
