import { applyEncoder, formatTable } from '../data/index.ts'
import type { Column, Table, TableEncoder } from '../data/index.ts'
import { exitCode } from './exit.ts'
import { extrapolations } from './extrapolation.ts'
import { readModelTable, readTableModel } from './files.ts'
import { droppedRows } from './fit.ts'
import { logNames } from './logscale.ts'
import { checkOut, writeWhole } from './out.ts'
import { warn } from './shell.ts'
import type { Shell } from './shell.ts'

export interface PredictCommandOptions {
  readonly missing: 'error' | 'drop'
  readonly out?: string
}

/**
 * `webkan predict`: one line of CSV for each row of the table, in its order, empty for rows that were dropped. The target
 * column need not be there.
 */
export async function predictCommand(
  modelPath: string,
  tablePath: string,
  options: PredictCommandOptions,
  shell: Shell,
): Promise<number> {
  const { out } = options
  const inputs = [
    { role: 'model', path: modelPath },
    { role: 'table', path: tablePath },
  ] as const
  if (out !== undefined) await checkOut(out, { inputs, replaces: 'any' })
  const { kan, encoder } = await readTableModel(modelPath, 'webkan predict MODEL TABLE')
  const table = await readModelTable(
    tablePath,
    { kan, encoder },
    { missing: options.missing, requireTarget: false },
  )
  const { x, warnings } = applyEncoder(encoder, table, { requireTarget: false })
  warn(shell, [
    ...droppedRows(table, logNames(kan, encoder)),
    ...warnings,
    ...extrapolations(kan, encoder, x),
  ])
  const columns = predictionColumns(encoder, await kan.predict(x))
  const text = formatTable(columns.map(column => atFileRows(column, table)))
  if (out === undefined) shell.stdout.write(text)
  else await writeWhole(out, text)
  return exitCode.done
}

/** A column of the rows that were kept as one of all rows of the file, empty at those that were dropped. */
function atFileRows(column: Column, { rows, dropped, kept }: Table): Column {
  if (dropped === 0 || kept === undefined) return column
  if (column.kind === 'numeric') {
    const values = new Float64Array(rows + dropped).fill(Number.NaN)
    kept.forEach((row, place) => (values[row] = column.values[place]!))
    return { name: column.name, kind: 'numeric', values }
  }
  const values = Array.from({ length: rows + dropped }, () => '')
  kept.forEach((row, place) => (values[row] = column.values[place]!))
  return { ...column, values }
}

/**
 * Network outputs [rows][outputs] as columns for a person: `predicted_<target>`, and for classes the most likely label
 * with its probability (softmax of the outputs).
 */
function predictionColumns(encoder: TableEncoder, outputs: Float64Array): Column[] {
  const name = `predicted_${encoder.target.column}`
  const { labels } = encoder.target
  if (labels === undefined) return [{ name, kind: 'numeric', values: outputs }]
  const rows = outputs.length / labels.length
  const probabilities = new Float64Array(rows)
  const chosen: string[] = []
  for (let row = 0; row < rows; row++) {
    const logits = outputs.subarray(row * labels.length, (row + 1) * labels.length)
    const best = logits.indexOf(Math.max(...logits))
    chosen.push(labels[best]!)
    probabilities[row] = 1 / logits.reduce((sum, logit) => sum + Math.exp(logit - logits[best]!), 0)
  }
  return [
    { name, kind: 'text', values: chosen },
    { name: 'probability', kind: 'numeric', values: probabilities },
  ]
}
