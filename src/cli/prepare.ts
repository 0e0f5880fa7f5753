import { placeOf } from '../data/encoder.ts'
import { applyEncoder, encodeTable, splitRows } from '../data/index.ts'
import type { Column, EncodedTable, Split, SplitOptions, Table, TableEncoder, Task } from '../data/index.ts'
import { quote } from '../data/quote.ts'
import { DataError } from '../errors.ts'
import type { Samples } from '../train/options.ts'

/** A table made ready for training. */
export interface PreparedTable {
  readonly encoder: TableEncoder
  readonly split: Split
  readonly train: Samples
  readonly validation: Samples
  /** Absent where there is nothing to test on. */
  readonly test: Samples | undefined
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

export interface PrepareOptions {
  readonly target: string
  readonly task: 'auto' | Task
  /** Fraction of all rows, and fraction of the rest. */
  readonly test: number
  readonly validation: number
  readonly seed: number
  /** Columns on a logarithmic scale, whose values may be of any size. */
  readonly log?: readonly string[]
}

/**
 * Divides a table into training, validation and test rows, and encodes them. What the inputs are (which columns vary,
 * which levels a text column has) is read from the rows outside the test part only; the task and the classes are the
 * whole table's, so that a class that is rare enough to be missing from training is still a known, wrong answer.
 *
 * Rows from elsewhere, `fresh`, are the test where they are given, and the table's own test fraction should then be 0.
 *
 * Throws what encodeTable and splitRows throw.
 */
export function prepareTable(table: Table, options: PrepareOptions, fresh?: Table): PreparedTable {
  const { target, test, validation, seed, log = [] } = options
  const whole = encodeTable(table, { target, task: options.task })
  const { task } = whole.encoder
  const stratify = task === 'classification' ? { stratify: whole.y } : {}
  const split = splitTable(table, { test, validation, seed, ...stratify })
  if (!log.includes(target)) checkTargetRange(table, whole.encoder, whole.y)
  checkInputRanges(table, whole.encoder, log)

  const rest = Uint32Array.from([...split.train, ...split.validation]).sort()
  const outsideTest = { ...takeRows(table, rest), name: `${table.name} without its test rows` }
  const learned = test > 0 ? encodeRest(outsideTest, { target, task, test }) : whole
  const encoder = { ...learned.encoder, target: whole.encoder.target }
  const { x, warnings } = applyEncoder(encoder, table, { requireTarget: false })

  const samplesOf = (rows: Uint32Array): Samples => ({
    x: gather(x, rows, encoder.inputs.length),
    y: gather(whole.y, rows, 1),
  })
  return {
    encoder,
    split,
    train: samplesOf(split.train),
    validation: samplesOf(split.validation),
    test: fresh ? samplesFrom(fresh, encoder) : split.test.length > 0 ? samplesOf(split.test) : undefined,
    notes: whole.notes,
    warnings: [...new Set([...whole.warnings, ...learned.warnings, ...warnings])],
  }
}

function samplesFrom(table: Table, encoder: TableEncoder): Samples {
  const { x, y = [] } = applyEncoder(encoder, table, { requireTarget: true })
  return { x, y }
}

/** splitRows, with at least two rows to train on: one has no spread to scale by. */
function splitTable(table: Table, options: SplitOptions): Split {
  const { test, validation } = options
  let split: Split | undefined
  try {
    split = splitRows(table.rows, options)
  } catch (error) {
    // No row is left for training.
    if (!(error instanceof DataError)) throw error
  }
  const left = split?.train.length ?? 0
  if (split && left >= 2) return split
  const parts =
    validation > 0
      ? { taken: `--test ${test} and --val ${validation} leave`, which: 'them' }
      : { taken: `--test ${test} leaves`, which: 'it' }
  throw new DataError(
    `${table.name}: ${parts.taken} ${left === 0 ? 'none' : left} of ${table.rows} rows to ` +
      `train on; at least 2 are needed. Lower ${parts.which} (0 leaves that part out), or add rows.`,
  )
}

/** Encodes the rows outside the test part; what is wrong with them alone is the work of the split. */
function encodeRest(rest: Table, options: { target: string; task: Task; test: number }): EncodedTable {
  try {
    return encodeTable(rest, options)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    throw new DataError(
      `${error.message} --test ${options.test} leaves ${rest.rows} rows: lower it, or try another --seed.`,
      { cause: error },
    )
  }
}

/** Squares of larger values overflow, those of smaller spreads vanish: float64 ends at 1.8e308 and 2.2e-308. */
const LARGEST_TARGET = 1e150
const LEAST_SPREAD = 1e-150

/** Throws DataError for a regression target that cannot be scaled, naming its cell where it is one. */
function checkTargetRange(table: Table, { task, target }: TableEncoder, y: Float64Array): void {
  if (task !== 'regression') return
  const row = y.findIndex(value => Math.abs(value) > LARGEST_TARGET)
  if (row >= 0)
    throw new DataError(
      `${table.name}: ${placeOf(table, row)}, column ${quote(target.column)}: ${y[row]!} is too large for a target, whose ` +
        `limit is ${LARGEST_TARGET}. Divide the column by a power of ten.`,
    )
  const [low, high] = rangeOf(y)
  if (high - low < LEAST_SPREAD)
    throw new DataError(
      `${table.name}: target ${quote(target.column)} runs from ${low} to ${high}; the least spread is ${LEAST_SPREAD}. ` +
        `Multiply the column by a power of ten.`,
    )
}

/** Throws DataError for an input whose range is too wide or too narrow to be mapped onto the grid's. */
function checkInputRanges(table: Table, { inputs }: TableEncoder, log: readonly string[]): void {
  const used = new Set(inputs.map(input => input.column).filter(column => !log.includes(column)))
  for (const column of table.columns) {
    if (column.kind !== 'numeric' || !used.has(column.name)) continue
    const [low, high] = rangeOf(column.values)
    const spread = high - low
    if (spread > LEAST_SPREAD && Number.isFinite(spread)) continue
    throw new DataError(
      `${table.name}: input ${quote(column.name)} runs from ${low} to ${high}, which is too ` +
        `${spread > 1 ? 'wide. Divide' : 'narrow. Multiply'} the column by a power of ten, or leave it out with --ignore.`,
    )
  }
}

function rangeOf(values: Float64Array): [low: number, high: number] {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}

/** Some of a table's rows, in the order given. */
export function takeRows(table: Table, rows: Uint32Array): Table {
  const { lines, kept, ...others } = table
  return {
    ...others,
    rows: rows.length,
    columns: table.columns.map((column): Column =>
      column.kind === 'numeric'
        ? { ...column, values: gather(column.values, rows, 1) }
        : { ...column, values: Array.from(rows, row => column.values[row]!) },
    ),
    ...(lines ? { lines: rows.map(row => lines[row]!) } : {}),
    ...(kept ? { kept: rows.map(row => kept[row]!) } : {}),
  }
}

/** Rows of a flat [rows][width] array. */
function gather(values: Float64Array, rows: Uint32Array, width: number): Float64Array {
  const gathered = new Float64Array(rows.length * width)
  rows.forEach((row, place) => gathered.set(values.subarray(row * width, (row + 1) * width), place * width))
  return gathered
}
