import { withEngine } from '../../train/host.ts'
import type { Engine } from '../../engine/engine.ts'
import { ConfigError, StoppedError } from '../../errors.ts'
import { LONGEST_KEPT } from '../../model/formulas.ts'
import { Model } from '../../model/model.ts'
import { muteDeadEnds } from '../../model/mute.ts'
import { predict } from '../../train/evaluate.ts'
import type { Samples } from '../../train/options.ts'
import { createBreather } from '../../train/pace.ts'
import { SearchRun } from '../../train/run.ts'
import type { SearchControl } from '../../train/run.ts'
import { resolveLibrary } from '../curves/library.ts'
import { twoValuedColumns } from '../curves/twovalued.ts'
import { scaledErrors } from '../errors/rowerrors.ts'
import type { RowErrors, WeightedRows } from '../errors/rowerrors.ts'
import { tryAlternatives } from './alternatives.ts'
import { compact } from './compact.ts'
import { knownEdges, MOST_LATE, nameEdges, splineEdges } from './edges.ts'
import { firstNames } from './first.ts'
import { readFormulas, withoutConstants, worthReading } from './formulas.ts'
import type { ReadFormula } from './formulas.ts'
import { bare, ranked } from './ranked.ts'
import { placeOf, refitNamed } from './ground.ts'
import { withoutTwins } from './merge.ts'
import { resolveSettings, someRows, splitSamples, TRIAL_ROWS, withScaling } from './settings.ts'
import type { Settings } from './settings.ts'
import { MILD, straightened, STRONG, thinned } from './thin.ts'
import type { SymbolifyGround, Named, Place } from './ground.ts'
import type { Symbolified, SymbolifyOptions, SymbolifyProgress } from './options.ts'

/** Levenberg-Marquardt steps of the splines before the first edge is named. */
const SPLINE_STEPS = 15

/** The same for a network that has lost nodes. */
const TWIN_STEPS = 40

/** The same of a network with more than MOST_LATE curves, before these are named quickly: firstNames. */
const QUICK_STEPS = 1

/** Milliseconds between looks at the clock, beside a refit under way. */
const WATCHED = 50

/** What is taken from the network before its edges are named, and after which share of the time the next attempt has its turn. */
const ATTEMPTS = [
  { thinning: STRONG, share: 0.4 },
  { thinning: MILD, share: 0.7 },
  { thinning: undefined, share: 1 },
] as const

/** A relative mean squared error that ends the search: relative RMSE 1e-10. */
const EXACT_SQUARE = 1e-20

/**
 * Whether known functions are what the rows have: exactly, or with the splines' own error, give or take what splines follow of
 * the noise. Functions that merely happen to be alike err by another amount, more or less than splines do.
 */
function isFound(error: number, ofSplines: number): boolean {
  return error <= EXACT_SQUARE || (error >= 0.6 * ofSplines && error <= 1.15 * ofSplines)
}

/** A search for formulas that has started: await it for what it found, or iterate over its progress, or both. */
export type Symbolifying<M> = SearchRun<Symbolified<M>, SymbolifyProgress>

/**
 * Replaces all curves of a trained network by known functions, and reads it as formulas: see nameEdges for the order and
 * tryAlternatives for second thoughts. The network itself is not changed. In the end constants are polished in float64 on all
 * training rows and snapped, and every formula is judged by its printed text, beside the spline network's errors. Never NaN:
 * functions that have no value on some row are not taken, and a formula that has none on a held-out row has the error Infinity.
 *
 * The run fulfils when its seconds are over or its signal says so, with the best it has; leaving a loop over it ends it too. It
 * rejects with ConfigError, ShapeError or DataError for options and samples, and with StoppedError where its signal comes before there
 * is a formula: in the first seconds of a network with more than twenty edges, of which there is a quick one then (firstNames).
 *
 * @param make the caller's kind of model, from the one found
 */
