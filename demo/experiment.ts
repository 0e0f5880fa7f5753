/** One network with its samples, and how far its training has come. */
import { KAN } from 'webkan'
import type { Checkpoint, Engine, FitReport, Run, Scaling } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'
import type { ToyFunction } from 'webkan/data'
import { edgeCurves } from './curves.ts'
import type { Settings } from './settings.ts'
import type { History, Picture, Snapshot } from './snapshot.ts'

export const rows = { training: 1000, validation: 200, test: 1000 } as const

/** Beyond every seed that a visitor can set: validation rows are never training rows, and test rows are always the same. */
const validationSeed = 1_000_000_000
const testSeed = 2_000_000_000

/** Points of the picture along an input: maps of 48 x 48, lines of 400. */
const mapPoints = 48
const linePoints = 400

export class Experiment {
  readonly settings: Settings
  readonly function: ToyFunction
  readonly kan: KAN
  readonly #training: Samples
  readonly #validation: Samples
  readonly #test: Samples
  readonly #picture: Omit<Picture, 'prediction'> & { readonly x: Float64Array }
  #rate: number
  #checkpoint: Checkpoint | undefined
  /** Steps, and their history, before the present fit began: a new learning rate begins a new fit. */
  #before: History = { training: [], validation: [] }
  #history: History = this.#before

  /** Throws ConfigError for a network that cannot be. */
  constructor(settings: Settings) {
    const { hidden, grid, degree, seed } = settings
    this.settings = settings
    this.function = toyFunction(settings.function)
    this.kan = new KAN({ width: [this.function.inputs, ...hidden, 1], grid, degree, seed })
    this.#rate = settings.rate
    this.#training = sampleFunction(this.function, rows.training, seed)
    this.#validation = sampleFunction(this.function, rows.validation, validationSeed + seed)
    this.#test = sampleFunction(this.function, rows.test, testSeed)
    this.#picture = pictureOf(this.function)
  }

  get step(): number {
    return this.#history.training.length
  }

  get history(): History {
    return this.#history
  }

  /** A new learning rate: the weights stay, Adam's memory of past gradients goes. */
  setRate(rate: number): void {
    if (rate === this.#rate) return
    this.#rate = rate
    if (this.#checkpoint) this.kan.parameters.set(this.#checkpoint.state.parameters)
    this.#checkpoint = undefined
    this.#before = this.#history
  }

  /** Goes on to the step `until`. The run can be aborted; hand its report to `take`. */
  fit(engine: Engine, until: number): Run {
    return this.kan.fit(this.#training, {
      engine,
      learningRate: this.#rate,
      steps: until - this.#before.training.length,
      validation: this.#validation,
      ...(this.#checkpoint ? { resume: this.#checkpoint } : {}),
    })
  }

  take({ checkpoint, losses, evaluations }: FitReport): void {
    const scale = this.kan.scaling?.output.scale[0] ?? 1
    const error = (loss: number): number => scale * Math.sqrt(loss)
    const start = this.#before.training.length
    this.#checkpoint = checkpoint
    this.#history = {
      training: [...this.#before.training, ...Array.from(losses, error)],
      validation: [
        ...this.#before.validation,
        ...evaluations.map(({ step, loss }) => ({ step: start + step, error: error(loss) })),
      ],
    }
  }

  /**
   * The network as it is after the last step (the model itself keeps the best weights by validation, which would stand
   * still in the picture whenever a step was not the best).
   */
  async look(engine: Engine): Promise<Snapshot> {
    // Without it, an untrained network would be drawn, and its error measured, in the network's own units.
    this.kan.scaling ??= await scalingOf(this.#training, this.function.inputs)
    const now = this.kan.copy()
    if (this.#checkpoint) now.parameters.set(this.#checkpoint.state.parameters)
    await now.calibrate(this.#training.x, { engine })
    const x = new Float64Array(this.#test.x.length + this.#picture.x.length)
    x.set(this.#test.x)
    x.set(this.#picture.x, this.#test.x.length)
    const y = await now.predict(x, { engine })
    const squares = this.#test.y.reduce((sum, target, row) => sum + (y[row]! - target) ** 2, 0)
    const { points, target } = this.#picture
    return {
      settings: this.settings,
      function: this.function,
      width: now.width,
      parameters: now.trainableParameters,
      step: this.step,
      edges: edgeCurves(now),
      picture: { points, target, prediction: y.slice(rows.test) },
      testError: Math.sqrt(squares / rows.test),
    }
  }
}

interface Samples {
  readonly x: Float64Array
  readonly y: Float64Array
}

/**
 * The scaling that a fit to these samples sets, whatever the hidden layers: a fit aborted before its first step sets it and
 * does nothing else, and on the smallest network it takes about a millisecond.
 */
async function scalingOf(samples: Samples, inputs: number): Promise<Scaling | undefined> {
  const smallest = new KAN({ width: [inputs, 1], grid: 1, degree: 1 })
  await smallest.fit(samples, { signal: AbortSignal.abort() })
  return smallest.scaling
}

function pictureOf(fn: ToyFunction): { points: number; x: Float64Array; target: Float64Array } {
  const points = fn.inputs === 1 ? linePoints : mapPoints
  const count = fn.inputs === 1 ? points : points ** 2
  const [low, high] = fn.range
  const x = new Float64Array(count * fn.inputs)
  const place = (p: number): number => low + ((high - low) * p) / (points - 1)
  for (let row = 0; row < count; row++) {
    x[row * fn.inputs] = place(row % points)
    if (fn.inputs > 1) x[row * fn.inputs + 1] = place(Math.floor(row / points))
  }
  const target = Float64Array.from({ length: count }, (_, row) =>
    fn.evaluate(x.subarray(row * fn.inputs, (row + 1) * fn.inputs)),
  )
  return { points, x, target }
}
