/** Columns on a logarithmic scale, by the names that a table gives them: --log. */
import { placeOf } from '../data/encoder.ts'
import { suggestLogColumns } from '../data/index.ts'
import type { Table, TableEncoder } from '../data/index.ts'
import { findName } from '../data/name.ts'
import { counted, quote } from '../data/quote.ts'
import { ConfigError, DataError } from '../errors.ts'
import type { Model } from '../model/model.ts'
import type { ScalingOptions } from '../model/scalingchoice.ts'
import { takeRows } from './prepare.ts'

/**
 * The table with rows only that have a logarithm in all of these columns: others are refused, or left out and counted as rows with
 * missing values are. Throws DataError for a column that is not there or is text, for a value that has no logarithm (the first one
 * with its place), and where no row is left.
 *
 * @param wish why these columns, in a message: '--log asks for'
 */
export function positiveRows(
  table: Table,
  names: readonly string[],
  { missing, wish }: { readonly missing: 'error' | 'drop'; readonly wish: string },
): Table {
  // A model that takes logarithms is not asked by an option.
  const isAsked = wish.startsWith('--')
  const all = table.columns.map(column => column.name)
  const columns = names.map(name => {
    const column = table.columns[findName(all, name, table.name, 'column to take logarithms of')]!
    if (column.kind === 'numeric') return column
    throw new DataError(
      `${table.name}: column ${quote(name)} is text, and only numbers have the logarithms that ${wish}. ${isAsked ? 'Leave it out there' : 'Correct the column'}.`,
    )
  })
  const isGood = (row: number): boolean => columns.every(({ values }) => values[row]! > 0)
  const rows = Uint32Array.from({ length: table.rows }, (_, row) => row)
  const good = rows.filter(isGood)
  const bad = table.rows - good.length
  if (bad === 0) return table
  if (missing === 'drop' && good.length > 0) return { ...takeRows(table, good), dropped: table.dropped + bad }
  const first = rows.find(row => !isGood(row))!
  const { name, values } = columns.find(column => !(column.values[first]! > 0))!
  const more = bad > 1 ? ` There are ${counted(bad - 1, 'more such row')}.` : ''
  const remedy =
    table.lines === undefined
      ? 'Choose a --range where it is positive'
      : good.length > 0
        ? 'Leave such rows out with --missing drop'
        : 'There would be no row left'
  throw new DataError(
    `${table.name}: ${placeOf(table, first)}, column ${quote(name)}: ${values[first]!} has no logarithm, which ${wish}.${more} ` +
      `${remedy}, or ${isAsked ? 'leave the column out of --log' : 'correct them'}.`,
  )
}

/** The columns whose logarithms a model sees or says, as its table calls them. */
export function logNames({ scaling }: Pick<Model, 'scaling'>, { inputs, target }: TableEncoder): string[] {
  const seen = inputs.flatMap(({ column }, i) => (scaling?.input.log?.[i] === true ? [column] : []))
  return scaling?.output.log?.[0] === true ? [...seen, target.column] : seen
}

/** The scaling of a network for an encoded table. Throws ConfigError where the target is a class. */
export function logScaling(names: readonly string[], { inputs, target, task }: TableEncoder): ScalingOptions {
  const output = names.includes(target.column)
  if (output && task === 'classification')
    throw new ConfigError(
      `--log names the target ${target.column}, which holds classes here: leave it out, or say --task regression.`,
    )
  return {
    log: {
      inputs: inputs.map(input => input.kind === 'numeric' && names.includes(input.column)),
      output,
    },
  }
}

/**
 * A note that names the columns of an encoded table which span decades, unless they are on a logarithmic scale already, or judged
 * so.
 */
export function logNotes(
  table: Table,
  { inputs, target, task }: TableEncoder,
  chosen: readonly string[],
  judged: readonly string[] = [],
): string[] {
  const used = new Set(inputs.map(input => input.column))
  if (task === 'regression') used.add(target.column)
  const found = suggestLogColumns({
    columns: table.columns.filter(
      ({ name }) => used.has(name) && !chosen.includes(name) && !judged.includes(name),
    ),
  })
  if (found.length === 0) return []
  const spans = found.map(({ column, decades, zeros }) => {
    const but = zeros > 0 ? ` (but for ${counted(zeros, 'row')} of 0)` : ''
    return `${quote(column)} spans ${decades.toFixed(1)} decades${but}`
  })
  const names = [...chosen, ...found.map(({ column }) => column)].map(asOption)
  const drop = found.some(({ zeros }) => zeros > 0) ? ' --missing drop' : ''
  return [`${spans.join(', ')}: try a logarithmic scale, --log ${shellWord(names.join(','))}${drop}.`]
}

/** A name as columnNames reads it. */
function asOption(name: string): string {
  return /[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name
}

/** A word as a shell reads it. */
function shellWord(text: string): string {
  return /^[\w.,:=/+@%-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
