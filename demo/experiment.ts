/** One network with its samples, and how far its training has come. */
import { ConfigError, KAN } from 'webkan'
import type { Checkpoint, Engine, FitReport, OptimizerName, Run, Scaling } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'
import type { ToyFunction } from 'webkan/data'
import { edgeCurves } from './curves.ts'
import { chosenOptimizer, levenbergLimit, widthOf } from './optimizers.ts'
import type { Settings } from './settings.ts'
import { noHistory } from './snapshot.ts'
import type { History, Picture, Snapshot } from './snapshot.ts'

export const rows = { training: 1000, validation: 200, test: 1000 } as const

/** Beyond every seed that a visitor can set: validation rows are never training rows, and test rows are always the same. */
const validationSeed = 1_000_000_000
const testSeed = 2_000_000_000

/** Points of the picture along an input: maps of 48 x 48, lines of 400. */
const mapPoints = 48
const linePoints = 400

/** Grids that refining climbs, one after another. */
const grids = [2, 5, 10, 20, 50, 100] as const

/** What decides how a network is trained: where one of these changes, a new fit begins. */
interface Method {
  readonly optimizer: OptimizerName
  readonly rate: number
  readonly lambda: number
}

export class Experiment {
  readonly function: ToyFunction
  readonly #training: Samples
  readonly #validation: Samples
  readonly #test: Samples
  readonly #picture: Omit<Picture, 'prediction'> & { readonly x: Float64Array }
  #kan: KAN
  #method: Method
  #checkpoint: Checkpoint | undefined
  /** Steps, their history and evaluations before the present fit began: a new method or network begins a new fit. */
  #before = noHistory
  #evaluationsBefore = 0
  #history: History = this.#before
  #functionEvaluations = 0
  #version = 0
  #isAtRest = false

