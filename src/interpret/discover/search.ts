import { complexity } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import type { LibraryChoice } from '../curves/library.ts'
import { Climbed } from './structures/climbed.ts'
import { errorOf, grow, growOn, LATER_STEPS, plant, train } from './networks/grow.ts'
import type { Ground, Grown } from './networks/grow.ts'
import type { DiscoverStage } from './options.ts'
import { GRIDS, PROMISING, readNetwork, REFINE_STEPS } from './reading/network.ts'
import { structureText } from './structures/structures.ts'
import type { Rung } from './structures/structures.ts'
import { prunedOn } from './networks/thin.ts'
import { limitsOf } from './structures/limits.ts'
import type { Limits } from './structures/limits.ts'
import { pairFormulas } from './reading/onecolumn.ts'
import { BestNetworks } from './networks/best.ts'
import { isLikeNoise } from './judging/residuals.ts'
import { isTested } from './judging/trivial.ts'

/** A formula on its way: constants fitted, not yet snapped. */
export interface Found {
  readonly expression: Expression
  /** Its error on the validation rows: see Judge. */
  readonly error: number
  readonly complexity: number
  /** The network it was read from. */
  readonly from: Grown
}

/** What the search is told, and whom it tells. */
interface SearchOptions {
  readonly library: LibraryChoice | undefined
  /** True when it shall end. */
  readonly over: () => boolean
  readonly tell: (stage: DiscoverStage, structure: string) => void
}

/** Steps of a network's first training, after which the worse ones of a step of the ladder are given up. */
const FIRST_STEPS = 24
/** How many of a step's networks go on, and how many of these are read. */
const [SHARE, FEWEST] = [0.3, 10]
const MOST_READ = 6
/**
 * Networks whose last edges are lines go on only where their error is so many times that of the best network, or of a promising one, at
 * most: their first steps lead nearly to the end.
 */
const WITHIN_REACH = 10
/** A network that is not promising is read when its error is at most so many times that of the best formula and network. */
const [GAIN, NEAR_BEST] = [0.9, 3]
/** A network on a finer grid with an error below this share of all others' shows that these have not come to noise. */
const FINER = 0.8
/** Steps and penalty of a network that shall become sparse. */
const SPARSE_STEPS = 60
const LAMBDA = 1e-2

/** Networks that are given other starts at a time. */
const AGAIN = 6
/** Where errors are noise, networks with an error of at most so many times the least one are as good. */
const AS_GOOD = 1.1
/** A formula is plain up to a complexity of so much for each column and for all, before its numbers are written. */
const PLAIN = { column: 6, all: 8 } as const
/** A network's error above this is noise, where no other one has a smaller one: splines come nearer to most laws. */
export const SPLINE_ERROR = 3e-3
/** Formulas and networks of one search. */
export class Search {
  readonly ground: Ground
  readonly #options: SearchOptions
  readonly found: Found[] = []
  /** The best error of a formula and of a network so far. */
  formula = Infinity
  network = Infinity
  /** The best networks so far, whatever was read from them. */
  readonly networks: BestNetworks
  /** Starts of networks that were trained. */
  starts = 0
  #smooth: boolean | undefined
  #measured = false
  /** Networks of the steps before the measure, which are read again where it says that their errors were noise. */
  readonly #early: Grown[] = []
  readonly #climbed = new Climbed()
  readonly #limits: Limits

  constructor(ground: Ground, options: SearchOptions) {
    this.ground = ground
    this.#options = options
    this.networks = new BestNetworks(ground)
    this.#limits = limitsOf(options.library, ground.log)
  }

  /** A formula with no error but rounding. */
  get exact(): boolean {
    return this.formula <= this.ground.judge.exact
  }

