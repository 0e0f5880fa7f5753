import type { Engine } from '../../engine/engine.ts'
import { SearchRun } from '../../train/run.ts'
import type { SearchControl } from '../../train/run.ts'
import type { Samples } from '../../train/options.ts'
import { withEngine } from '../../train/host.ts'
import { HURRIED_ROWS, rivals } from './judging/choose.ts'
import { columnGroups, distinctColumns, onColumns } from './structures/columns.ts'
import type { Ground } from './networks/grow.ts'
import { Judge } from './judging/judge.ts'
import { limitsOf } from './structures/limits.ts'
import type { Limits } from './structures/limits.ts'
import { ofLogarithm, plainTarget } from './logscale.ts'
import type { Discovery, DiscoverOptions, DiscoverProgress, DiscoverStage } from './options.ts'
import { conclude } from './writing/report.ts'
import { splitForSearch } from './rows.ts'
import { ridges, suitsRidges } from './structures/ridges.ts'
import { Search, SPLINE_ERROR } from './search.ts'
import { denseStructure, isDeep, ladder } from './structures/structures.ts'
import type { Rung, Structure } from './structures/structures.ts'
import { targetTransforms } from './structures/targets.ts'
import type { TargetTransform } from './structures/targets.ts'
import { checkTask } from './task.ts'
import type { DiscoverTask } from './task.ts'

/** A search that has started: await it for its Discovery, or iterate over its progress, or both; see Running. */
export class Discovering extends SearchRun<Discovery, DiscoverProgress> {}

/** What a network of a small table may say in the target's place. */
const PLAIN_TARGETS: ReadonlySet<string> = new Set(['y', 'log y'])
/** Milliseconds between looks at the clock. */
const WATCH = 100
/** How often nearly fitting networks of the ladder are given other starts, between two starts of the whole network. */
const CLIMBS = 5
/**
 * Steps after which an error that no network improves on is taken for noise: sums, products, sums of both and functions were tried.
 * Deeper steps go on for this share of the seconds where the formula is not plain: they may have a simpler one.
 */
const NOISE_AFTER = 5
const NOISE_SHARE = 1 / 3
/**
 * Share of the seconds after which no new network is trained, and after which formulas are compared as they are: the rest is for
 * the numbers of those that are printed.
 */
const SEARCH_SHARE = 0.9
const FIT_SHARE = 0.95
/**
 * A formula with an error between these shares of the best network's has come to the noise, where that is above what splines
 * leave of a smooth function; one that is far better than every network has not.
 */
const AS_GOOD = [0.5, 1.25] as const

/**
 * Finds a formula for samples of one target: networks are trained, sparsified, pruned and refined, their curves replaced by known
 * functions, all constants fitted in float64 and written as a person would. By default a ladder of structures is climbed (see
 * structures/structures.ts) beside a network [inputs, 5, 1], until a formula has no error but rounding, or is as good as the
 * network, or the seconds are over.
 *
 *     const { text, test } = await discover({ x, y }, { names: ['m', 'v'] })
 *
 * The formula is the simplest of those that are exact, or within one standard error of the best (see rivals). Its errors are
 * those of its printed form, read again. An aborted search fulfils with what it has. Rows count by their weights, in every fit, error
 * and choice; those of weight 0, or of less than a millionth of the mean weight, are left out.
 *
 * Rejects with ConfigError, ShapeError and DataError for samples and options, with DataError where no formula was found in
 * the seconds given, and with StoppedError where it was aborted before it had one.
 */
export function discover(samples: Samples, options: DiscoverOptions = {}): Discovering {
  return new Discovering(control => run(samples, options, control), options.signal)
}

type DiscoverControl = SearchControl<DiscoverProgress>

async function run(samples: Samples, options: DiscoverOptions, control: DiscoverControl): Promise<Discovery> {
  const started = performance.now()
  const task = checkTask(samples, options)
  return withEngine(task.engine, engine => searchAndConclude(task, engine, started, control))
}

