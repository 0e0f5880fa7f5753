/** M networks of shape A side by side, each with a seed of its own: what a step of all of them takes. */
import type { Engine } from '../../src/engine/engine.ts'
import type { Context } from '../context.ts'
import { OURS } from '../figure.ts'
import { POPULATION } from '../groups.ts'
import { SHAPES } from '../shapes.ts'
import { openTraining, timeSteps, trainingOf } from '../training.ts'
import { spreadOf, timeAlone } from '../timing.ts'
import { stepFlops } from '../work.ts'
import { ceilingOf } from './kernels.ts'

export async function measurePopulation(context: Context): Promise<void> {
  const { gpu, cpu, quick } = context
  for (const models of quick ? [1, 16] : [1, 16, 64, 256]) {
    if (gpu) await measureModels(context, gpu.engine, OURS.gpu, models)
    if (cpu) await measureModels(context, cpu, OURS.cpu, models)
  }
}

async function measureModels(
  { ledger, pace, kernels }: Context,
  engine: Engine,
  side: string,
  models: number,
): Promise<void> {
  const key = { group: POPULATION, name: String(models), side }
  await ledger.attempt(key, async () => {
    const session = await openTraining(engine, SHAPES.A, {
      models,
      kernels: kernels[engine.description.kind === 'cpu' ? 'cpu' : 'gpu'],
    })
    try {
      const { values, steps } = await timeAlone({ name: side, run: n => timeSteps(session, n) }, pace)
      const spread = spreadOf(values)
      const { layers, batch } = trainingOf(SHAPES.A).plan
      const flops = stepFlops(layers, batch, models)
      const ceiling = side === OURS.gpu ? ceilingOf(ledger) : undefined
      const detail = {
        'steps a repetition': steps,
        'ms a model and step': spread.median / models,
        'GFLOP/s': flops / spread.median / 1e6,
        ...(ceiling ? { 'share of FMA': flops / ceiling.flops / spread.median } : {}),
      }
      ledger.add({ ...key, unit: 'ms', spread, detail })
    } finally {
      await session.close()
    }
  })
}
