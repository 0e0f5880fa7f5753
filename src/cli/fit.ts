import type { Table, TableEncoder, Task } from '../data/index.ts'
import type { Engine } from '../engine/engine.ts'
import { KAN } from '../kan.ts'
import type { NodeDevice } from '../node/engine.ts'
import type { Evaluation, FitOptions, FitReport } from '../train/options.ts'
import { fitDefaults } from './defaults.ts'
import { exitCode } from './exit.ts'
import { checkWritable, readTable, writeWhole } from './files.ts'
import { prepareTable } from './prepare.ts'
import type { PreparedTable } from './prepare.ts'
import { createProgressDisplay } from './progress.ts'
import { errorsOf, jsonLine, setupText, summaryText } from './report.ts'
import { coloursFor, warn } from './shell.ts'
import type { Shell } from './shell.ts'

/** The options of `webkan fit`, as typed; what is absent comes from defaults.ts. */
export interface FitCommandOptions {
  readonly target: string
  readonly task: 'auto' | Task
  readonly hidden?: number[]
  readonly grid?: number
  readonly degree?: number
  readonly optimizer?: 'adam'
  readonly steps?: number
  readonly lr?: number
  readonly batch?: number
  readonly test: number
  readonly val: number
  readonly seed: number
  readonly missing: 'error' | 'drop'
  readonly device: NodeDevice
  readonly out?: string
  readonly json?: true
}

/** What is known once training has ended. */
export interface FitResult {
  readonly table: Table
  readonly kan: KAN
  readonly encoder: TableEncoder
  readonly engine: Pick<Engine, 'description'>
  readonly report: FitReport
  readonly train: Evaluation
  /** Absent with --test 0. */
  readonly test: Evaluation | undefined
  readonly out: string | undefined
}

/** `webkan fit`: from a table to a trained, tested and saved network. */
export async function fitCommand(path: string, options: FitCommandOptions, shell: Shell): Promise<number> {
  // Everything that can be refused is refused before an engine starts.
  if (options.out !== undefined) await checkWritable(options.out)
  const table = await readTable(path, { missing: options.missing })
  const prepared = prepareTable(table, { ...options, validation: options.val })
  warn(shell, [...droppedRows(table), ...prepared.warnings])
  const kan = createNetwork(prepared, options)

  await using engine = await shell.requestEngine({ device: options.device })
  const dim = coloursFor(shell.stdout, shell.env).dim
  if (!options.json) shell.stdout.write(setupText({ table, kan, prepared, engine }, dim))
  const report = await train(kan, prepared, fitOptions(prepared, options, engine), shell)
  if (report.steps === 0) {
    shell.stderr.write('Interrupted before the first step; nothing was saved.\n')
    return exitCode.interrupted
  }

  const result: FitResult = {
    table,
    kan,
    encoder: prepared.encoder,
    engine,
    report,
    train: await kan.evaluate(prepared.train, { engine }),
    test: prepared.split.test.length > 0 ? await kan.evaluate(prepared.test, { engine }) : undefined,
    out: options.out,
  }
  const bytes = kan.save()
  if (options.out !== undefined) await writeWhole(options.out, bytes)
  shell.stdout.write(options.json ? jsonLine(fitJson(result)) : summaryText(result, bytes.length, dim))
  return report.stop === 'aborted' ? exitCode.interrupted : exitCode.done
}

/** A warning that says how many rows --missing drop left out, if any. */
export function droppedRows({ name, rows, dropped }: Table): string[] {
  if (dropped === 0) return []
  const left =
    dropped === 1
      ? '1 row with a missing value was left out'
      : `${dropped} rows with missing values were left out`
  return [`${name}: ${left}; ${rows} remain.`]
}

function createNetwork({ encoder, split }: PreparedTable, options: FitCommandOptions): KAN {
  const defaults = fitDefaults(encoder.task, split.train.length)
  const outputs = encoder.target.labels?.length ?? 1
  const kan = new KAN({
    width: [encoder.inputs.length, ...(options.hidden ?? defaults.hidden), outputs],
    grid: options.grid ?? defaults.grid,
    degree: options.degree ?? defaults.degree,
    seed: options.seed,
  })
  kan.encoder = encoder
  return kan
}

function fitOptions(prepared: PreparedTable, options: FitCommandOptions, engine: Engine): FitOptions {
  const { encoder, split, validation } = prepared
  const rows = split.train.length
  const defaults = fitDefaults(encoder.task, rows)
  return {
    engine,
    optimizer: options.optimizer ?? defaults.optimizer,
    steps: options.steps ?? defaults.steps,
    learningRate: options.lr ?? defaults.learningRate,
    batch: Math.min(options.batch ?? defaults.batch, rows),
    evaluateEvery: defaults.evaluateEvery,
    seed: options.seed,
    // Without validation rows the training loss decides, which hardly ever stops improving: all steps are taken.
    ...(split.validation.length > 0 ? { validation, patience: defaults.patience } : {}),
  }
}

/** Trains under a progress display; Ctrl-C ends the run with the best weights so far. */
async function train(
  kan: KAN,
  prepared: PreparedTable,
  options: FitOptions,
  shell: Shell,
): Promise<FitReport> {
  const run = kan.fit(prepared.train, options)
  const forget = shell.onInterrupt(() => run.abort())
  const display = createProgressDisplay(shell)
  try {
    for await (const progress of run) display.show(progress)
    return await run
  } finally {
    display.end()
    forget()
  }
}

/** The object that --json prints. */
function fitJson({ table, kan, encoder, engine, report, train: trained, test, out }: FitResult): object {
  return {
    rows: table.rows,
    columns: table.columns.length,
    task: encoder.task,
    width: kan.width,
    parameters: kan.trainableParameters,
    device: engine.description.device,
    steps: report.steps,
    seconds: report.seconds,
    train: errorsOf(trained),
    test: test ? errorsOf(test) : null,
    out: out ?? null,
  }
}
