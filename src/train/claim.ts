import { ConfigError } from '../errors.ts'
import type { Model } from '../model/model.ts'

/** Models that a run is training: two runs would each overwrite what the other leaves. */
const inTraining = new WeakSet<Model>()

/** Runs `train` while no other run may train the models. Throws ConfigError where one of them is in training already. */
export async function whileTraining<T>(models: readonly Model[], train: () => Promise<T>): Promise<T> {
  if (models.some(model => inTraining.has(model)))
    throw new ConfigError(
      'Another fit is training this model; await it or abort it first, or fit a copy: kan.copy().',
    )
  for (const model of models) inTraining.add(model)
  try {
    return await train()
  } finally {
    for (const model of models) inTraining.delete(model)
  }
}