export function symbolify<M>(
  model: Model,
  samples: Samples,
  options: SymbolifyOptions,
  make: (model: Model) => M,
): Symbolifying<M> {
  return new SearchRun(
    control =>
      withEngine(options.engine, engine =>
        new Symbolification(model, samples, options, engine, control).run(make),
      ),
    options.signal,
  )
}

/** One run. */
class Symbolification {
  readonly #model: Model
  readonly #options: SymbolifyOptions
  readonly #settings: Settings
  readonly #engine: Engine
  readonly #control: SearchControl<SymbolifyProgress>
  readonly #started = performance.now()
  readonly #training: WeightedRows
  readonly #heldOut: WeightedRows | undefined
  #edges: readonly Place[] = []
  /** Seconds after which the search at hand is to end, and what ends a refit then. */
  #limit: number
  #controller = new AbortController()

  constructor(
    model: Model,
    samples: Samples,
    options: SymbolifyOptions,
    engine: Engine,
    control: SearchControl<SymbolifyProgress>,
  ) {
    this.#settings = resolveSettings(model, options)
    this.#options = options
    this.#engine = engine
    this.#control = control
    const { training, heldOut } = splitSamples(model, samples, options, this.#settings.seed)
    this.#training = training
    this.#heldOut = heldOut
    this.#model = withScaling(model)
    this.#limit = this.#settings.seconds
  }

  async run<M>(make: (model: Model) => M): Promise<Symbolified<M>> {
    const ground = this.#ground()
    const timer = setInterval(() => {
      if (ground.isOver()) this.#controller.abort()
    }, WATCHED)
    try {
      return await this.#run(ground, make)
    } finally {
      clearInterval(timer)
    }
  }

  async #run<M>(ground: SymbolifyGround, make: (model: Model) => M): Promise<Symbolified<M>> {
    const network = await this.#errorsOfNetwork()
    const start = new Model(this.#model)
    muteDeadEnds(start)
    const isWide = splineEdges(start).length > MOST_LATE
    const first = await refitNamed(start, new Map(), isWide ? QUICK_STEPS : SPLINE_STEPS, ground)
    if (first === undefined)
      throw new ConfigError(
        'The network has no edge that leads to an output, or no value on some rows; fit it first.',
      )
    const tried = isWide ? await this.#searchWide(first, ground) : await this.#search(first, [], ground)
    if (tried.length === 0)
      throw new StoppedError(
        `The search was stopped after ${this.#seconds().toFixed(1)} s, before it had a formula: the network has ${splineEdges(first.model).length} curves to name. Let it run longer, or prune the network first.`,
      )
    const found = await this.#read(worthReading(tried), ground)
    const { front, best } = ranked(found, this.#settings.simplicity, this.#training.weights.length)
    const finished = this.#finished(best)
    return {
      ...bare(best),
      kan: make(finished),
      edges: knownEdges(finished),
      pareto: (front.length > 0 ? front : [best]).map(bare),
      network,
      stop: this.#control.aborted ? 'aborted' : this.#isLate() ? 'seconds' : 'done',
      seconds: this.#seconds(),
    }
  }

  /**
   * All networks of known functions that were tried, from the simplest network first: what is left after strong thinning, then
   * after mild thinning, then all of it, until one of them is what the rows have.
   */
  async #search(first: Named, known: readonly Named[], ground: SymbolifyGround): Promise<Named[]> {
    const tried = [...known]
    const sizes = new Set<number>()
    for (const { share, thinning } of ATTEMPTS) {
      this.#limit = share * this.#settings.seconds
      this.#controller = new AbortController()
      const thin = thinning ? await thinned(await this.#merged(first, ground), ground, thinning) : first
      if (ground.isStopped() && tried.length > 0) break
      const size = splineEdges(thin.model).length
      if (!sizes.has(size))
        tried.push(...(await this.#nameAll(await straightened(thin, ground), ground, tried.length > 0)))
      sizes.add(size)
      if (ground.isStopped() || tried.some(({ error }) => isFound(error, first.error))) break
    }
    this.#limit = this.#settings.seconds
    this.#controller = new AbortController()
    return tried
  }

  /** Of a network with many curves: a quick formula, and what is found in the time that is left. */
  async #searchWide(quick: Named, ground: SymbolifyGround): Promise<Named[]> {
    this.#edges = splineEdges(quick.model)
    const named = await firstNames(quick, ground)
    if (ground.isStopped())
      return named ? [named] : this.#control.aborted ? [] : this.#search(quick, [], ground)
    const first = (await refitNamed(quick.model, quick.functions, SPLINE_STEPS, ground)) ?? quick
    return this.#search(first, named ? [named] : [], ground)
  }

  /** The network with nodes that say the same taken for one. */
  async #merged(first: Named, ground: SymbolifyGround): Promise<Named> {
    const single = withoutTwins(first.model, ground.few)
    return (single && (await refitNamed(single, first.functions, TWIN_STEPS, ground))) ?? first
  }

  async #nameAll(start: Named, ground: SymbolifyGround, hasFormula: boolean): Promise<Named[]> {
    this.#edges = [...start.functions.keys()].map(placeOf).concat(splineEdges(start.model))
    ground.report({ stage: 'splines', edge: undefined }, start)
    const named = await nameEdges(start, ground, hasFormula)
    return named ? tryAlternatives(named, this.#edges, ground) : []
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000
  }

  #isLate(): boolean {
    return this.#seconds() > this.#settings.seconds
  }

  #ground(): SymbolifyGround {
    const signal = (): AbortSignal => this.#controller.signal
    const isOver = (): boolean => this.#control.aborted || this.#seconds() > this.#limit
    const breathe = createBreather()
    return {
      few: someRows(this.#training, TRIAL_ROWS, this.#settings.seed),
      training: this.#training,
      engine: this.#engine,
      get signal() {
        return signal()
      },
      library: this.#options.library,
      functions: resolveLibrary(this.#options.library),
      twoValued: twoValuedColumns(this.#training.x, this.#model.layout.inputs),
      simplicity: this.#settings.simplicity,
      tries: this.#settings.tries,
      isOver,
      isAborted: () => this.#control.aborted,
      isStopped: () => this.#control.aborted || this.#isLate(),
      breathe,
      report: ({ stage, edge }, { functions, error }) =>
        this.#control.publish({
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
    const errors = async (rows: WeightedRows): Promise<RowErrors> =>
      scaledErrors(
        await predict(this.#model, rows.x, { engine: this.#engine }),
        rows,
        this.#model.scaling?.output.log,
      )
    return { train: await errors(this.#training), heldOut: this.#heldOut && (await errors(this.#heldOut)) }
  }

  /** The formulas of networks, the best one's at least. */
  async #read(networks: readonly Named[], ground: SymbolifyGround): Promise<ReadFormula[]> {
    const found: ReadFormula[] = []
    for (const named of networks) {
      ground.report({ stage: 'formulas', edge: undefined }, named)
      found.push(...(await readFormulas(named, ground, this.#heldOut, this.#options.snap ?? true)))
      if (ground.isOver()) break
    }
    const whole = found.filter(({ hasPole, train }) => !hasPole && train.rmse < Infinity)
    return whole.length > 0 ? whole : found
  }

  /**
   * The network of a formula as its user gets it: calibrated, with the loss and the trainable groups it had, and the formula
   * itself.
   */
  #finished({ model, texts }: ReadFormula): Model {
    const { config, loss } = this.#model
    const plain = compact(withoutConstants(model))
    const { parameters, knots, mask, scaling, encoder, statistics } = plain
    const trained = { ...plain.config, trainable: { ...config.trainable, affine: true } }
    const formulas = texts.every(text => text.length <= LONGEST_KEPT) ? texts : undefined
    return new Model({
      config: trained,
      parameters,
      knots,
      mask,
      scaling,
      encoder,
      statistics,
      loss,
      formulas,
    })
  }
}
