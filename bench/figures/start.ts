/** Time to the first step of a program that has just begun: device, shaders and buffers, upload and step. */
import type { Engine } from '../../src/engine/engine.ts'
import type { Context } from '../context.ts'
import { OURS } from '../figure.ts'
import { START } from '../groups.ts'
import { SHAPES } from '../shapes.ts'
import { trainingOf } from '../training.ts'
import { spreadOf } from '../timing.ts'

const PARTS = ['engine', 'session', 'upload and step', 'all'] as const

export async function measureStart(context: Context): Promise<void> {
  const { gpu, cpu, openGpu, openCpu } = context
  for (const name of context.quick ? (['A'] as const) : (['A', 'C'] as const)) {
    if (gpu) await measureSide(context, name, OURS.gpu, async () => (await openGpu()).engine)
    if (cpu) await measureSide(context, name, OURS.cpu, openCpu)
  }
}

async function measureSide(
  { ledger, pace, kernels }: Context,
  name: 'A' | 'C',
  side: string,
  open: () => Promise<Engine>,
): Promise<void> {
  await ledger.attempt({ group: START, name, side }, async () => {
    const { plan, contents } = trainingOf(SHAPES[name], { kernels })
    const values: Record<(typeof PARTS)[number], number[]> = {
      engine: [],
      session: [],
      'upload and step': [],
      all: [],
    }
    for (let n = 0; n < Math.min(5, pace.repetitions); n++) {
      const began = performance.now()
      const engine = await open()
      try {
        const opened = performance.now()
        const session = await engine.open(plan)
        const ready = performance.now()
        await session.upload(contents)
        await session.run(1)
        const done = performance.now()
        values.engine.push(opened - began)
        values.session.push(ready - opened)
        values['upload and step'].push(done - ready)
        values.all.push(done - began)
      } finally {
        await engine.destroy()
      }
    }
    for (const part of PARTS)
      ledger.add({
        group: START,
        name: `${name}, ${part}`,
        side,
        unit: 'ms',
        spread: spreadOf(values[part]),
        // Drivers keep what they compiled: the first repetition is the one a new user has.
        detail: { 'first repetition, ms': values[part][0]! },
      })
  })
}
