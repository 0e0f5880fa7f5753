import type { Engine, OptimizerPlan } from '../engine/engine.ts'
import type { Config } from '../model/config.ts'
import { ADAM } from '../train/adam.ts'
import type { FitSettings } from './fitresult.ts'
import type { PreparedTable } from './prepare.ts'

/**
 * Throws OutOfMemoryError when a GPU has no room to train the network, on its first grid with all its starts or on its finest one:
 * asked before the network itself, up to 4 GiB, is made. The CPU engine's memory is the machine's, which checkMemory compares without taking any.
 */
export async function checkRoom(
  engine: Engine,
  { first, finest }: { readonly first: Config; readonly finest: Config },
  { split }: PreparedTable,
  { loss, batch, optimizer, restarts, evaluateEvery, patience, seed }: FitSettings,
): Promise<void> {
  if (engine.description.kind !== 'webgpu') return
  const plan: OptimizerPlan = optimizer === 'adam' ? ADAM : { kind: optimizer }
  const cases = [
    { config: first, models: restarts },
    ...(finest === first ? [] : [{ config: finest, models: 1 }]),
  ]
  for (const { config, models } of cases) {
    const session = await engine.open({
      layers: config.layers,
      trainable: config.trainable,
      models,
      rows: split.train.length,
      batch,
      validationRows: split.validation.length,
      loss,
      optimizer: plan,
      seed,
      evaluateEvery,
      patience,
    })
    await session.close()
  }
}
