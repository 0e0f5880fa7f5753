import type { Engine } from '../../engine/engine.ts'
import { ConfigError, DataError, ShapeError } from '../../errors.ts'
import { checkSeed, resolveConfig } from '../../model/config.ts'
import type { WidthEntry } from '../../model/width.ts'
import { checkCallOptions } from '../../train/host.ts'
import type { RowValues, Samples } from '../../train/options.ts'
import { checkSamples, checkSamplesObject } from '../../train/samples.ts'
import type { LibraryChoice } from '../curves/library.ts'
import { resolveLibrary } from '../curves/library.ts'
import type { DiscoverOptions } from './options.ts'
import { checkLogarithms, resolveLogScales } from './logscale.ts'
import type { LogScales } from './logscale.ts'
import { pickRows } from './rows.ts'
import { average } from './statistics.ts'
import type { TargetRows } from './rows.ts'

/** What discover was told, checked, with its defaults. */
export interface DiscoverTask {
  readonly all: TargetRows
  readonly test: TargetRows | undefined
  readonly width: readonly WidthEntry[]
  /** Whether the ladder is climbed, beside that network. */
  readonly climbs: boolean
  readonly log: LogScales
  readonly restarts: number
  readonly library: LibraryChoice | undefined
  readonly seconds: number
  /** Standard errors: see DiscoverOptions. */
  readonly simplicity: number
  readonly seed: number
  readonly engine: Engine | undefined
}

/** What discover does unless it is told otherwise. */
export const DISCOVER_DEFAULTS = { hidden: 5, restarts: 16, seconds: 60, simplicity: 1, seed: 0 } as const

const OPTION_NAMES = Object.keys({
  names: true,
  width: true,
  restarts: true,
  library: true,
  test: true,
  seconds: true,
  simplicity: true,
  seed: true,
  engine: true,
  signal: true,
  log: true,
} satisfies Record<keyof DiscoverOptions, true>)

/** Checks samples and options. Throws ConfigError, ShapeError and DataError. */
export function checkTask(samples: Samples, options: DiscoverOptions): DiscoverTask {
  if ('columns' in options) throw new ConfigError("discover has no option 'columns'. Did you mean 'names'?")
  checkCallOptions('discover', options, OPTION_NAMES)
  checkSamplesObject(samples)
  const { library, engine } = options
  checkNames(options.names, samples)
  const inputs = options.names?.length ?? countInputs(samples)
  const names = options.names ?? Array.from({ length: inputs }, (_, i) => `x${i + 1}`)
  if (names.length === 0 || new Set(names).size < names.length || names.includes(''))
    throw new ConfigError(`names are ${JSON.stringify(names)}; give every input a name of its own.`)
  const width = options.width ?? [inputs, DISCOVER_DEFAULTS.hidden, 1]
  checkWidth(width, inputs)
  const { restarts = DISCOVER_DEFAULTS.restarts, seconds = DISCOVER_DEFAULTS.seconds } = options
  if (!Number.isSafeInteger(restarts) || restarts < 1)
    throw new ConfigError(`restarts is ${restarts}; give a whole number of at least 1.`)
  const { simplicity = DISCOVER_DEFAULTS.simplicity } = options
  if (typeof simplicity !== 'number' || !(simplicity >= 0 && simplicity < Infinity))
    throw new ConfigError(
      `simplicity is ${simplicity}; give how many standard errors, 0 (least error) or more.`,
    )
  if (typeof seconds !== 'number' || !(seconds > 0))
    throw new ConfigError(`seconds is ${JSON.stringify(seconds)}; give how long it may take, such as 60.`)
  if (engine !== undefined && engine.description.kind !== 'cpu')
    throw new ConfigError(
      `discover trains in float64 on the CPU, and the engine is ${engine.description.device}; give createCpuEngine(), or leave it out.`,
    )
  if (library !== undefined) resolveLibrary(library)
  const log = resolveLogScales(options.log, inputs)
  const table = (rows: Samples, name = ''): TargetRows => {
    checkOneTarget(rows, name)
    const { x, y, weights } = checkSamples(rows, { inputs, outputs: 1, loss: 'mse' }, name)
    const all = { names, x, y, rows: weights.length }
    checkLogarithms(all, weights, log, name)
    return countedRows(all, weights)
  }
  const all = table(samples)
  if (all.y.every(value => value === all.y[0]))
    throw new DataError(`All ${all.rows} targets are ${all.y[0]}: there is nothing to discover.`)
  return {
    all,
    test: options.test === undefined ? undefined : table(options.test, 'test.'),
    width,
    climbs: options.width === undefined,
    log,
    restarts,
    library,
    seconds,
    simplicity,
    seed: checkSeed(options.seed ?? DISCOVER_DEFAULTS.seed),
    engine,
  }
}

/** Throws ConfigError for what is no list of names, or names fewer or more inputs than there are. */
function checkNames(names: unknown, { x, y }: Samples): void {
  if (names === undefined) return
  if (!Array.isArray(names) || !names.every(name => typeof name === 'string'))
    throw new ConfigError(
      `names are ${JSON.stringify(names)}; give a list of texts, one an input: ['x', 'y'].`,
    )
  const inputs = rowLength(x) ?? x.length / y.length
  // Numbers that do not go round are the fault of x or y, which is told where rows are read.
  if (Number.isInteger(inputs) && inputs !== names.length)
    throw new ConfigError(
      `There ${names.length === 1 ? 'is 1 name' : `are ${names.length} names`}, and x has ${inputs} input${inputs === 1 ? '' : 's'} a row; give every input a name.`,
    )
}

/** Throws ShapeError for rows of several targets. `name` prefixes y. */
function checkOneTarget({ y }: Samples, name: string): void {
  const targets = rowLength(y)
  if (targets !== undefined && targets !== 1)
    throw new ShapeError(
      `${name}y: row 1 has ${targets} values, and discover finds the formula of one target; give y as a number a row, ` +
        `and call it once for each target.`,
    )
}

/** How many numbers the first row has where rows are lists. */
function rowLength(rows: RowValues): number | undefined {
  const first: unknown = rows[0]
  return typeof first === 'object' && first !== null && 'length' in first ? Number(first.length) : undefined
}

/** Rows with less than this share of the mean weight, of all of which no more than this share depends, count as 0. */
const LEAST_WEIGHT = 1e-6

/** The rows whose weight is not (nearly) 0, with their weights where these differ. */
function countedRows(table: TargetRows, weights: Float64Array): TargetRows {
  const least = LEAST_WEIGHT * average(weights)
  const counted = Uint32Array.from(weights.keys()).filter(r => weights[r]! >= least && weights[r] !== 0)
  const isSame = counted.every(r => weights[r] === weights[counted[0]!])
  const weighted = isSame ? table : { ...table, weights }
  return counted.length === table.rows ? weighted : pickRows(weighted, counted)
}

/** How many inputs a row has: the first row's where rows are lists, else by the number of targets. */
function countInputs({ x, y }: Samples): number {
  const inputs = rowLength(x) ?? x.length / y.length
  if (!Number.isInteger(inputs) || inputs < 1)
    throw new ShapeError(
      `x has ${x.length} values and y has ${y.length}; give x as rows of inputs, and one target a row.`,
    )
  return inputs
}

function checkWidth(width: readonly WidthEntry[], inputs: number): void {
  resolveConfig({ width })
  const [first, last] = [width[0], width.at(-1)]
  if (first !== inputs || last !== 1)
    throw new ConfigError(
      `width is ${JSON.stringify(width)}; for ${inputs} inputs and one target it begins with ${inputs} and ends with 1.`,
    )
}
