import type { Table, Task } from '../data/index.ts'
import { ConfigError } from '../errors.ts'
import { defaultSplit, FEWEST_TO_VALIDATE } from './defaults.ts'
import { readTable } from './files.ts'
import { sampleFormula } from './function.ts'
import type { SampledFunction } from './function.ts'
import { positiveRows } from './logscale.ts'
import { prepareTable } from './prepare.ts'
import type { PreparedTable } from './prepare.ts'

/** The options of `webkan fit` that say what to learn, and from which rows. */
export interface SourceOptions {
  readonly target?: string
  readonly ignore?: string[]
  /** Columns to put on a logarithmic scale. */
  readonly log?: readonly string[]
  readonly task?: 'auto' | Task
  readonly test?: number
  readonly missing?: 'error' | 'drop'
  readonly function?: string
  readonly range?: readonly [low: number, high: number]
  readonly samples?: number
  /** undefined: as many as the rows allow. */
  readonly val?: number
  readonly seed: number
}

/** What is learned: a table from a file, or the samples of a function as one. */
export interface Source {
  readonly table: Table
  readonly prepared: PreparedTable
  readonly sampled: SampledFunction | undefined
}

/** Why logarithms are taken. */
const WISH = '--log asks for'

const tableOptions = ['target', 'ignore', 'task', 'test', 'missing'] as const
const functionOptions = ['range', 'samples'] as const

/** Throws ConfigError unless there is either a table with its target or a function, each with its own options only. */
export function checkSource(
  path: string | undefined,
  options: SourceOptions,
  command: 'fit' | 'discover' = 'fit',
): void {
  const { target, ignore = [] } = options
  if (options.function !== undefined) {
    if (path !== undefined)
      throw new ConfigError(`There is a table, ${path}, and a --function. Give one or the other to learn.`)
    const foreign = tableOptions.find(name => options[name] !== undefined)
    if (foreign !== undefined)
      throw new ConfigError(
        `--${foreign} is for a table: the samples of a --function are complete, its value is the target y, and as many ` +
          `fresh points are its test. Leave it out.`,
      )
    return
  }
  if (path === undefined)
    throw new ConfigError(
      `Nothing to learn: give a table (webkan ${command} TABLE.csv --target COLUMN) or a function (webkan ${command} --function "sin(x1)").`,
    )
  const foreign = functionOptions.find(name => options[name] !== undefined)
  if (foreign !== undefined)
    throw new ConfigError(
      `--${foreign} is for the samples of a --function, and ${path} is a table: leave it out.`,
    )
  if (target === undefined)
    throw new ConfigError(`A table needs --target: name the column of ${path} to predict.`)
  if (ignore.includes(target))
    throw new ConfigError(
      `--ignore names the target ${target}. Leave it out there, or choose another --target.`,
    )
}

/** Reads or samples what checkSource let pass, divided and encoded. Throws what readTable, prepareTable and sampleFormula throw. */
export async function readSource(path: string | undefined, options: SourceOptions): Promise<Source> {
  const {
    target,
    ignore = [],
    log = [],
    task = 'auto',
    test = defaultSplit.test,
    missing = 'error',
    val,
    seed,
  } = options
  if (path !== undefined && target !== undefined) {
    const table = positiveRows(await readTable(path, { missing, ignore }), log, { missing, wish: WISH })
    const { validation, notes } = validationOf(table, val)
    const prepared = prepareTable(table, { target, task, test, validation, seed, log })
    return { table, prepared: { ...prepared, notes: [...prepared.notes, ...notes] }, sampled: undefined }
  }
  const { function: text = '', range, samples } = options
  const sampled = sampleFormula(text, { range, samples, seed })
  for (const points of [sampled.table, sampled.fresh]) positiveRows(points, log, { missing, wish: WISH })
  const { validation, notes } = validationOf(sampled.table, val)
  const division = {
    target: sampled.target,
    task: 'regression',
    test: 0,
    validation,
    seed,
    log,
  } as const
  const prepared = prepareTable(sampled.table, division, sampled.fresh)
  return { table: sampled.table, prepared: { ...prepared, notes: [...prepared.notes, ...notes] }, sampled }
}

/** The share of rows for validation, and what to say where nobody asked for there being none. */
function validationOf(
  { rows }: Table,
  asked: number | undefined,
): { readonly validation: number; readonly notes: readonly string[] } {
  if (asked !== undefined || rows >= FEWEST_TO_VALIDATE)
    return { validation: asked ?? defaultSplit.validation, notes: [] }
  return {
    validation: 0,
    notes: [
      `of ${rows} rows none is held out for validation: training takes all its steps (--val ${defaultSplit.validation} holds one out).`,
    ],
  }
}
