/** Iterations a second of the optimizers that look at all rows several times: L-BFGS and Levenberg-Marquardt, on shape A. */
import type { Engine, OptimizerPlan, Session } from '../../src/engine/engine.ts'
import type { Context } from '../context.ts'
import { OURS } from '../figure.ts'
import { ITERATIONS } from '../groups.ts'
import { SHAPES } from '../shapes.ts'
import { openTraining } from '../training.ts'
import { inverted, spreadOf, timeAlone } from '../timing.ts'

/** Iterations from a fresh start: later ones of a converged network would measure something else. */
const LENGTH = { lbfgs: 50, lm: 10 } as const

export async function measureOptimizers(context: Context): Promise<void> {
  const { gpu, cpu } = context
  if (gpu) await measureOptimizer(context, gpu.engine, OURS.gpu, 'lbfgs')
  if (cpu) await measureOptimizer(context, cpu, OURS.cpu, 'lbfgs')
  if (cpu) await measureOptimizer(context, cpu, OURS.cpu, 'lm')
}

async function measureOptimizer(
  { ledger, pace, kernels }: Context,
  engine: Engine,
  side: string,
  kind: 'lbfgs' | 'lm',
): Promise<void> {
  const name = `A, ${kind}`
  await ledger.attempt({ group: ITERATIONS, name, side }, async () => {
    const optimizer: OptimizerPlan = { kind }
    let evaluations = 0
    const run = async (session: Session): Promise<number> => {
      const began = performance.now()
      const progress = await session.run(LENGTH[kind])
      const milliseconds = performance.now() - began
      evaluations = progress.functionEvaluations[0]! / LENGTH[kind]
      return milliseconds / progress.losses.length
    }
    const { values } = await timeAlone(
      {
        name,
        mostSteps: 1,
        async run() {
          const session = await openTraining(engine, SHAPES.A, {
            optimizer,
            kernels: kernels[engine.description.kind === 'cpu' ? 'cpu' : 'gpu'],
          })
          try {
            return await run(session)
          } finally {
            await session.close()
          }
        },
      },
      pace,
    )
    const detail = { 'iterations a repetition': LENGTH[kind], 'evaluations an iteration': evaluations }
    const spread = inverted(spreadOf(values), 1000)
    ledger.add({ group: ITERATIONS, name, side, unit: '1/s', spread, detail })
  })
}
