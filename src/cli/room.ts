import type { Engine } from '../engine/engine.ts'
import type { Config } from '../model/config.ts'
import { ADAM } from '../train/adam.ts'
import type { FitSettings } from './fitresult.ts'
import type { PreparedTable } from './prepare.ts'

/**
 * Throws OutOfMemoryError when a GPU has no room to train the network: asked before the network itself, up to 4 GiB, is
 * made. The CPU engine's memory is the machine's, which checkMemory compares without taking any.
 */
export async function checkRoom(
  engine: Engine,
  config: Config,
  { split }: PreparedTable,
  { loss, batch, evaluateEvery, patience, seed }: FitSettings,
): Promise<void> {
  if (engine.description.kind !== 'webgpu') return
  const session = await engine.open({
    layers: config.layers,
    trainable: config.trainable,
    models: 1,
    rows: split.train.length,
    batch,
    validationRows: split.validation.length,
    loss,
    optimizer: ADAM,
    seed,
    evaluateEvery,
    patience,
  })
  await session.close()
}
