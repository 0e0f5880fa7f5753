import type { Table, TableEncoder, Task } from '../data/index.ts'
import type { Engine } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import { KAN } from '../kan.ts'
import { resolveConfig } from '../model/config.ts'
import type { KANOptions } from '../model/config.ts'
import { createLayout } from '../model/shape.ts'
import type { NodeDevice } from '../node/engine.ts'
import type { Evaluation, FitOptions, FitReport } from '../train/options.ts'
import { fitDefaults } from './defaults.ts'
import type { FitDefaults } from './defaults.ts'
import { exitCode } from './exit.ts'
import { readTable } from './files.ts'
import { checkMemory, trainingBytes } from './memory.ts'
import { checkOut, writeWhole } from './out.ts'
import { prepareTable } from './prepare.ts'
import type { PreparedTable } from './prepare.ts'
import { errorsOf, jsonLine, setupText, stopOf, summaryText } from './report.ts'
import { checkRoom } from './room.ts'
import { coloursFor, note, warn } from './shell.ts'
import type { Shell } from './shell.ts'
import { trainWatched } from './train.ts'

/** The options of `webkan fit`, as typed; what is absent comes from defaults.ts. */
export interface FitCommandOptions {
  readonly target: string
  readonly ignore?: string[]
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

/** What a run uses: what was typed, else the defaults. */
export interface FitSettings extends FitDefaults {
  readonly seed: number
}

/** What is known once training has ended. */
export interface FitResult {
  readonly settings: FitSettings
  readonly table: Table
  readonly kan: KAN
  readonly encoder: TableEncoder
  readonly engine: Pick<Engine, 'description'>
  readonly report: FitReport
  /** Whether there were validation rows to choose the best weights by. */
  readonly validated: boolean
  readonly train: Evaluation
  /** Absent with --test 0. */
  readonly test: Evaluation | undefined
  readonly out: string | undefined
}

/** `webkan fit`: from a table to a trained, tested and saved network. */
export async function fitCommand(path: string, options: FitCommandOptions, shell: Shell): Promise<number> {
  const { target, ignore = [], missing, out } = options
  // Everything that can be refused is refused before an engine starts.
  if (out !== undefined) await checkOut(out, { inputs: [{ role: 'table', path }], replaces: 'model' })
  if (ignore.includes(target))
    throw new ConfigError(
      `--ignore names the target ${target}. Leave it out there, or choose another --target.`,
    )
  const table = await readTable(path, { missing, ignore })
  const prepared = prepareTable(table, { ...options, validation: options.val })
  for (const message of prepared.notes) note(shell, message)
  warn(shell, [...droppedRows(table), ...prepared.warnings])
  const settings = chooseSettings(prepared, options)
  const network = networkOptions(prepared, settings)
  const config = resolveConfig(network)
  const bytes = trainingBytes(createLayout(config.layers), table.rows)
  warn(shell, checkMemory(bytes))

  const engine = await shell.requestEngine({ device: options.device })
  try {
    await checkRoom(engine, config, prepared, settings)
    // After the engine: a thread or a browser that finds no memory left when it starts ends the whole program.
    const kan = new KAN(network)
    kan.encoder = prepared.encoder
    const dim = coloursFor(shell.stdout, shell.env).dim
    if (!options.json) shell.stdout.write(setupText({ table, kan, prepared, settings, bytes, engine }, dim))
    const report = await trainWatched(kan, prepared.train, fitOptions(prepared, settings, engine), shell)
    if (report === undefined) {
      shell.stderr.write('Interrupted before the first step; nothing was saved.\n')
      return exitCode.interrupted
    }
    const result: FitResult = {
      table,
      kan,
      settings,
      encoder: prepared.encoder,
      validated: prepared.split.validation.length > 0,
      engine,
      report,
      train: await kan.evaluate(prepared.train, { engine }),
      test: prepared.split.test.length > 0 ? await kan.evaluate(prepared.test, { engine }) : undefined,
      out,
    }
    const model = kan.save()
    if (out !== undefined) await writeWhole(out, model)
    shell.stdout.write(options.json ? jsonLine(fitJson(result)) : summaryText(result, model.length, dim))
    return report.stop === 'aborted' ? exitCode.interrupted : exitCode.done
  } finally {
    // An engine in the middle of a step may take long to end; after Ctrl-C nobody waits for it.
    await Promise.race([engine.destroy(), new Promise(resolve => setTimeout(resolve, 2000).unref())])
  }
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

function chooseSettings({ encoder, split }: PreparedTable, options: FitCommandOptions): FitSettings {
  const rows = split.train.length
  const defaults = fitDefaults(encoder.task, rows)
  return {
    hidden: options.hidden ?? defaults.hidden,
    grid: options.grid ?? defaults.grid,
    degree: options.degree ?? defaults.degree,
    optimizer: options.optimizer ?? defaults.optimizer,
    steps: options.steps ?? defaults.steps,
    learningRate: options.lr ?? defaults.learningRate,
    batch: Math.min(options.batch ?? defaults.batch, rows),
    evaluateEvery: defaults.evaluateEvery,
    patience: defaults.patience,
    seed: options.seed,
  }
}

function networkOptions({ encoder }: PreparedTable, { hidden, grid, degree, seed }: FitSettings): KANOptions {
  const outputs = encoder.target.labels?.length ?? 1
  return { width: [encoder.inputs.length, ...hidden, outputs], grid, degree, seed }
}

function fitOptions(
  { split, validation }: PreparedTable,
  { optimizer, steps, learningRate, batch, evaluateEvery, patience, seed }: FitSettings,
  engine: Engine,
): FitOptions & { readonly steps: number } {
  return {
    engine,
    optimizer,
    steps,
    learningRate,
    batch,
    evaluateEvery,
    seed,
    // Without validation rows the training loss decides, which hardly ever stops improving: all steps are taken.
    ...(split.validation.length > 0 ? { validation, patience } : {}),
  }
}

/** The object that --json prints. */
function fitJson(result: FitResult): object {
  const { table, kan, settings, encoder, engine, report, train: trained, test, out } = result
  return {
    rows: table.rows,
    columns: table.columns.length,
    task: encoder.task,
    width: kan.width,
    grid: settings.grid,
    degree: settings.degree,
    parameters: kan.trainableParameters,
    seed: settings.seed,
    learningRate: settings.learningRate,
    batch: settings.batch,
    device: engine.description.device,
    steps: report.steps,
    seconds: report.seconds,
    stop: stopOf(result),
    bestStep: report.best.step,
    train: errorsOf(trained),
    validation: result.validated ? { loss: report.best.loss } : null,
    test: test ? errorsOf(test) : null,
    out: out ?? null,
  }
}
