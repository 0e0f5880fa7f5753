import { expect, it } from 'vitest'
import { prepareTable } from '../../src/cli/prepare.ts'
import { checkRoom } from '../../src/cli/room.ts'
import { chooseTraining, fitOptions } from '../../src/cli/settings.ts'
import type { TrainingOptions } from '../../src/cli/settings.ts'
import { parseTable } from '../../src/data/index.ts'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Engine, Plan } from '../../src/engine/engine.ts'
import { KAN } from '../../src/kan.ts'

const lines = Array.from({ length: 60 }, (_, n) => `${Math.sin(n)},${Math.cos(3 * n)}`)
const table = parseTable(['x,y', ...lines].join('\n'), { name: 'waves.csv' })

/** The CPU engine in a GPU's place, and the plans of the sessions that were opened to train. */
function recording(): { readonly engine: Engine; readonly plans: Plan[] } {
  const cpu = createCpuEngine()
  const plans: Plan[] = []
  return {
    plans,
    engine: {
      description: { ...cpu.description, kind: 'webgpu' },
      open: plan => {
        if (plan.rows > 0) plans.push(plan)
        return cpu.open(plan)
      },
      memory: () => cpu.memory(),
      destroy: () => cpu.destroy(),
      [Symbol.asyncDispose]: () => cpu.destroy(),
    },
  }
}

it.each<[string, number, Omit<TrainingOptions, 'seed' | 'device'>]>([
  [
    'adam',
    0.2,
    { optimizer: 'adam', lambda: 1e-3, entropy: 2, schedule: 'cosine', loss: 'huber', batch: 16 },
  ],
  ['starts and grids', 0.2, { optimizer: 'lbfgs', lambda: 1e-3, restarts: 3, grid: 3, refine: [5] }],
  ['no validation rows', 0, { optimizer: 'adam', loss: 'mae' }],
])('asks a GPU for room for the plans that fit then opens: %s', async (_, validation, typed) => {
  const prepared = prepareTable(table, { target: 'y', task: 'regression', test: 0.2, validation, seed: 0 })
  const options: TrainingOptions = { ...typed, steps: 2, seed: 0, device: 'auto' }
  const { network, settings } = chooseTraining(prepared, options, false)
  const asked = recording()
  await checkRoom(asked.engine, network, prepared, settings)
  expect((await asked.engine.memory()).bytes).toBe(0)
  const used = recording()
  const kan = new KAN(network.options)
  await kan.fit(prepared.train, fitOptions(prepared, settings, used.engine))
  expect(asked.plans).toHaveLength(typed.refine ? 2 : 1)
  expect(asked.plans).toEqual(used.plans)
})
