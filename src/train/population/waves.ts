import type { Engine, Plan, Session } from '../../engine/engine.ts'
import { OutOfMemoryError } from '../../errors.ts'

/** Models side by side at most: a GPU counts 65535 workgroups in a dimension. */
const MOST_MODELS = 2 ** 15

/**
 * Opens sessions for `count` models, all side by side where they fit the engine's memory, else in waves of half as many, and so
 * on. Throws OutOfMemoryError where a single model does not fit.
 *
 * @param planOf the plan of so many models
 * @param use what to do with the models from `first` on; false: no further wave
 * @returns the models of each wave
 */
export async function inWaves(
  engine: Engine,
  count: number,
  planOf: (models: number) => Plan,
  use: (session: Session, first: number, models: number) => Promise<boolean>,
): Promise<number[]> {
  const waves: number[] = []
  let most = Math.min(count, MOST_MODELS)
  for (let first = 0; first < count;) {
    const models = Math.min(most, count - first)
    const session = await openIfRoom(engine, planOf(models), models === 1)
    if (session === undefined) {
      most = Math.ceil(models / 2)
      continue
    }
    waves.push(models)
    try {
      if (!(await use(session, first, models))) break
    } finally {
      await session.close()
    }
    first += models
  }
  return waves
}

/** A session of the plan; undefined where the engine has no room for it, unless it `must`. */
export async function openIfRoom(engine: Engine, plan: Plan, must = false): Promise<Session | undefined> {
  try {
    return await engine.open(plan)
  } catch (error) {
    if (must || !(error instanceof OutOfMemoryError)) throw error
    return undefined
  }
}
