import type { Plan, Rows } from '../../engine/engine.ts'
import { ConfigError, DataError, ShapeError } from '../../errors.ts'
import type { Model } from '../../model/model.ts'
import type { Scaling } from '../../model/scaling.ts'
import type { FitSettings } from '../defaults.ts'
import type { FitOptions, Samples } from '../options.ts'
import { checkSamplesObject } from '../samples.ts'
import { createTask } from '../task.ts'
import type { Task } from '../task.ts'
import type { PopulationFitOptions } from './options.ts'

/** What sessions need to train a population: rows for all members or for each, in the network's coordinates, and its scalings. */
export interface PopulationTask {
  /** Of all members at once. */
  readonly plan: Plan
  readonly training: Rows
  readonly validation: Rows | undefined
  /** [M]. */
  readonly scalings: readonly Scaling[]
}

function isList(samples: Samples | readonly Samples[] | number | undefined): samples is readonly Samples[] {
  return Array.isArray(samples)
}

/** `1 entry`, `2 entries`. */
export function entries(count: number): string {
  return `${count} ${count === 1 ? 'entry' : 'entries'}`
}

/** What `check` gives of a member's own samples; what it throws names the member. */
function ofMember<T>(m: number, check: () => T): T {
  try {
    return check()
  } catch (error) {
    for (const Refusal of [ConfigError, ShapeError, DataError])
      if (error instanceof Refusal) throw new Refusal(`Member ${m}: ${error.message}`, { cause: error })
    throw error
  }
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, p) => value === b[p])
}

/** Whether all members see a table in the same units, or will: new ones that are to be scaled in the same way. */
function agreeOnScaling(members: readonly Model[]): boolean {
  const { scaling: first, config: firstConfig } = members[0]!
  const way = JSON.stringify(firstConfig.scaling)
  return members.every(({ scaling, config }) => {
    if (first === undefined || scaling === undefined)
      return scaling === first && JSON.stringify(config.scaling) === way
    return (['input', 'output'] as const).every(
      side =>
        sameNumbers(scaling[side].shift, first[side].shift) &&
        sameNumbers(scaling[side].scale, first[side].scale) &&
        String(scaling[side].log) === String(first[side].log),
    )
  })
}

/** Throws ConfigError for lists of samples without an entry a member, ShapeError for samples that are none. */
export function checkSets(
  members: number,
  samples: Samples | readonly Samples[],
  { validation }: PopulationFitOptions,
): void {
  for (const [name, list] of [
    ['The list of samples', samples],
    ['validation', validation],
  ] as const)
    if (isList(list) && list.length !== members)
      throw new ConfigError(
        `${name} has ${entries(list.length)} for ${members} members; give one a member, or one for all.`,
      )
  if (isList(samples)) samples.forEach((own, m) => ofMember(m, () => checkSamplesObject(own)))
  else checkSamplesObject(samples)
}

/** The samples of a member. */
export function samplesOf(samples: Samples | readonly Samples[], m: number): Samples {
  return isList(samples) ? samples[m]! : samples
}

/** What fit's checks of samples need to know of the options. */
function taskOptions(options: PopulationFitOptions, m: number): FitOptions {
  const { validation, classWeights } = options
  const own = isList(validation) ? validation[m]! : validation
  return {
    ...(own === undefined ? {} : { validation: own }),
    ...(classWeights === undefined ? {} : { classWeights }),
  }
}

function join(sets: readonly Rows[]): Rows {
  const of = (name: keyof Rows): Float64Array => {
    const size = sets[0]![name].length
    const all = new Float64Array(sets.length * size)
    sets.forEach((set, m) => all.set(set[name], m * size))
    return all
  }
  return { x: of('x'), y: of('y'), weights: of('weights') }
}

/** Throws ShapeError unless all members have as many rows as the first: they train side by side, step by step. */
function checkSameRows(tasks: readonly Task[]): void {
  for (const [name, of] of [
    ['training', (task: Task) => task.plan.rows],
    ['validation', (task: Task) => task.plan.validationRows],
  ] as const) {
    const rows = of(tasks[0]!)
    const other = tasks.findIndex(task => of(task) !== rows)
    if (other > 0)
      throw new ShapeError(
        `Member ${other} has ${of(tasks[other]!)} ${name} rows, and member 0 has ${rows}; members that train side by side need ` +
          `equally many: leave rows out, or fill up with rows of weight 0.`,
      )
  }
}

/**
 * Checks, copies and scales the samples of a population, as createTask does for one model: once where all members share them, else
 * for each, by its own scaling. Throws ConfigError, ShapeError and DataError.
 */
export function createPopulationTask(
  members: readonly Model[],
  samples: Samples | readonly Samples[],
  settings: FitSettings,
  options: PopulationFitOptions,
): PopulationTask {
  const models = members.length
  if (!isList(samples) && !isList(options.validation) && agreeOnScaling(members)) {
    const task = createTask(members[0]!, samples, settings, taskOptions(options, 0))
    const { plan, training, validation, scaling } = task
    return { plan: { ...plan, models }, training, validation, scalings: members.map(() => scaling) }
  }
  // Samples of all members are wrong for all.
  const lists = isList(samples) || isList(options.validation)
  const tasks = members.map((member, m) => {
    const make = (): Task => createTask(member, samplesOf(samples, m), settings, taskOptions(options, m))
    return lists ? ofMember(m, make) : make()
  })
  checkSameRows(tasks)
  const validations = tasks.flatMap(({ validation }) => validation ?? [])
  return {
    plan: { ...tasks[0]!.plan, models, ownRows: true },
    training: join(tasks.map(({ training }) => training)),
    validation: validations.length > 0 ? join(validations) : undefined,
    scalings: tasks.map(({ scaling }) => scaling),
  }
}

/** The rows of the members from `first` on, for a session of `models` of them: views, or the set itself where all share it. */
export function rowsOfWave(plan: Plan, set: Rows, first: number, models: number): Rows {
  if (plan.ownRows !== true) return set
  const part = (values: Float64Array): Float64Array => {
    const size = values.length / plan.models
    return values.subarray(first * size, (first + models) * size)
  }
  return { x: part(set.x), y: part(set.y), weights: part(set.weights) }
}
