import type { Engine } from '../engine.ts'
import type { ParityCase } from './cases.ts'
import { compareAdditions, compareNetworks, trialOf } from './compare.ts'
import { Ledger } from './ledger.ts'
import type { ParityLine } from './ledger.ts'
import { withFusedSteps } from './pinned.ts'
import { observe } from './trial.ts'

/**
 * Compares steps that are fused with the reference's on one case: losses, evaluations, moments, how far the parameters moved, and
 * clipping, decay and schedule, by the results and within the tolerances of the kernels that they stand for (compare.ts).
 */
export async function compareFused(engine: Engine, reference: Engine, test: ParityCase): Promise<ParityLine> {
  const ledger = new Ledger()
  const fused = withFusedSteps(engine)
  const { trial, layout } = await trialOf(reference, test)
  const expected = await observe(reference, trial)
  compareNetworks(ledger, trial, layout, await observe(fused, trial), expected)
  await compareAdditions(ledger, trial, layout, [fused, reference], expected.gradients.parameters)
  return ledger.line(test, 'fused_steps')
}