  get #over(): boolean {
    return this.exact || this.#options.over()
  }

  /**
   * One step of the ladder: all its networks a little, the better ones on, and the best ones read. Of networks that were grown before,
   * from other starts, only those that come out better go on.
   */
  async climb(rungs: readonly Rung[]): Promise<void> {
    const young: Grown[] = []
    for (const rung of rungs) {
      if (this.#over) break
      this.#tell('fit', rung)
      const one = await grow(rung, this.ground, {
        steps: FIRST_STEPS,
        goodEnough: PROMISING,
        over: this.#options.over,
        tried: this.#climbed.startsOf(rung),
      })
      if (this.#climbed.note(rung, one)) young.push(one)
      this.networks.keep(one)
      this.starts += one.starts
    }
    const grown: Grown[] = []
    const most = Math.max(FEWEST, Math.ceil(SHARE * young.length))
    const reach = WITHIN_REACH * Math.max(PROMISING, this.network)
    const worth = young.filter(({ rung, error }) => rung.structure.lines !== true || error < reach)
    for (const one of sorted(worth).slice(0, most)) {
      if (this.#over) break
      this.#tell('fit', one.rung)
      const on = await growOn(one, this.ground, { steps: LATER_STEPS })
      grown.push(on)
      this.networks.keep(on)
      this.network = Math.min(this.network, on.error)
    }
    // Of several that fit, the one with the fewest edges is the likeliest to be the law's.
    const promising = grown.filter(({ error }) => error < PROMISING).toSorted((a, b) => edges(a) - edges(b))
    const others = sorted(grown).filter(({ error }) => error >= PROMISING)
    // Where no rows are held out, errors do not tell networks apart, and what is simple decides.
    const each = !this.ground.heldOut
    for (const [n, one] of [...promising, ...others].slice(0, MOST_READ).entries()) {
      if (this.#over) break
      // Networks whose last edges are lines have many readings, none of which is the law where they do not come near it.
      const isCostly = one.rung.structure.lines === true
      const gains = !isCostly && one.error < GAIN * this.formula && one.error < NEAR_BEST * this.network
      const first = n === 0 && this.formula === Infinity
      if (this.isPlain) break
      if (one.error < PROMISING || gains || first || each || this.#isNoisy(one)) await this.read(one)
    }
    if (!this.#measured) this.#early.push(...grown)
  }

  /** Two functions of a table's only column, for the rungs' transforms of the target: see pairFormulas. */
  pair(rungs: readonly Rung[], column: number): void {
    const { training, judge } = this.ground
    for (const { structure, target } of rungs) {
      this.#tell('symbolify', { structure, target })
      for (const formula of pairFormulas(training, judge, { column, target }, this.#options)) {
        if (this.#over || this.networks.best === undefined) return
        this.#consider(formula, this.networks.best)
      }
    }
  }

  /** Other starts for the networks of the ladder that came nearest. */
  async climbAgain(): Promise<void> {
    await this.climb(this.#climbed.nearest(AGAIN))
  }

  /** The error that a network of that shape reaches: what no formula can be asked to beat where there is noise. */
  async measure(rung: Rung): Promise<void> {
    this.#tell('fit', rung)
    const model = plant(rung, this.ground)
    const grown = await growOn({ rung, model, error: Infinity }, this.ground, { steps: LATER_STEPS })
    this.networks.keep(grown)
    this.starts++
    this.network = Math.min(this.network, grown.error)
    this.#measured = true
    const early = this.#early.filter(one => this.#isNoisy(one)).toSorted((a, b) => edges(a) - edges(b))
    for (const one of early.slice(0, MOST_READ)) if (!this.#over && !this.isPlain) await this.read(one)
  }

  /** Whether a network is as good as any, and no better than noise lets it be. */
  #isNoisy({ error }: Pick<Grown, 'error'>): boolean {
    return this.#measured && this.network > SPLINE_ERROR && error < AS_GOOD * this.network
  }

  /** Whether a formula is plain, and as good as the best networks where their errors are noise: deeper ones are no plainer. */
  get isPlain(): boolean {
    const most = PLAIN.column * this.ground.all.names.length + PLAIN.all
    return this.found.some(one => one.complexity <= most && this.#isNoisy(one))
  }

  /**
   * Whether a network of that shape beats all others on a finer grid, from one of two starts: what is left of a smooth function falls
   * then, noise stays. Found out once.
   */
  async isSmooth(rung: Rung): Promise<boolean> {
    if (this.#smooth !== undefined) return this.#smooth
    this.#tell('refine', rung)
    this.#smooth = false
    for (const start of [0, 1]) {
      const model = plant(rung, this.ground, start)
      await train(model, rung, this.ground, { steps: LATER_STEPS })
      await train(model, rung, this.ground, { refine: GRIDS, steps: REFINE_STEPS })
      const error = await errorOf(model, rung, this.ground)
      if (error < FINER * this.network) this.#smooth = true
      if (this.#smooth || this.#over) break
    }
    return this.#smooth
  }

  /** Whether what the best formula leaves of the rows it was fitted to is no more alike at near rows than at any. */
  get leavesNoise(): boolean {
    const { training, judge } = this.ground
    const best = this.found.reduce<Found | undefined>(
      (least, one) => (least === undefined || one.error < least.error ? one : least),
      undefined,
    )
    return best !== undefined && isLikeNoise(judge.residuals(best.expression, training), training)
  }

  /**
   * One start of a whole network: trained, trained on with a penalty that makes it sparse (KAN paper, section 2.5.1), pruned,
   * and read.
   */
  async sparsify(rung: Rung, start: number): Promise<void> {
    const { ground } = this
    this.#tell('fit', rung)
    const model = plant(rung, ground, start)
    // The first was trained without the penalty already.
    if (start > 0) this.starts++
    this.#tell('sparsify', rung)
    await train(model, rung, ground, { steps: SPARSE_STEPS, lambda: LAMBDA })
    this.networks.keep({ rung, model, error: await errorOf(model, rung, ground) })
    this.#tell('prune', rung)
    const pruned = prunedOn(model, ground.training)
    if (pruned === undefined || this.#over) return
    await train(pruned, rung, ground, { steps: LATER_STEPS })
    await this.read({ rung, model: pruned, error: await errorOf(pruned, rung, ground) })
  }

  /** Thins a network in several orders, refines what is left, and replaces its curves by functions: see readNetwork. */
  async read(grown: Grown): Promise<void> {
    const { library, over } = this.#options
    await readNetwork(grown, {
      ground: this.ground,
      library,
      stop: over,
      over: () => this.#over,
      isPlain: () => this.isPlain,
      isNoisy: one => this.#isNoisy(one),
      tell: (stage, rung) => this.#tell(stage, rung),
      keep: one => this.networks.keep(one),
      consider: (expression, from) => this.#consider(expression, from),
    })
  }

  #isTested(expression: Expression): boolean {
    const { training, judge } = this.ground
    if (isTested(expression, training.rows)) return true
    return isTested(judge.table(training).normalised(expression), training.rows)
  }

  /** Whether it is made of what the user allows, also in its normal form. */
  #isAllowed(expression: Expression): boolean {
    if (this.#options.library === undefined) return true
    const { training, judge } = this.ground
    return this.#limits.allows(judge.table(training).normalised(expression))
  }

  #consider(expression: Expression, from: Grown): void {
    const error = this.ground.judge.errorOf(expression, this.ground.validation)
    // A formula with as many numbers as rows goes through any: it neither ends the search nor is it a find.
    if (error === Infinity || !this.#isTested(expression) || !this.#isAllowed(expression)) return
    this.formula = Math.min(this.formula, error)
    this.found.push({ expression, error, complexity: complexity(expression), from })
  }

  #tell(stage: DiscoverStage, { structure, target }: Rung): void {
    this.#options.tell(stage, `${target.name} = ${structureText(structure)}`)
  }
}

/** Edges that are there. */
function edges({ model }: Grown): number {
  return model.mask.reduce((sum, present) => sum + present, 0)
}

function sorted(grown: readonly Grown[]): Grown[] {
  return grown.toSorted((a, b) => a.error - b.error)
}
