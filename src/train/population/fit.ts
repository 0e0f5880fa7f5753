import type { KernelChoice } from '../../engine/engine.ts'
import { ConfigError, DeviceLostError, NonFiniteError } from '../../errors.ts'
import { explainAllocation, networkBytes } from '../../model/memory.ts'
import type { Model } from '../../model/model.ts'
import { whileTraining } from '../claim.ts'
import { OPTION_NAMES, resolveFitOptions } from '../defaults.ts'
import type { FitSettings } from '../defaults.ts'
import { checkCallOptions, withEngine } from '../host.ts'
import { checkNumber } from '../numbers.ts'
import type { Samples } from '../options.ts'
import { nonFinite } from '../outcome.ts'
import { countRows } from '../rows.ts'
import { Running } from '../run.ts'
import type { Trainer } from '../training.ts'
import { Bulletin } from './bulletin.ts'
import type { MemberReport, PopulationFitOptions, PopulationProgress, PopulationReport } from './options.ts'
import { spreadOf } from './spread.ts'
import { checkOneShape } from './shape.ts'
import { checkSets, createPopulationTask, entries, rowsOfWave, samplesOf } from './task.ts'
import { trainWave } from './wave.ts'
import { inWaves } from './waves.ts'

/**
 * A population's fit that has started: await it for its report, or iterate over its progress, or both; see Run. Its progress is
 * always the newest: a reader that is slower than training skips what lies between.
 */
export class PopulationRun extends Running<PopulationReport, PopulationProgress> {}

/** Options of fit for a single network, and what to do instead. */
const SINGLE = {
  refine: 'fit the best member on with it: population.best().copy().fit(samples, { refine })',
  restarts: 'the members are the restarts: create the population with more seeds',
  resume: 'fit the population again to go on, or resume a single member: population.members[0].fit',
} as const

/** What to say where another run trains a member. */
function busyMember(number: number): string {
  return (
    `Another fit is training this population, or its member ${number}; await it or abort it first, or fit copies: ` +
    `new Population(population.members.map(member => member.copy())).`
  )
}

/** What a population's fit takes. */
const NAMES = OPTION_NAMES.filter(name => !(name in SINGLE))

/** Throws ConfigError for an option of fit that is for a single network, and for one that there is not. */
function checkNames(options: object): void {
  for (const [name, remedy] of Object.entries(SINGLE))
    if (typeof options === 'object' && options !== null && name in options)
      throw new ConfigError(`${name} is for a single network; ${remedy}.`)
  checkCallOptions('population.fit', options, NAMES)
}

/** A number of each member; throws ConfigError, naming the one that is wrong. */
function perMember(
  name: string,
  value: number | ArrayLike<number> | undefined,
  usual: number,
  members: number,
  check: (name: string, value: number) => number,
): Float64Array {
  if (typeof value !== 'object') return new Float64Array(members).fill(check(name, value ?? usual))
  if (value.length !== members)
    throw new ConfigError(
      `${name} has ${entries(value.length)} for ${members} members; give one a member, or one for all.`,
    )
  return Float64Array.from(value, (own, m) => check(`${name}[${m}]`, own))
}

/** The settings that members share, and what each has of its own. */
interface PopulationSettings {
  readonly settings: FitSettings
  readonly learningRate: Float64Array
  readonly lambda: Float64Array
}

function resolveOptions(
  members: readonly Model[],
  samples: Samples | readonly Samples[],
  options: PopulationFitOptions,
): PopulationSettings {
  const { learningRate, lambda, validation, ...shared } = options
  const first = members[0]!
  const { x } = samplesOf(samples, 0)
  const rates = perMember('learningRate', learningRate, 1, members.length, (name, value) =>
    checkNumber(name, value, rate => rate > 0, 'a positive number (usually 0.01)'),
  )
  const lambdas = perMember('lambda', lambda, 0, members.length, (name, value) =>
    checkNumber(name, value, factor => factor >= 0, 'at least 0 (such as 1e-3)'),
  )
  const settings = resolveFitOptions(
    first,
    {
      ...shared,
      restarts: 1,
      ...(typeof validation === 'number' ? { validation } : {}),
      // The largest: what holds for it holds for all.
      ...(learningRate === undefined ? {} : { learningRate: Math.max(...rates) }),
      ...(lambda === undefined ? {} : { lambda: Math.max(...lambdas) }),
    },
    countRows(x, first.layout.inputs),
    members.length,
  )
  return {
    settings,
    learningRate: learningRate === undefined ? rates.fill(settings.learningRate) : rates,
    lambda: lambdas,
  }
}

/**
 * Trains members, networks of one shape, side by side, starting at once: each on its own weights, with its own learning rate and
 * lambda, on the same samples or on its own; in waves where the engine has no room for all of them. Each ends as a fit of its own
 * would end (exactly on the CPU engine): with its best weights by evaluation. Members whose loss does not stay finite have failed,
 * keep the best weights before, and are never chosen.
 *
 * Members change at the end of their wave, in place. The run rejects with
 * - ConfigError, ShapeError, DataError: they are untouched (ConfigError also while another run trains one of them);
 * - NonFiniteError: all members have failed;
 * - OutOfMemoryError, DeviceLostError: those of the waves before have their weights, the others what they had.
 *
 * @param chosen told which members can be chosen, the best first, before the run fulfils, and none before it rejects as all have failed
 */
