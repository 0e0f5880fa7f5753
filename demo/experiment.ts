/** One network with its samples, and how far its training has come. */
import { ConfigError, KAN } from 'webkan'
import type { Checkpoint, Engine, FitReport, OptimizerName, Run } from 'webkan'
import { toyFunction } from 'webkan/data'
import type { ToyFunction } from 'webkan/data'
import { adoption } from './changes.ts'
import type { Change } from './changes.ts'
import { edgeCurves, hasKnown, presentEdges } from './curves.ts'
import { chosenOptimizer, knownLimit, levenbergLimit, widthOf } from './optimizers.ts'
import { Past } from './past.ts'
import { pictureOf, rows, rowSets } from './samples.ts'
import type { RowSets } from './samples.ts'
import { scalingOf } from './scaling.ts'
import type { Settings } from './settings.ts'
import { noHistory } from './snapshot.ts'
import type { History, Picture, Snapshot } from './snapshot.ts'

/** Grids that refining climbs, one after another. */
const grids = [2, 5, 10, 20, 50, 100] as const

/** What decides how a network is trained: where one of these changes, a new fit begins. */
interface Method {
  readonly optimizer: OptimizerName
  readonly rate: number
  readonly lambda: number
}

/** A network and how it came to be. */
interface Moment {
  readonly kan: KAN
  readonly method: Method
  readonly checkpoint: Checkpoint | undefined
  /** Steps, their history and evaluations before the present fit began: a new method or network begins a new fit. */
  readonly before: History
  readonly evaluationsBefore: number
  readonly history: History
  readonly functionEvaluations: number
  /** The optimizer found no way down from here. */
  readonly isAtRest: boolean
}

export class Experiment {
  readonly function: ToyFunction
  readonly rowSets: RowSets
  readonly #picture: Omit<Picture, 'prediction'> & { readonly x: Float64Array }
  #thresholds: Pick<Settings, 'pruneEdges' | 'pruneNodes'>
  #now: Moment
  readonly #past: Past
  #version = 0

