import { DataError, ShapeError } from '../errors.ts'
import type { RowValues } from './options.ts'

/** What a list of rows is called in messages, and how many columns it must have. */
export interface RowShape {
  readonly name: string
  readonly columns: number
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && value !== null && 'length' in value && typeof value.length === 'number'
}

function flattenRows(rows: ArrayLike<unknown>, { name, columns }: RowShape): Float64Array {
  const flat = new Float64Array(rows.length * columns)
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]
    if (!isList(row) || row.length !== columns) {
      const found = isList(row) ? `${row.length} values` : `${String(row)} instead of a list`
      throw new ShapeError(`${name}: row ${r + 1} has ${found}; every row needs ${columns}.`)
    }
    for (let c = 0; c < columns; c++) flat[r * columns + c] = checkFinite(row[c], name, r, c)
  }
  return flat
}

function checkFinite(value: unknown, name: string, row: number, column: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    const shown = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'missing')
    throw new DataError(
      `${name}: row ${row + 1}, column ${column + 1} (counted from 1) is ${shown}; give finite numbers, or leave such rows out.`,
    )
  }
  return value
}

/** How many rows there are, before anything is checked; NaN where that cannot be told. */
export function countRows(values: unknown, columns: number): number {
  if (!isList(values)) return NaN
  return isList(values[0]) ? values.length : values.length / columns
}

/**
 * Rows as one flat row-major array [rows][columns]. A Float64Array is checked and returned as it is, not copied.
 * Throws ShapeError (naming the row) unless every row has `columns` values, DataError for no rows and for values that are
 * not finite (naming row and column).
 */
export function toRows(values: RowValues, shape: RowShape): Float64Array {
  const { name, columns } = shape
  if (!isList(values))
    throw new ShapeError(
      `${name} is ${String(values)}; give a flat array of rows of ${columns}, or a list of rows.`,
    )
  if (values.length === 0) throw new DataError(`${name} has no rows; give at least one.`)
  if (isList(values[0])) return flattenRows(values, shape)
  if (values.length % columns !== 0)
    throw new ShapeError(
      `${name} has ${values.length} values, which is not a whole number of rows of ${columns}; the network's width says how many a row has.`,
    )
  const flat = values instanceof Float64Array ? values : new Float64Array(values.length)
  for (let p = 0; p < values.length; p++)
    flat[p] = checkFinite(values[p], name, Math.floor(p / columns), p % columns)
  return flat
}

/** Class indices, one a row: whole numbers from 0 to classes - 1. Throws as toRows does, and DataError for other numbers. */
export function toClasses(values: RowValues, name: string, classes: number): Float64Array {
  const labels = toRows(values, { name, columns: 1 })
  labels.forEach((label, r) => {
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      throw new DataError(
        `${name}: row ${r + 1} is class ${label}; the network has ${classes} outputs, so classes are 0 to ${classes - 1}.`,
      )
  })
  return labels
}

/**
 * Weights of rows, 1 each unless given. Throws ShapeError for another number of weights than rows, DataError for weights that
 * are negative or not finite, or all zero.
 */
export function toWeights(weights: ArrayLike<number> | undefined, name: string, rows: number): Float64Array {
  if (weights === undefined) return new Float64Array(rows).fill(1)
  if (weights.length !== rows)
    throw new ShapeError(`${name} has ${weights.length} values for ${rows} rows; give one a row.`)
  const checked = toRows(weights, { name, columns: 1 })
  const negative = checked.findIndex(weight => weight < 0)
  if (negative >= 0)
    throw new DataError(`${name}: row ${negative + 1} is ${checked[negative]}; weights must not be negative.`)
  if (checked.every(weight => weight === 0))
    throw new DataError(`${name} are all 0; give at least one row a positive weight.`)
  return checked
}
