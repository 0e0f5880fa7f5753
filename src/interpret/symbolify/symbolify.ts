import { withEngine } from '../../train/host.ts'
import type { Engine } from '../../engine/engine.ts'
import { ConfigError } from '../../errors.ts'
import { checkSeed } from '../../model/config.ts'
import { Model } from '../../model/model.ts'
import { checkOptionNames } from '../../model/optionnames.ts'
import { predict } from '../../train/evaluate.ts'
import type { Samples } from '../../train/options.ts'
import { Running } from '../../train/run.ts'
import { checkSamples, holdOut } from '../../train/samples.ts'
import { Random } from '../../random.ts'
import { resolveLibrary } from '../library.ts'
import { paretoFront } from '../pareto.ts'
import { rowErrors } from '../rowerrors.ts'
import type { RowErrors, TargetRows } from '../rowerrors.ts'
import { tryAlternatives } from './alternatives.ts'
import { nameEdges, splineEdges, withoutDeadEnds } from './edges.ts'
import { readFormulas, withoutConstants, worthReading } from './formulas.ts'
import type { ReadFormula } from './formulas.ts'
import { refitNamed } from './ground.ts'
import { withoutTwins } from './merge.ts'
import type { Ground, Named, Place } from './ground.ts'
import type { FoundFormula, Symbolified, SymbolifyOptions, SymbolifyProgress } from './options.ts'

/** Defaults of symbolify. */
export const SYMBOLIFY_DEFAULTS = { simplicity: 0.5, validation: 0.2, tries: 3, seconds: 60 } as const

/** Below so many rows none are held out unless asked for. */
const FEWEST_TO_SPLIT = 40

/** Rows on which functions are tried. */
const TRIAL_ROWS = 500

/** The stream of the generator that chooses them: 'tria' in ASCII. */
const TRIAL_STREAM = 0x74726961

/** Levenberg-Marquardt steps of the splines before the first edge is named. */
const SPLINE_STEPS = 15

/** The same for a network that has lost nodes, and the share of the time that it gets before the whole network has its turn. */
const TWIN_STEPS = 40
const TWIN_SHARE = 0.6

/** A relative mean squared error that ends the search: relative RMSE 1e-10. */
const EXACT = 1e-20

const OPTION_NAMES = Object.keys({
  library: true,
  simplicity: true,
  validation: true,
  tries: true,
  snap: true,
  seconds: true,
  seed: true,
  engine: true,
  signal: true,
} satisfies Record<keyof SymbolifyOptions, true>)

/** A search for formulas that has started: await it for what it found, or iterate over its progress, or both. */
export type Symbolifying<M> = Running<Symbolified<M>, SymbolifyProgress>

/**
 * Replaces all curves of a trained network by known functions, and reads it as formulas: see nameEdges for the order and
 * tryAlternatives for second thoughts. The network itself is not changed. In the end constants are polished in float64 on all
 * training rows and snapped, and every formula is judged by its printed text, beside the spline network's errors. Never
 * NaN: functions that have no value on some row are not taken, and a formula that has none on a held-out row has the error Infinity.
 *
 * The run fulfils when its seconds are over or its signal says so, with the best it has; leaving a loop over it ends it too. It
 * rejects with ConfigError, ShapeError or DataError for options and samples.
 *
 * @param make the caller's kind of model, from the one found
 */
export function symbolify<M>(
  model: Model,
  samples: Samples,
  options: SymbolifyOptions,
  make: (model: Model) => M,
): Symbolifying<M> {
  const board = new Board()
  return new Running(
    control => {
      board.announce = () => control.announce()
      return withEngine(options.engine, engine =>
        new Search(model, samples, options, engine, board, () => control.aborted).run(make),
      )
    },
    board,
    options.signal,
  )
}

/** The newest progress. */
class Board {
  length = 0
  announce = (): void => {}
  #latest: SymbolifyProgress | undefined

  publish(progress: SymbolifyProgress): void {
    this.#latest = progress
    this.length++
    this.announce()
  }

  since(): SymbolifyProgress {
    return this.#latest!
  }
}

interface Settings {
  readonly simplicity: number
  readonly tries: number
  readonly seconds: number
  readonly seed: number
}

