import type { Engine, Loss } from './engine/engine.ts'
import { loadModel, saveModel } from './model/file.ts'
import { Model } from './model/model.ts'
import { decodeCheckpoint, encodeCheckpoint } from './train/checkpoint.ts'
import { calibrate, evaluate, predict } from './train/evaluate.ts'
import { fit } from './train/fit.ts'
import type { Checkpoint, Evaluation, FitOptions, RowValues, Samples } from './train/options.ts'
import type { Run } from './train/run.ts'

/**
 * A Kolmogorov-Arnold network with everything one does with it. The model itself is plain data (see Model); each method is
 * a thin door to the function of the same name.
 *
 *     const kan = new KAN({ width: [2, 5, 1], grid: 5, degree: 3, seed: 0 })
 *     const report = await kan.fit({ x, y }, { engine, steps: 1000 })
 *     const outputs = await kan.predict(x, { engine })
 *
 * Where no engine is given, a CPU engine is made for the call and destroyed after it.
 */
export class KAN extends Model {
  /** Trains this model: see fit in train/fit.ts. Starts at once; await it, iterate over it, or both. */
  fit(samples: Samples, options?: FitOptions): Run {
    return fit(this, samples, options)
  }

  /** Outputs [rows][outputs] for x [rows][inputs], both in the table's own units; for a classification the logits. */
  predict(x: RowValues, options?: { readonly engine?: Engine }): Promise<Float64Array> {
    return predict(this, x, options)
  }

  /** Errors on samples. The loss is cross-entropy where the model's table has classes, else mean squared error. */
  evaluate(
    samples: Samples,
    options?: { readonly engine?: Engine; readonly loss?: Loss },
  ): Promise<Evaluation> {
    return evaluate(this, samples, options)
  }

  /** Sets `statistics` to what every edge does on x, in the table's own units; fit ends with it. */
  calibrate(x: RowValues, options?: { readonly engine?: Engine }): Promise<void> {
    return calibrate(this, x, options)
  }

  /** An independent copy. */
  copy(): KAN {
    return new KAN(this)
  }

  /** The model as a safetensors file: see model/file.ts. */
  save(): Uint8Array {
    return saveModel(this)
  }

  /** The model in a file's bytes, bit-equal to the one saved. Throws FormatError. */
  static load(bytes: Uint8Array): KAN {
    return new KAN(loadModel(bytes))
  }
}

/** A model and a run's state, for `fit(samples, { resume })` another day. */
export function saveCheckpoint(kan: Model, checkpoint: Checkpoint): Uint8Array {
  return encodeCheckpoint(kan, checkpoint)
}

/** What saveCheckpoint wrote. Throws FormatError. */
export function loadCheckpoint(bytes: Uint8Array): { kan: KAN; checkpoint: Checkpoint } {
  const { model, checkpoint } = decodeCheckpoint(bytes)
  return { kan: new KAN(model), checkpoint }
}