async function searchAndConclude(
  task: DiscoverTask,
  engine: Engine,
  started: number,
  control: DiscoverControl,
): Promise<Discovery> {
  const { all, seconds: budget, seed, library, log } = task
  const seconds = (): number => (performance.now() - started) / 1000
  const stop = new AbortController()
  const over = (): boolean => {
    if (control.aborted || seconds() > SEARCH_SHARE * budget) stop.abort()
    return stop.signal.aborted
  }
  const tell = (stage: DiscoverStage, structure: string): void => {
    over()
    const { formula, network } = search
    control.publish({ stage, structure, seconds: seconds(), budget, formula, network, log: ground.judge.log })
  }
  const ground: Ground = {
    ...splitForSearch(all, seed),
    all,
    judge: new Judge(all, log.output),
    log,
    engine,
    seed,
    signal: stop.signal,
  }
  const search = new Search(ground, { library, over, tell })
  // A training that is under way hears of the end too.
  const watch = setInterval(over, WATCH)
  const ended = await explore(search, task, { over, seconds }).finally(() => clearInterval(watch))
  tell('snap', '')
  const stopped = search.exact ? 'exact' : control.aborted ? 'aborted' : over() ? 'time' : ended
  const late = (): boolean => seconds() > FIT_SHARE * budget
  const most = stopped === 'aborted' ? HURRIED_ROWS : Infinity
  return conclude(rivals(search, late, { most, simplicity: task.simplicity }), search, task, {
    stop: stopped,
    seconds,
  })
}

/** Steps of the ladder before ridges. */
const RIDGES_AFTER = 2

/** The ladder, of log y where the target is on a logarithmic scale; with ridges where they suit. */
function ladderOf({ all, judge, log }: Ground, columns: readonly number[]): Rung[][] {
  const { y } = all
  const inputs = columns.length
  const groups = columnGroups(all, columns).map(group => group.map(i => columns.indexOf(i)))
  const steps = log.output
    ? ladder(inputs, y.map(Math.log), groups).map(step =>
        step.map(({ structure, target }) => ({ structure, target: ofLogarithm(target) })),
      )
    : ladder(inputs, y, groups)
  if (!suitsRidges(all, columns, judge)) return steps
  const target = log.output ? plainTarget(log) : targetTransforms[1]!
  return steps.toSpliced(RIDGES_AFTER, 0, [{ structure: ridges(inputs), target }])
}

/** What the whole network says: the logarithm where errors are judged by it. */
function wholeTarget({ judge, log }: Ground, allows: Limits['allowsTarget']): TargetTransform {
  const logarithm = targetTransforms[1]!
  return judge.log && !log.output && allows(logarithm) ? logarithm : plainTarget(log)
}

/**
 * The order of the search: sums, products and functions of both, the deepest structures; then other starts of these and of the
 * whole network.
 */
async function explore(
  search: Search,
  task: DiscoverTask,
  { over, seconds }: { readonly over: () => boolean; readonly seconds: () => number },
): Promise<'noise' | 'done'> {
  const { ground } = search
  const columns = distinctColumns(ground.all)
  const placed = (structure: Structure): Structure => onColumns(structure, columns, ground.all.names.length)
  const { allowsTarget } = limitsOf(task.library, ground.log)
  const whole: Rung = {
    structure: placed(denseStructure(task.width)),
    target: wholeTarget(ground, allowsTarget),
  }
  const ends = (): boolean => search.exact || over()
  const isNoise = async (): Promise<boolean> =>
    search.network > SPLINE_ERROR &&
    search.formula >= AS_GOOD[0] * search.network &&
    search.formula <= AS_GOOD[1] * search.network &&
    search.leavesNoise &&
    !(await search.isSmooth(whole))
  const [sums = [], ...steps] = task.climbs
    ? ladderOf(ground, columns).map(step =>
        step
          .filter(({ target }) => allowsTarget(target))
          .map(({ structure, target }) => ({ structure: placed(structure), target })),
      )
    : []
  await search.climb(ground.heldOut ? sums : sums.filter(({ target }) => PLAIN_TARGETS.has(target.name)))
  // Fewer rows than that cannot tell deeper structures from chance.
  if (task.climbs && !ground.heldOut) return 'done'
  if (task.climbs && columns.length === 1 && !ends()) search.pair(sums, columns[0]!)
  if (!ends()) await search.measure(whole)
  for (const [n, step] of steps.entries()) {
    if (ends()) return 'done'
    const isEnough = n >= NOISE_AFTER && seconds() > NOISE_SHARE * task.seconds
    if ((isEnough || search.isPlain) && (await isNoise())) return 'noise'
    // What is deep and nearly fits is likelier than what comes next: (t - u x/c^2)/sqrt(1 - u^2/c^2) takes
    // 836 starts so, and 1385 without.
    const wasDeep = n > 0 && steps[n - 1]!.some(({ structure }) => isDeep(structure))
    if (wasDeep && !step.some(({ structure }) => isDeep(structure))) await search.climbAgain()
    if (!ends()) await search.climb(step)
  }
  for (let start = 0; start < task.restarts && !ends(); start++) {
    if (await isNoise()) return 'noise'
    for (let again = 0; again < (task.climbs ? CLIMBS : 0) && !ends(); again++) await search.climbAgain()
    if (!ends()) await search.sparsify(whole, start)
  }
  return 'done'
}