function resolve(model: Model, options: SymbolifyOptions): Settings {
  checkOptionNames('symbolify', options, OPTION_NAMES, 'symbolify({ x, y }, { seconds: 30 })')
  const { simplicity, tries, seconds } = { ...SYMBOLIFY_DEFAULTS, ...options }
  if (!(simplicity >= 0 && simplicity <= 1))
    throw new ConfigError(`simplicity is ${simplicity}; it is a weight from 0 (fit alone) to 1.`)
  if (!(Number.isInteger(tries) && tries > 0))
    throw new ConfigError(`tries is ${tries}; give how many functions to try for an edge, at least 1.`)
  if (!(seconds >= 0)) throw new ConfigError(`seconds is ${seconds}; give a number of at least 0.`)
  resolveLibrary(options.library)
  if (model.loss === 'cross-entropy')
    throw new ConfigError(
      'symbolify takes regressions, and this network was trained as a classification; fix its edges by name and fit it, or train a network on each logit.',
    )
  return { simplicity, tries, seconds, seed: checkSeed(options.seed ?? model.config.seed) }
}

/** One run. */
class Search {
  readonly #model: Model
  readonly #options: SymbolifyOptions
  readonly #settings: Settings
  readonly #engine: Engine
  readonly #board: Board
  readonly #aborted: () => boolean
  readonly #started = performance.now()
  readonly #training: TargetRows
  readonly #heldOut: TargetRows | undefined
  #edges: readonly Place[] = []
  /** Seconds after which the search at hand is to end. */
  #limit: number

