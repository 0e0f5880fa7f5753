import { applyEncoder } from '../data/index.ts'
import type { TableEncoder } from '../data/index.ts'
import { ShapeError } from '../errors.ts'
import { exitCode } from './exit.ts'
import { readModelTable, readTableModel } from './files.ts'
import { droppedRows } from './fit.ts'
import { logNames } from './logscale.ts'
import { errorsOf, errorTable, jsonLine, lossNotes } from './report.ts'
import { coloursFor, note, warn } from './shell.ts'
import type { Shell } from './shell.ts'

export interface EvalCommandOptions {
  readonly target?: string
  readonly missing: 'error' | 'drop'
  readonly json?: true
}

/** `webkan eval`: the error of a model on a table that has the target. */
export async function evalCommand(
  modelPath: string,
  tablePath: string,
  options: EvalCommandOptions,
  shell: Shell,
): Promise<number> {
  const model = await readTableModel(modelPath, 'webkan eval MODEL TABLE')
  // The table may call its target otherwise than the one the model was trained on.
  const encoder: TableEncoder = {
    ...model.encoder,
    target: { ...model.encoder.target, ...(options.target === undefined ? {} : { column: options.target }) },
  }
  const table = await readModelTable(
    tablePath,
    { kan: model.kan, encoder },
    { missing: options.missing, requireTarget: true },
  )
  const { x, y, warnings } = applyEncoder(encoder, table, { requireTarget: true })
  if (y === undefined) throw new ShapeError(`${table.name} was encoded without its target.`)
  warn(shell, [...droppedRows(table, logNames(model.kan, encoder)), ...warnings])
  const evaluation = await model.kan.evaluate({ x, y })
  const { dim } = coloursFor(shell.stdout, shell.env)
  shell.stdout.write(
    options.json
      ? jsonLine({ rows: table.rows, task: encoder.task, ...errorsOf(evaluation) })
      : `\n${errorTable([[table.name, evaluation]], dim)}`,
  )
  for (const line of lossNotes(model.kan)) note(shell, line)
  return exitCode.done
}
