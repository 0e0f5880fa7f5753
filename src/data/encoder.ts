import { FormatError } from '../errors.ts'
import { findName } from './name.ts'
import { quote } from './quote.ts'
import type { Column, Table } from './columns.ts'

export type Task = 'regression' | 'classification'

/** One input of the network: a numeric column as it is, or 1 where a text column holds `level` and 0 elsewhere. */
export type EncodedInput =
  | { readonly column: string; readonly kind: 'numeric' }
  | { readonly column: string; readonly kind: 'one-hot'; readonly level: string }

/** How a table becomes arrays: plain JSON data that is saved with the model, so that predict reads tables as fit did. */
export interface TableEncoder {
  readonly task: Task
  /** In the order of the network's inputs. */
  readonly inputs: readonly EncodedInput[]
  /** `labels` (classification only) as written in the file; class c is labels[c]. */
  readonly target: { readonly column: string; readonly labels?: readonly string[] }
}

/** A cell as it was written, or as JavaScript writes the number where the spelling was not kept. */
export function cellText(column: Column, row: number): string {
  if (column.kind === 'text') return column.values[row]!
  const value = column.values[row]!
  return column.written?.get(value) ?? String(value)
}

/** ` in line 7` where the table knows its lines, else ` in row 6` (the first row of data is row 1). */
export function placeOf(table: Table, row: number): string {
  const line = table.lines?.[row]
  return line === undefined ? `row ${row + 1}` : `line ${line}`
}

/** The columns a table must have for this encoder, each once: pass them to parseTable as `only`. */
export function encoderColumns(encoder: TableEncoder, options: { requireTarget: boolean }): string[] {
  const columns = new Set(encoder.inputs.map(input => input.column))
  if (options.requireTarget) columns.add(encoder.target.column)
  return [...columns]
}

/** The column of that name. Throws DataError with the nearest name and the names there are. */
export function findColumn(table: Table, name: string, role: string): Column {
  const names = table.columns.map(column => column.name)
  return table.columns[findName(names, name, table.name, role)]!
}

function refuse(what: string): never {
  throw new FormatError(
    `The model's table encoder is not valid: ${what}. The file was not written by webkan; export it again.`,
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readString(record: Readonly<Record<string, unknown>>, key: string, where: string): string {
  const value = record[key]
  return typeof value === 'string' ? value : refuse(`${where}.${key} is not a text`)
}

function readInput(value: unknown, where: string): EncodedInput {
  if (!isRecord(value)) return refuse(`${where} is not an object`)
  const column = readString(value, 'column', where)
  const kind = readString(value, 'kind', where)
  if (kind === 'numeric') return { column, kind }
  if (kind === 'one-hot') return { column, kind, level: readString(value, 'level', where) }
  return refuse(`${where}.kind is ${quote(kind)}, which is neither 'numeric' nor 'one-hot'`)
}

/** Checks an encoder that was read from a file and copies its known fields. Throws FormatError. */
export function readEncoder(value: unknown): TableEncoder {
  if (!isRecord(value)) return refuse('it is not an object')
  const task = readString(value, 'task', 'encoder')
  if (task !== 'regression' && task !== 'classification')
    return refuse(`task is ${quote(task)}, which is neither 'regression' nor 'classification'`)
  const rawInputs = value['inputs']
  const target = value['target']
  if (!Array.isArray(rawInputs) || rawInputs.length === 0)
    return refuse('inputs is not a list of at least one input')
  const inputs = rawInputs.map((input: unknown, place) => readInput(input, `inputs[${place}]`))
  const distinct = new Set(
    inputs.map(input => JSON.stringify([input.column, input.kind === 'one-hot' ? input.level : null])),
  )
  if (distinct.size !== inputs.length) return refuse('two inputs are the same')
  if (!isRecord(target)) return refuse('target is not an object')
  const column = readString(target, 'column', 'target')
  const rawLabels = target['labels']
  if (task === 'regression')
    return rawLabels === undefined
      ? { task, inputs, target: { column } }
      : refuse('a regression has no labels')
  if (!Array.isArray(rawLabels) || rawLabels.length < 2)
    return refuse('labels is not a list of at least two texts')
  const labels = rawLabels.map((label: unknown) =>
    typeof label === 'string' ? label : refuse('a label is not a text'),
  )
  if (new Set(labels).size !== labels.length) return refuse('two labels are the same')
  return { task, inputs, target: { column, labels } }
}
