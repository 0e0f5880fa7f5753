import { ConfigError } from '../errors.ts'
import type { Model } from '../model/model.ts'

/** Models that a run is training: two runs would each overwrite what the other leaves. */
const inTraining = new WeakSet<Model>()

/** What to say of a model that another run trains. */
const BUSY_MODEL =
  'Another fit is training this model; await it or abort it first, or fit a copy: kan.copy().'

/**
 * Runs `train` while no other run may train the models. Throws ConfigError where one of them is in training already, which says
 * what `busy` makes of its number.
 */
export async function whileTraining<T>(
  models: readonly Model[],
  train: () => Promise<T>,
  busy: (number: number) => string = () => BUSY_MODEL,
): Promise<T> {
  const taken = models.findIndex(model => inTraining.has(model))
  if (taken >= 0) throw new ConfigError(busy(taken))
  for (const model of models) inTraining.add(model)
  try {
    return await train()
  } finally {
    for (const model of models) inTraining.delete(model)
  }
}
