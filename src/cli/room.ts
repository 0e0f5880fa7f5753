import type { Engine, KernelChoice, Plan } from '../engine/engine.ts'
import type { Config } from '../model/config.ts'
import { resolveAdam } from '../train/adam.ts'
import { checkHuberDelta, FIT_DEFAULTS } from '../train/defaults.ts'
import { resolvePenalty } from '../train/penalty.ts'
import { openIfRoom } from '../train/population/waves.ts'
import type { FitSettings } from './fitresult.ts'
import type { PreparedTable } from './prepare.ts'
import { fitOptions } from './settings.ts'

/**
 * Throws OutOfMemoryError when a GPU has no room to train the network, on its first grid with all its starts (or one of its
 * seeds) or on its finest one: asked before the network itself, up to 4 GiB, is made. The plans are those that fit makes of the
 * same settings. The CPU engine's memory is the machine's, which checkMemory compares without taking any.
 *
 * @returns the variants of GPU kernels that will train the first grid; empty on the CPU
 */
export async function checkRoom(
  engine: Engine,
  { first, finest }: { readonly first: Config; readonly finest: Config },
  prepared: PreparedTable,
  settings: FitSettings,
): Promise<KernelChoice> {
  if (engine.description.kind !== 'webgpu') return {}
  const cases = [
    { config: first, models: settings.seeds ?? settings.restarts },
    ...(finest === first ? [] : [{ config: finest, models: 1 }]),
  ]
  const kernels: KernelChoice[] = []
  for (const { config, models } of cases) {
    const planOf = (count: number): Plan => planFor(config, count, prepared, settings, engine)
    // Seeds that do not all fit train in waves, of which a single network is the least.
    const session =
      (settings.seeds === undefined ? undefined : await openIfRoom(engine, planOf(models))) ??
      (await engine.open(planOf(settings.seeds === undefined ? models : 1)))
    kernels.push(session.kernels)
    await session.close()
  }
  return kernels[0]!
}

function planFor(
  { layers, trainable }: Config,
  models: number,
  prepared: PreparedTable,
  settings: FitSettings,
  engine: Engine,
): Plan {
  const { loss, seed, evaluateEvery } = settings
  const options = fitOptions(prepared, settings, engine)
  const { optimizer, steps, learningRate = FIT_DEFAULTS.learningRate } = options
  const { patience = FIT_DEFAULTS.patience } = options
  const { penalty } = resolvePenalty(options)
  const huberDelta = checkHuberDelta(options.huberDelta, loss)
  const { train, validation } = prepared.split
  return {
    layers,
    trainable,
    models,
    rows: train.length,
    batch: options.batch ?? train.length,
    validationRows: validation.length,
    loss,
    ...(penalty ? { penalty } : {}),
    ...(huberDelta === undefined ? {} : { huberDelta }),
    optimizer: optimizer === 'adam' ? resolveAdam(options, steps, learningRate) : { kind: optimizer },
    seed,
    evaluateEvery,
    patience,
  }
}