  /** Throws ConfigError for a network that cannot be. */
  constructor(settings: Settings) {
    const { grid, degree, seed } = settings
    this.function = toyFunction(settings.function)
    this.#kan = new KAN({ width: widthOf(settings), grid, degree, seed })
    this.#method = methodOf(settings)
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

  get functionEvaluations(): number {
    return this.#functionEvaluations
  }

  /** Grows with every change of the network. */
  get version(): number {
    return this.#version
  }

  /** The optimizer found no way down from here. */
  get isAtRest(): boolean {
    return this.#isAtRest
  }

  /** The next finer grid, or why there is none. */
  get finer(): number | string {
    const finer = grids.find(grid => grid > this.#grid)
    if (finer === undefined) return `${this.#grid} intervals are as many as this page can show.`
    const perEdge = this.#kan.trainableParameters / this.#kan.layout.edges
    const parameters = this.#kan.layout.edges * (perEdge + finer - this.#grid)
    if (this.#method.optimizer === 'lm' && parameters > levenbergLimit)
      return `On ${finer} intervals the network would have ${parameters} parameters, too many for Levenberg–Marquardt to train quickly. Prune the network, or choose L-BFGS.`
    return finer
  }

  get #grid(): number {
    return this.#kan.layout.layers[0]!.intervals
  }

  /** Another way to train: the weights stay, the optimizer's memory of past steps goes. */
  configure(settings: Settings): void {
    const method = methodOf(settings)
    if (JSON.stringify(method) === JSON.stringify(this.#method)) return
    this.#beginFit(this.#present())
    this.#method = method
  }

  /** Goes on to the step `until`. The run can be aborted; hand its report to `take`. */
  fit(engine: Engine, until: number): Run {
    const { optimizer, rate, lambda } = this.#method
    return this.#kan.fit(this.#training, {
      engine,
      optimizer,
      ...(optimizer === 'adam' ? { learningRate: rate } : {}),
      lambda,
      restarts: 1,
      steps: until - this.#before.training.length,
      validation: this.#validation,
      ...(this.#checkpoint ? { resume: this.#checkpoint } : {}),
    })
  }

  take({ checkpoint, losses, evaluations, functionEvaluations, stop }: FitReport): void {
    const scale = this.#kan.scaling?.output.scale[0] ?? 1
    const error = (loss: number): number => scale * Math.sqrt(loss)
    const { training, validation, changes, isPenalized } = this.#before
    this.#checkpoint = checkpoint
    this.#functionEvaluations = this.#evaluationsBefore + functionEvaluations
    this.#isAtRest = stop === 'stalled'
    this.#version++
    this.#history = {
      training: [...training, ...Array.from(losses, error)],
      validation: [
        ...validation,
        ...evaluations.map(({ step, loss }) => ({ step: training.length + step, error: error(loss) })),
      ],
      changes,
      isPenalized: isPenalized || this.#method.lambda > 0,
    }
  }

  /** The same curves on the next finer grid, which follows the training rows. Returns why there is none, where there is none. */
  refine(): string | undefined {
    const { finer } = this
    if (typeof finer === 'string') return finer
    const { x } = this.#training
    this.#beginFit(this.#present().updateGrid(x).refine(finer, { x }), `grid ${finer}`)
    return undefined
  }

  /** Without the edges and nodes that matter little. Returns why nothing was removed, where nothing was. */
  async prune(engine: Engine): Promise<string | undefined> {
    const before = this.#present()
    await before.calibrate(this.#training.x, { engine })
    let pruned: KAN
    try {
      pruned = before.prune()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return `Nothing was pruned: in one of the layers every edge scores below 0.03, and without them no path would be left. ${moreLambda}`
    }
    if (edgesOf(pruned) === edgesOf(before))
      return `There is nothing to prune: every edge scores at least 0.03. ${moreLambda}`
    this.#beginFit(pruned, `${edgesOf(pruned)} edges`)
    return undefined
  }

  /** The network after the last step: the model itself holds the best weights by validation. */
  #present(): KAN {
    const now = this.#kan.copy()
    if (this.#checkpoint) now.parameters.set(this.#checkpoint.state.parameters)
    return now
  }

  /** What comes is a fit of its own, of this network; a label tells how it differs from the one before. */
  #beginFit(kan: KAN, label?: string): void {
    this.#kan = kan
    this.#checkpoint = undefined
    this.#isAtRest = false
    this.#version++
    const changes = [...this.#history.changes, ...(label ? [{ step: this.step, label }] : [])]
    this.#history = { ...this.#history, changes }
    this.#before = this.#history
    this.#evaluationsBefore = this.#functionEvaluations
  }

  /**
   * What there is to see of the network after the last step: the best weights would stand still whenever a step was not the
   * best.
   */
  async look(engine: Engine): Promise<Snapshot> {
    // Without it, an untrained network would be drawn, and its error measured, in the network's own units.
    this.#kan.scaling ??= await scalingOf(this.#training, this.function.inputs)
    const version = this.#version
    const now = this.#present()
    await now.calibrate(this.#training.x, { engine })
    const x = new Float64Array(this.#test.x.length + this.#picture.x.length)
    x.set(this.#test.x)
    x.set(this.#picture.x, this.#test.x.length)
    const y = await now.predict(x, { engine })
    const squares = this.#test.y.reduce((sum, target, row) => sum + (y[row]! - target) ** 2, 0)
    const { points, target } = this.#picture
    return {
      function: this.function,
      // The page's networks have sums only.
      width: [now.layout.inputs, ...now.layout.layers.map(layer => layer.nodes)],
      grid: now.layout.layers[0]!.intervals,
      parameters: now.trainableParameters,
      version,
      edges: edgeCurves(now),
      picture: { points, target, prediction: y.slice(rows.test) },
      testError: Math.sqrt(squares / rows.test),
    }
  }
}

const moreLambda =
  'Train with a larger sparsity weight λ, such as 0.001, so that a few edges carry the function, and prune again.'

function methodOf(settings: Settings): Method {
  const optimizer = chosenOptimizer(settings)
  return { optimizer, rate: optimizer === 'adam' ? settings.rate : 0, lambda: settings.lambda }
}

/** Edges that are there: pruning masks some. */
function edgesOf(kan: KAN): number {
  return kan.mask.filter(value => value !== 0).length
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