  /** `past` takes what can be undone, also of networks before this one. Throws ConfigError for a network that cannot be. */
  constructor(settings: Settings, past = new Past()) {
    this.#past = past
    const { grid, degree, seed } = settings
    this.function = toyFunction(settings.function)
    this.rowSets = rowSets(this.function, seed)
    this.#picture = pictureOf(this.function)
    this.#thresholds = settings
    this.#now = {
      kan: new KAN({ width: widthOf(settings), grid, degree, seed }),
      method: methodOf(settings, false),
      checkpoint: undefined,
      before: noHistory,
      evaluationsBefore: 0,
      history: noHistory,
      functionEvaluations: 0,
      isAtRest: false,
    }
  }

  get step(): number {
    return this.history.training.length
  }

  get history(): History {
    return this.#now.history
  }

  get functionEvaluations(): number {
    return this.#now.functionEvaluations
  }

  /** Grows with every change of the network. */
  get version(): number {
    return this.#version
  }

  /** The optimizer found no way down from here. */
  get isAtRest(): boolean {
    return this.#now.isAtRest
  }

  /** Whether an edge is a known function: such networks train in float64 only. */
  get hasKnown(): boolean {
    return hasKnown(this.#now.kan)
  }

  /** The next finer grid, or why there is none. */
  get finer(): number | string {
    const { kan, method } = this.#now
    const finer = grids.find(grid => grid > this.#grid)
    if (finer === undefined) return `${this.#grid} intervals are as many as this page can show.`
    const perEdge = kan.trainableParameters / kan.layout.edges
    const parameters = kan.layout.edges * (perEdge + finer - this.#grid)
    if (method.optimizer === 'lm' && parameters > levenbergLimit)
      return `On ${finer} intervals the network would have ${parameters} parameters, too many for Levenberg–Marquardt to train quickly. Prune the network, or choose L-BFGS.`
    return finer
  }

  get #grid(): number {
    return this.#now.kan.layout.layers[0]!.intervals
  }

  /** Another way to train: the weights stay, the optimizer's memory of past steps goes. */
  configure(settings: Settings): void {
    this.#thresholds = settings
    const method = methodOf(settings, this.hasKnown)
    if (JSON.stringify(method) === JSON.stringify(this.#now.method)) return
    this.#beginFit(this.#present())
    this.#now = { ...this.#now, method }
  }

  /** Goes on to the step `until`. The run can be aborted; hand its report to `take`. */
  fit(engine: Engine, until: number): Run {
    const { kan, checkpoint, before, method } = this.#now
    const { optimizer, rate, lambda } = method
    return kan.fit(this.rowSets.training, {
      engine,
      optimizer,
      ...(optimizer === 'adam' ? { learningRate: rate } : {}),
      lambda,
      restarts: 1,
      steps: until - before.training.length,
      validation: this.rowSets.validation,
      ...(checkpoint ? { resume: checkpoint } : {}),
    })
  }

  take({ checkpoint, losses, evaluations, functionEvaluations, stop }: FitReport): void {
    const { kan, before, evaluationsBefore, method } = this.#now
    const scale = kan.scaling?.output.scale[0] ?? 1
    const error = (loss: number): number => scale * Math.sqrt(loss)
    const { training, validation, changes, isPenalized } = before
    this.#version++
    this.#now = {
      ...this.#now,
      checkpoint,
      functionEvaluations: evaluationsBefore + functionEvaluations,
      isAtRest: stop === 'stalled',
      history: {
        training: [...training, ...Array.from(losses, error)],
        validation: [
          ...validation,
          ...evaluations.map(({ step, loss }) => ({ step: training.length + step, error: error(loss) })),
        ],
        changes,
        isPenalized: isPenalized || method.lambda > 0,
      },
    }
  }

  /** Changes the network. Returns why it was not changed, where it was not. */
  async change(change: Change, engine: Engine): Promise<string | undefined> {
    if (change.kind === 'refine') return this.#refine()
    if (change.kind === 'prune') return this.#prune(engine)
    if (change.kind === 'adopt') this.#begin(KAN.load(change.model), 'formula', adoption)
    else {
      const { layer, input, output } = change.edge
      const now = this.#present()
      if (change.kind === 'unfix')
        this.#begin(now.unfix(layer, input, output), 'spline', 'the return to a spline')
      else {
        const { trainableParameters } = now
        if (trainableParameters > knownLimit)
          return `With a known function only Levenberg–Marquardt would train the network, which has ${trainableParameters} parameters: more than ${knownLimit} are too many for it. Prune the network first.`
        const { name, affine } = change.curve
        this.#begin(now.fix(layer, input, output, name, affine), name, `the known function ${name}`)
      }
    }
    return undefined
  }

  /** The same curves on the next finer grid, which follows the training rows. */
  #refine(): string | undefined {
    const { finer } = this
    if (typeof finer === 'string') return finer
    const { x } = this.rowSets.training
    this.#begin(this.#present().updateGrid(x).refine(finer, { x }), `grid ${finer}`, 'the finer grid')
    return undefined
  }

  /** Without the edges and nodes that matter little. */
  async #prune(engine: Engine): Promise<string | undefined> {
    const { pruneEdges: edge, pruneNodes: node } = this.#thresholds
    const before = this.#present()
    await before.calibrate(this.rowSets.training.x, { engine })
    let pruned: KAN
    try {
      pruned = before.prune({ edge, node })
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return `Nothing was pruned: no path would be left without the edges that score below ${edge} and the nodes below ${node}. ${moreLambda}`
    }
    const left = edgesOf(pruned)
    if (left === edgesOf(before))
      return `There is nothing to prune: every edge scores at least ${edge}, every node ${node}. ${moreLambda}`
    this.#begin(pruned, `${left} edges`, 'the pruning')
    return undefined
  }

  /** What brings back, once, the network as it is now and how far its training has come. */
  keep(): () => void {
    // Training goes on in the network itself.
    const moment = { ...this.#now, kan: this.#now.kan.copy() }
    return () => {
      this.#now = moment
      this.#version++
    }
  }

  /** The network after the last step: the model itself holds the best weights by validation. */
  #present(): KAN {
    const { kan, checkpoint } = this.#now
    const now = kan.copy()
    if (checkpoint) now.parameters.set(checkpoint.state.parameters)
    return now
  }

  /** Begins a fit of another network, which can be undone. `label` tells how it differs from the one before. */
  #begin(kan: KAN, label: string, change: string): void {
    this.#past.add(change, this.keep())
    const { history } = this.#now
    const changes = [...history.changes, { step: this.step, label }]
    this.#now = { ...this.#now, history: { ...history, changes } }
    this.#beginFit(kan)
  }

  /** What comes is a fit of its own, of this network. */
  #beginFit(kan: KAN): void {
    this.#version++
    const { history, functionEvaluations } = this.#now
    this.#now = {
      ...this.#now,
      kan,
      checkpoint: undefined,
      isAtRest: false,
      before: history,
      evaluationsBefore: functionEvaluations,
    }
  }

  /**
   * What there is to see of the network after the last step: the best weights would stand still whenever a step was not the
   * best.
   */
  async look(engine: Engine): Promise<Snapshot> {
    const { training, test } = this.rowSets
    // Without it, an untrained network would be drawn, and its error measured, in the network's own units.
    this.#now.kan.scaling ??= await scalingOf(training, this.function.inputs)
    const version = this.#version
    const now = this.#present()
    await now.calibrate(training.x, { engine })
    const x = new Float64Array(test.x.length + this.#picture.x.length)
    x.set(test.x)
    x.set(this.#picture.x, test.x.length)
    const y = await now.predict(x, { engine })
    const squares = test.y.reduce((sum, target, row) => sum + (y[row]! - target) ** 2, 0)
    const { points, target } = this.#picture
    const { layers, inputs } = now.layout
    return {
      function: this.function,
      rowSets: this.rowSets,
      width: [inputs, ...layers.map(({ nodes }) => nodes)],
      products: layers.map(({ products = [] }) => products),
      grid: layers[0]!.intervals,
      parameters: now.trainableParameters,
      version,
      model: now,
      edges: edgeCurves(now),
      picture: { points, target, prediction: y.slice(rows.test) },
      testError: Math.sqrt(squares / rows.test),
    }
  }
}

const moreLambda =
  'Train with a larger sparsity weight λ, such as 0.001, so that a few edges carry the function, and prune again.'

function methodOf(settings: Settings, isKnown: boolean): Method {
  const optimizer = chosenOptimizer(settings, isKnown)
  return { optimizer, rate: optimizer === 'adam' ? settings.rate : 0, lambda: settings.lambda }
}

/** Edges that are there: pruning takes some. */
function edgesOf(kan: KAN): number {
  return kan.layout.layers.reduce((sum, _, l) => sum + presentEdges(kan.layer(l)).length, 0)
}
