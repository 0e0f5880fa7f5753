import { applyEncoder, formatTable } from '../data/index.ts'
import type { Column, TableEncoder } from '../data/index.ts'
import { exitCode } from './exit.ts'
import { checkWritable, readModelTable, readTableModel, writeWhole } from './files.ts'
import { droppedRows } from './fit.ts'
import { warn } from './shell.ts'
import type { Shell } from './shell.ts'

export interface PredictCommandOptions {
  readonly missing: 'error' | 'drop'
  readonly out?: string
}

/** `webkan predict`: one line of CSV for each row of the table, in its order. The target column need not be there. */
export async function predictCommand(
  modelPath: string,
  tablePath: string,
  options: PredictCommandOptions,
  shell: Shell,
): Promise<number> {
  if (options.out !== undefined) await checkWritable(options.out)
  const { kan, encoder } = await readTableModel(modelPath)
  const table = await readModelTable(tablePath, encoder, { missing: options.missing, requireTarget: false })
  const { x, warnings } = applyEncoder(encoder, table, { requireTarget: false })
  warn(shell, [...droppedRows(table), ...warnings])
  const text = formatTable(predictionColumns(encoder, await kan.predict(x)))
  if (options.out === undefined) shell.stdout.write(text)
  else await writeWhole(options.out, text)
  return exitCode.done
}

/**
 * Network outputs [rows][outputs] as columns for a person: `predicted_<target>`, and for classes the most likely label
 * with its probability (softmax of the outputs).
 */
export function predictionColumns(encoder: TableEncoder, outputs: Float64Array): Column[] {
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
