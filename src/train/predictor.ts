import type { Engine, Plan, Session } from '../engine/engine.ts'
import type { Config } from '../model/config.ts'
import { ADAM } from './adam.ts'

/** Rows an engine takes at once where no training plan says how many: large enough to fill a GPU, small in memory. */
const CHUNK_ROWS = 4096
/** Of all models side by side together, and at least of each. */
const ALL_CHUNK_ROWS = 16384
const FEWEST_CHUNK_ROWS = 64

/** The plan of a session that only predicts, up to `rows` rows at a time. */
export function predictorPlan({ layers, trainable }: Config, rows: number, models = 1): Plan {
  return {
    layers,
    trainable,
    models,
    rows: 0,
    batch: Math.min(rows, CHUNK_ROWS, Math.max(FEWEST_CHUNK_ROWS, Math.ceil(ALL_CHUNK_ROWS / models))),
    validationRows: 0,
    loss: 'mse',
    optimizer: ADAM,
    seed: 0,
    evaluateEvery: 1,
    patience: 0,
  }
}

/** Calls `use` with a session of the plan, which is closed afterwards, also on error. */
export async function withSession<T>(
  engine: Engine,
  plan: Plan,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await engine.open(plan)
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}
