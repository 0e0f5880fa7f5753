import { DataError, ShapeError } from '../errors.ts'
import { cellText, findColumn, placeOf } from './encoder.ts'
import type { EncodedInput, TableEncoder, Task } from './encoder.ts'
import { counted, quote } from './quote.ts'
import type { Column, Table } from './columns.ts'
import { distinctLabels, encodeClasses, encodeTarget, labelIndices, numericValues } from './target.ts'

/** A one-hot column of more levels would be most of the network; nearly one level per row cannot be learned at all. */
const MOST_LEVELS = 50

/** What encodeTable returns; x is [rows][encoder.inputs.length] row-major. */
export interface EncodedTable {
  readonly encoder: TableEncoder
  readonly x: Float64Array
  /** Regression: the target's values, [rows][1]. Classification: class numbers, indices into encoder.target.labels. */
  readonly y: Float64Array
  readonly warnings: readonly string[]
  /** Choices that could be argued, with the option that overrides them. */
  readonly notes: readonly string[]
}

function checkSizes(table: Table): void {
  for (const column of table.columns)
    if (column.values.length !== table.rows)
      throw new ShapeError(
        `${table.name}: column ${quote(column.name)} has ${counted(column.values.length, 'value')} for ` +
          `${counted(table.rows, 'row')}. Give every column one value a row.`,
      )
}

/** The network inputs one column becomes; none, and a warning, when it is constant. */
function planColumn(table: Table, column: Column, warnings: string[]): EncodedInput[] {
  if (column.kind === 'numeric') {
    const values = numericValues(table, column, 'an input')
    if (values.some(value => value !== values[0])) return [{ column: column.name, kind: 'numeric' }]
    warnings.push(`input ${quote(column.name)} is ${cellText(column, 0)} in every row and was left out.`)
    return []
  }
  const levels = distinctLabels(column)
  if (levels.length === 1) {
    warnings.push(`input ${quote(column.name)} is ${quote(levels[0]!)} in every row and was left out.`)
    return []
  }
  if (levels.length > MOST_LEVELS || (levels.length > 2 && 2 * levels.length > table.rows)) {
    const row = Math.max(
      0,
      column.values.findIndex(value => !Number.isFinite(Number(value))),
    )
    throw new DataError(
      `${table.name}: text column ${quote(column.name)} has ${levels.length} different values in ` +
        `${counted(table.rows, 'row')} (${placeOf(table, row)}: ${quote(column.values[row]!)}); one input each allows ` +
        `${MOST_LEVELS}, and two rows a value. Delete the column, or write it as numbers or fewer groups.`,
    )
  }
  return levels.map(level => ({ column: column.name, kind: 'one-hot', level }))
}

/** x [rows][inputs] row-major, as `inputs` say. Levels that no input stands for are reported once a column. */
function fillInputs(table: Table, inputs: readonly EncodedInput[], warnings: string[]): Float64Array {
  const width = inputs.length
  const x = new Float64Array(table.rows * width)
  const oneHot = new Map<string, { places: number[]; levels: string[] }>()
  for (const [place, input] of inputs.entries()) {
    if (input.kind === 'numeric') {
      const column = findColumn(table, input.column, 'input column')
      const values = numericValues(table, column, 'this input')
      for (let row = 0; row < table.rows; row++) x[row * width + place] = values[row]!
    } else {
      const group = oneHot.get(input.column) ?? { places: [], levels: [] }
      group.places.push(place)
      group.levels.push(input.level)
      oneHot.set(input.column, group)
    }
  }
  for (const [name, { places, levels }] of oneHot) {
    const column = findColumn(table, name, 'input column')
    const indices = labelIndices(column, table.rows, levels)
    const unseen = indices.filter(index => index < 0).length
    for (let row = 0; row < table.rows; row++) {
      const index = indices[row]!
      if (index >= 0) x[row * width + places[index]!] = 1
    }
    if (unseen > 0) {
      const row = indices.indexOf(-1)
      warnings.push(
        `${counted(unseen, 'row')} of column ${quote(name)} hold values that training has not seen (${placeOf(table, row)}: ` +
          `${quote(cellText(column, row))}); all inputs of that column are 0 there.`,
      )
    }
  }
  return x
}

/**
 * Turns a table into arrays for training, and says how in an encoder that goes into the model. Numeric columns are
 * inputs as they are (the model scales), text columns one input a level, in the table's order; constant columns are
 * left out with a warning. A text target means classification. A numeric target under task 'auto' means regression,
 * unless it holds at most 20 different whole numbers with 10 rows each on average; a note says what was chosen where it
 * could be argued. Throws DataError: fewer than two rows, unknown or constant target, too many levels or classes, no
 * usable input.
 */
export function encodeTable(
  table: Table,
  options: { readonly target: string; readonly task?: 'auto' | Task },
): EncodedTable {
  checkSizes(table)
  const target = findColumn(table, options.target, 'target column')
  if (table.rows < 2)
    throw new DataError(
      `${table.name}: there ${table.rows === 1 ? 'is' : 'are'} only ${counted(table.rows, 'row')}` +
        (table.dropped > 0 ? ` (${table.dropped} dropped for missing values)` : '') +
        `; training needs at least 2. Add rows.`,
    )
  const {
    task,
    y,
    labels,
    notes,
    warnings: targetWarnings,
  } = encodeTarget(table, target, options.task ?? 'auto')
  const warnings = [...targetWarnings]
  const inputs = table.columns.flatMap(column =>
    column === target ? [] : planColumn(table, column, warnings),
  )
  if (table.columns.length === 1)
    throw new DataError(
      `${table.name}: there is no column besides the target ${quote(target.name)} to predict it from. Add input columns.`,
    )
  if (inputs.length === 0)
    throw new DataError(
      `${table.name}: no usable input: besides the target ${quote(target.name)} ` +
        (table.columns.length === 2
          ? 'the only column'
          : `every one of the ${table.columns.length - 1} columns`) +
        ` is constant. Add a column that varies.`,
    )
  const encoder: TableEncoder = {
    task,
    inputs,
    target: labels === undefined ? { column: target.name } : { column: target.name, labels },
  }
  return { encoder, x: fillInputs(table, inputs, warnings), y, warnings, notes }
}

/**
 * Turns another table into arrays as `encoder` did with the training table; further columns are ignored, one row is
 * enough. y is there when the target is required. A level that training has not seen becomes zeros, with a warning.
 * Throws DataError for a missing column, a text in a numeric input, and a target label that is not among the classes.
 */
export function applyEncoder(
  encoder: TableEncoder,
  table: Table,
  options: { readonly requireTarget: boolean },
): { readonly x: Float64Array; readonly y?: Float64Array; readonly warnings: readonly string[] } {
  checkSizes(table)
  const warnings: string[] = []
  const x = fillInputs(table, encoder.inputs, warnings)
  if (!options.requireTarget) return { x, warnings }
  const { column, labels } = encoder.target
  const target = findColumn(table, column, 'target column')
  if (labels !== undefined) return { x, y: encodeClasses(table, target, labels), warnings }
  return { x, y: numericValues(table, target, 'the target').slice(), warnings }
}
