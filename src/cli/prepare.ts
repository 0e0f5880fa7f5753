import { applyEncoder, encodeTable, splitRows } from '../data/index.ts'
import type { Column, Split, Table, TableEncoder, Task } from '../data/index.ts'
import type { Samples } from '../train/options.ts'

/** A table made ready for training. */
export interface PreparedTable {
  readonly encoder: TableEncoder
  readonly split: Split
  readonly train: Samples
  readonly validation: Samples
  readonly test: Samples
  readonly warnings: readonly string[]
}

export interface PrepareOptions {
  readonly target: string
  readonly task: 'auto' | Task
  /** Fraction of all rows, and fraction of the rest. */
  readonly test: number
  readonly validation: number
  readonly seed: number
}

/**
 * Divides a table into training, validation and test rows, and encodes them. What the inputs are (which columns vary,
 * which levels a text column has) is read from the rows outside the test part only; the task and the classes are the
 * whole table's, so that a class that is rare enough to be missing from training is still a known, wrong answer.
 *
 * Throws what encodeTable and splitRows throw.
 */
export function prepareTable(table: Table, options: PrepareOptions): PreparedTable {
  const { target, test, validation, seed } = options
  const whole = encodeTable(table, { target, task: options.task })
  const { task } = whole.encoder
  const stratify = task === 'classification' ? { stratify: whole.y } : {}
  const split = splitRows(table.rows, { test, validation, seed, ...stratify })

  const rest = Uint32Array.from([...split.train, ...split.validation]).sort()
  const outsideTest = { ...takeRows(table, rest), name: `${table.name} without its test rows` }
  const learned = test > 0 ? encodeTable(outsideTest, { target, task }) : whole
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
    test: samplesOf(split.test),
    warnings: [...new Set([...whole.warnings, ...learned.warnings, ...warnings])],
  }
}

/** Some of a table's rows, in the order given. */
function takeRows(table: Table, rows: Uint32Array): Table {
  const { lines, ...others } = table
  return {
    ...others,
    rows: rows.length,
    columns: table.columns.map((column): Column =>
      column.kind === 'numeric'
        ? { ...column, values: gather(column.values, rows, 1) }
        : { ...column, values: Array.from(rows, row => column.values[row]!) },
    ),
    ...(lines ? { lines: rows.map(row => lines[row]!) } : {}),
  }
}

/** Rows of a flat [rows][width] array. */
function gather(values: Float64Array, rows: Uint32Array, width: number): Float64Array {
  const gathered = new Float64Array(rows.length * width)
  rows.forEach((row, place) => gathered.set(values.subarray(row * width, (row + 1) * width), place * width))
  return gathered
}
