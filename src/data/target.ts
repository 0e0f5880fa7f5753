import { ConfigError, DataError } from '../errors.ts'
import { cellText, placeOf } from './encoder.ts'
import type { Task } from './encoder.ts'
import { listed } from './name.ts'
import { counted, quote } from './quote.ts'
import type { Column, Table } from './columns.ts'

/** Ten digits, star ratings, cylinder counts: whole numbers that name classes are few. */
const MOST_INTEGER_CLASSES = 20
/** ... and each occurs often; a count or a rank over a small table does not. */
const FEWEST_ROWS_PER_CLASS = 10

/** A target column as numbers; `labels` for classification only, where y holds class numbers. */
export interface EncodedTarget {
  readonly task: Task
  readonly y: Float64Array
  readonly labels?: readonly string[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

/** The task of a numeric target under 'auto', with a note where another reading is plausible and possible. */
function guessTask(
  column: Extract<Column, { kind: 'numeric' }>,
  rows: number,
): { task: Task; note?: string } {
  const distinct = new Set(column.values).size
  const few = column.values.every(value => Number.isInteger(value)) && distinct <= MOST_INTEGER_CLASSES
  if (!few) return { task: 'regression' }
  const task = rows / distinct >= FEWEST_ROWS_PER_CLASS ? 'classification' : 'regression'
  if (task === 'regression' && tooManyClasses(distinct, rows)) return { task }
  const other = task === 'regression' ? 'classification' : 'regression'
  const held = `target ${quote(column.name)} holds ${distinct} different whole numbers in ${counted(rows, 'row')}`
  return { task, note: `${held}, which task auto took for a ${task}; --task ${other} overrides this.` }
}

/** Nearly one class a row cannot be learned. */
function tooManyClasses(classes: number, rows: number): boolean {
  return 2 * classes > rows
}

/** Where each label stands: by its text, and for numeric columns also by its value, so that 1 and 1.0 are one class. */
function labelFinder(labels: readonly string[]): (column: Column, row: number) => number {
  const byText = new Map(labels.map((label, index) => [label, index]))
  const byValue = new Map<number, number>()
  for (const [index, label] of labels.entries())
    if (label !== '' && Number.isFinite(Number(label))) byValue.set(Number(label), index)
  return (column, row) => {
    const found = byText.get(cellText(column, row))
    if (found !== undefined) return found
    return column.kind === 'numeric' ? (byValue.get(column.values[row]!) ?? -1) : -1
  }
}

/** Which label each row holds, or -1. */
export function labelIndices(column: Column, rows: number, labels: readonly string[]): Int32Array {
  const find = labelFinder(labels)
  const indices = new Int32Array(rows)
  for (let row = 0; row < rows; row++) indices[row] = find(column, row)
  return indices
}

/** A column's distinct cells as written: numbers by size, texts by UTF-16 code unit (the same order on every machine). */
export function distinctLabels(column: Column): string[] {
  if (column.kind === 'text')
    return [...new Set(column.values)].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return [...new Set(column.values)]
    .toSorted((a, b) => a - b)
    .map(value => column.written?.get(value) ?? String(value))
}

/** Class numbers for known labels. Throws DataError for a label that is not among them. */
export function encodeClasses(table: Table, column: Column, labels: readonly string[]): Float64Array {
  const indices = labelIndices(column, table.rows, labels)
  const unknown = indices.indexOf(-1)
  if (unknown >= 0)
    throw new DataError(
      `${table.name}: ${placeOf(table, unknown)}, column ${quote(column.name)}: ${quote(cellText(column, unknown))} is ` +
        `none of the ${labels.length} classes` +
        ` the model was trained on: ${listed(labels)}. Remove such rows, or train again with them.`,
    )
  return Float64Array.from(indices)
}

/** The numbers of a numeric column. Throws DataError where it is text, naming the first text, or holds NaN or infinity. */
export function numericValues(table: Table, column: Column, role: string): Float64Array {
  if (column.kind === 'text') {
    const row = Math.max(
      0,
      column.values.findIndex(value => value === '' || !Number.isFinite(Number(value))),
    )
    throw new DataError(
      `${table.name}: ${placeOf(table, row)}, column ${quote(column.name)}: ${quote(column.values[row] ?? '')} is not a ` +
        `number, but ${role} must be numeric. Correct the column, or choose another.`,
    )
  }
  const bad = column.values.findIndex(value => !Number.isFinite(value))
  if (bad >= 0)
    throw new DataError(
      `${table.name}: ${placeOf(table, bad)}, column ${quote(column.name)}: ${column.values[bad]!} is not a finite ` +
        `number. Correct the value, or leave out the row.`,
    )
  return column.values
}

/** Decides the task and turns the target column into numbers. Throws DataError for a target that cannot be learned. */
export function encodeTarget(table: Table, column: Column, requested: 'auto' | Task): EncodedTarget {
  if (requested !== 'auto' && requested !== 'regression' && requested !== 'classification')
    throw new ConfigError(`task is ${quote(String(requested))}; choose auto, regression or classification.`)
  const warnings: string[] = []
  const notes: string[] = []
  let task = requested
  if (task === 'auto') {
    if (column.kind === 'text') task = 'classification'
    else {
      const guess = guessTask(column, table.rows)
      task = guess.task
      if (guess.note !== undefined) notes.push(guess.note)
    }
  }
  const labels = distinctLabels(column)
  if (labels.length < 2)
    throw new DataError(
      `${table.name}: target ${quote(column.name)} is ${quote(labels[0] ?? '')} in every row, so there is nothing to ` +
        `learn. Choose another target.`,
    )
  if (task === 'regression') {
    const y = numericValues(table, column, 'a regression target')
    return { task, y: y.slice(), warnings, notes }
  }
  if (column.kind === 'numeric') numericValues(table, column, 'a target')
  if (tooManyClasses(labels.length, table.rows))
    throw new DataError(
      `${table.name}: target ${quote(column.name)} has ${labels.length} different values in ` +
        `${counted(table.rows, 'row')}; classes need two rows each on average. ` +
        (column.kind === 'numeric' ? 'Use --task regression.' : 'Choose another target.'),
    )
  const indices = labelIndices(column, table.rows, labels)
  const sizes = new Uint32Array(labels.length)
  for (const index of indices) sizes[index]!++
  const single = labels.filter((_, index) => sizes[index] === 1)
  if (single.length > 0)
    warnings.push(`classes with a single row cannot be both learned and tested: ${listed(single)}.`)
  return { task, y: Float64Array.from(indices), labels, warnings, notes }
}