export function fitPopulation(
  members: readonly Model[],
  samples: Samples | readonly Samples[],
  options: PopulationFitOptions = {},
  chosen: (order: readonly number[]) => void = () => {},
): PopulationRun {
  const bulletin = new Bulletin(members.length)
  return new PopulationRun(
    async control => {
      try {
        return await whileTraining(
          members,
          async () => {
            const report = await train(members, samples, options, control, bulletin)
            chosen(report.order)
            return report
          },
          busyMember,
        )
      } catch (error) {
        if (error instanceof NonFiniteError) chosen([])
        throw explainAllocation(error, 'Training', members.length * networkBytes(members[0]!.layout))
      }
    },
    bulletin,
    options.signal,
  )
}

async function train(
  members: readonly Model[],
  samples: Samples | readonly Samples[],
  options: PopulationFitOptions,
  control: { readonly aborted: boolean; announce(): void },
  bulletin: Bulletin,
): Promise<PopulationReport> {
  const started = performance.now()
  checkNames(options)
  checkOneShape(members)
  checkSets(members.length, samples, options)
  const { settings, learningRate, lambda } = resolveOptions(members, samples, options)
  const task = createPopulationTask(members, samples, settings, options)
  const planOf = (models: number) => ({ ...task.plan, models, kernels: settings.kernels })
  return withEngine(options.engine, async engine => {
    const reports: MemberReport[] = []
    const totals: Totals = { steps: 0, readbacks: 0, aborted: false, kernels: {} }
    const waves = await inWaves(engine, members.length, planOf, async (session, first, models) => {
      const of = <T>(list: readonly T[]): readonly T[] => list.slice(first, first + models)
      const trainer: Trainer = {
        task: {
          training: rowsOfWave(task.plan, task.training, first, models),
          validation: task.validation && rowsOfWave(task.plan, task.validation, first, models),
        },
        settings,
        engine,
        control,
        started,
      }
      bulletin.beginWave(first, models, settings.steps)
      const outcome = await trainWave(
        {
          trainer,
          session,
          plan: session.plan,
          members: of(members),
          scalings: of(task.scalings),
          learningRate: learningRate.slice(first, first + models),
          lambda: lambda.slice(first, first + models),
        },
        (course, losses, now, stepsPerSecond) => {
          bulletin.report(course, losses, (now - started) / 1000, stepsPerSecond)
          control.announce()
        },
      ).catch((error: unknown) => {
        throw sayWhatIsHeld(error, first)
      })
      reports.push(...outcome.reports)
      totals.steps += outcome.steps
      totals.readbacks += outcome.readbacks
      totals.aborted ||= outcome.aborted
      if (first === 0) totals.kernels = outcome.kernels
      return !control.aborted
    })
    totals.aborted ||= reports.length < members.length
    for (const member of members.slice(reports.length)) reports.push(untouched(member))
    return conclude(reports, settings, waves, totals, started)
  })
}

function sayWhatIsHeld(error: unknown, first: number): unknown {
  if (!(error instanceof DeviceLostError)) return error
  const held =
    first > 0
      ? `The first ${first} members hold what they have learned, the others the weights they had.`
      : 'All members hold the weights they had.'
  return new DeviceLostError(`${error.message} ${held}`, { cause: error })
}

/** What adds up over the waves; `kernels` of the first. */
interface Totals {
  steps: number
  readbacks: number
  aborted: boolean
  kernels: KernelChoice
}

/** Of a member whose wave did not begin before the run was aborted. */
function untouched({ config }: Model): MemberReport {
  return {
    seed: config.seed,
    learningRate: 0,
    lambda: 0,
    stop: 'aborted',
    best: { step: 0, loss: NaN },
    steps: 0,
    losses: new Float64Array(0),
    evaluations: [],
    functionEvaluations: 0,
  }
}

/** Throws NonFiniteError where all members have failed. */
function conclude(
  members: readonly MemberReport[],
  settings: FitSettings,
  waves: readonly number[],
  { steps, readbacks, aborted, kernels }: Totals,
  started: number,
): PopulationReport {
  const failed = members.filter(({ stop }) => stop === 'failed')
  if (failed.length === members.length) throw allFailed(failed, settings)
  const order = members
    .map(({ best }, m) => ({ m, loss: best.loss }))
    .filter(({ loss }) => Number.isFinite(loss))
    .toSorted((a, b) => a.loss - b.loss)
    .map(({ m }) => m)
  return {
    stop: aborted ? 'aborted' : 'done',
    optimizer: settings.optimizer.kind,
    members,
    order,
    spread: spreadOf(Float64Array.from(members, ({ best }) => best.loss)),
    failed: failed.length,
    waves,
    steps,
    functionEvaluations: members.reduce((sum, own) => sum + own.functionEvaluations, 0),
    readbacks,
    kernels,
    seconds: (performance.now() - started) / 1000,
  }
}

/** What to say where no member is left: when the last one failed, and what to do. */
function allFailed(members: readonly MemberReport[], settings: FitSettings): NonFiniteError {
  const { losses, evaluations, learningRate } = members.at(-1)!
  const step = losses.findIndex(loss => !Number.isFinite(loss))
  const judged = evaluations.find(({ loss }) => !Number.isFinite(loss))
  const loss = losses[step] ?? judged?.loss ?? NaN
  const at = `at step ${step < 0 ? (judged?.step ?? 0) : step + 1}, the last of ${members.length} members`
  return nonFinite(loss, at, { ...settings, learningRate })
}