  constructor(
    model: Model,
    samples: Samples,
    options: SymbolifyOptions,
    engine: Engine,
    board: Board,
    aborted: () => boolean,
  ) {
    this.#settings = resolve(model, options)
    this.#options = options
    this.#engine = engine
    this.#board = board
    this.#aborted = aborted
    const { inputs, outputs } = model.layout
    const shape = { inputs, outputs, loss: 'mse' } as const
    const all = checkSamples(samples, shape)
    const usual = all.weights.length < FEWEST_TO_SPLIT ? 0 : SYMBOLIFY_DEFAULTS.validation
    const { validation = usual } = options
    if (typeof validation === 'object') {
      this.#training = all
      this.#heldOut = checkSamples(validation, shape, 'validation.')
    } else if (validation === 0) {
      this.#training = all
      this.#heldOut = undefined
    } else {
      const split = holdOut(all, shape, validation, this.#settings.seed)
      this.#training = split.training
      this.#heldOut = split.validation
    }
    this.#model = withScaling(model)
    this.#limit = this.#settings.seconds
  }

  async run<M>(make: (model: Model) => M): Promise<Symbolified<M>> {
    const network = await this.#errorsOfNetwork()
    const ground = this.#ground()
    const start = withoutDeadEnds(this.#model)
    const first = await refitNamed(start, new Map(), SPLINE_STEPS, ground)
    if (first === undefined) throw new ConfigError('The network has no value on some rows; fit it first.')
    const tried = await this.#search(first, ground)
    const found = await this.#read(worthReading(tried), ground)
    const { simplicity } = this.#settings
    const front = paretoFront(found, formula => ({ complexity: formula.complexity, error: errorOf(formula) }))
    const score = (formula: FoundFormula): number =>
      (1 - simplicity) * Math.log2(1e-12 + errorOf(formula)) + (simplicity * formula.complexity) / 16
    const best = front.reduce<ReadFormula>((p, q) => (score(q) < score(p) ? q : p), front[0] ?? found[0]!)
    const finished = this.#finished(best)
    return {
      ...bare(best),
      kan: make(finished),
      edges: knownEdges(finished),
      pareto: (front.length > 0 ? front : [best]).map(bare),
      network,
      stop: this.#aborted() ? 'aborted' : this.#isLate() ? 'seconds' : 'done',
      seconds: this.#seconds(),
    }
  }

  /** All networks of known functions that were tried: from the network without its twins first, which is simpler. */
  async #search(first: Named, ground: Ground): Promise<Named[]> {
    const simpler = withoutTwins(first.model, ground.few)
    const single = simpler && (await refitNamed(simpler, new Map(), TWIN_STEPS, ground))
    const tried: Named[] = []
    if (single) {
      this.#limit = TWIN_SHARE * this.#settings.seconds
      tried.push(...(await this.#nameAll(single, ground)))
      this.#limit = this.#settings.seconds
      if (tried[0]!.error <= EXACT || ground.isOver()) return tried
    }
    return [...tried, ...(await this.#nameAll(first, ground))]
  }

  async #nameAll(start: Named, ground: Ground): Promise<Named[]> {
    this.#edges = splineEdges(start.model)
    ground.report({ stage: 'splines', edge: undefined }, start)
    return tryAlternatives(await nameEdges(start, ground), this.#edges, ground)
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000
  }

  #isLate(): boolean {
    return this.#seconds() > this.#settings.seconds
  }

  #ground(): Ground {
    const isOver = (): boolean => this.#aborted() || this.#seconds() > this.#limit
    return {
      few: someRows(this.#training, TRIAL_ROWS, this.#settings.seed),
      training: this.#training,
      refitting: { engine: this.#engine, signal: new AbortController().signal },
      library: this.#options.library,
      simplicity: this.#settings.simplicity,
      tries: this.#settings.tries,
      isOver,
      report: ({ stage, edge }, { functions, error }) =>
        this.#board.publish({
          stage,
          edge,
          fixed: functions.size,
          edges: this.#edges.length,
          relative: Math.sqrt(error),
          seconds: this.#seconds(),
        }),
    }
  }

  async #errorsOfNetwork(): Promise<{ train: RowErrors; heldOut: RowErrors | undefined }> {
    const errors = async (rows: TargetRows): Promise<RowErrors> =>
      rowErrors(await predict(this.#model, rows.x, { engine: this.#engine }), rows)
    return { train: await errors(this.#training), heldOut: this.#heldOut && (await errors(this.#heldOut)) }
  }

  /** The formulas of networks, the best one's at least. */
  async #read(networks: readonly Named[], ground: Ground): Promise<ReadFormula[]> {
    const found: ReadFormula[] = []
    for (const named of networks) {
      ground.report({ stage: 'formulas', edge: undefined }, named)
      const snaps = (this.#options.snap ?? true) && !ground.isOver()
      found.push(...(await readFormulas(named, ground, this.#heldOut, snaps)))
      if (ground.isOver()) break
    }
    return found
  }

  /** The network of a formula as its user gets it: calibrated, with the loss and the trainable groups it had. */
  #finished({ model }: ReadFormula): Model {
    const { config, loss } = this.#model
    const plain = withoutConstants(model)
    const { parameters, knots, mask, scaling, encoder } = plain
    const trained = { ...plain.config, trainable: { ...config.trainable, affine: true } }
    return new Model({ config: trained, parameters, knots, mask, scaling, encoder, loss })
  }
}

/** The edges with known functions. */
function knownEdges({ layout }: Model): (Place & { name: string })[] {
  return layout.layers.flatMap(({ symbolic = [], outputs }, l) =>
    symbolic.map(({ edge, name }) => ({ l, i: Math.floor(edge / outputs), j: edge % outputs, name })),
  )
}

function errorOf({ train, heldOut }: FoundFormula): number {
  return (heldOut ?? train).relative
}

function bare({ model: _model, from: _from, ...formula }: ReadFormula): FoundFormula {
  return formula
}

/** A copy with a scaling, so that refitting does not choose one. */
function withScaling(model: Model): Model {
  const { inputs, outputs } = model.layout
  const identity = (columns: number): { shift: Float64Array; scale: Float64Array } => ({
    shift: new Float64Array(columns),
    scale: new Float64Array(columns).fill(1),
  })
  const copy = new Model(model)
  copy.scaling ??= { input: identity(inputs), output: identity(outputs) }
  return copy
}

/** So many of the rows, at random by the seed: tables are often sorted. */
function someRows({ x, y, weights }: TargetRows, most: number, seed: number): TargetRows {
  const rows = weights.length
  if (rows <= most) return { x, y, weights }
  const chosen = new Random(seed, TRIAL_STREAM).shuffle(Uint32Array.from({ length: rows }, (_, r) => r))
  const take = (values: Float64Array): Float64Array => {
    const columns = values.length / rows
    return Float64Array.from({ length: most * columns }, (_, p) => {
      const row = chosen[Math.floor(p / columns)]!
      return values[row * columns + (p % columns)]!
    })
  }
  return { x: take(x), y: take(y), weights: take(weights) }
}
