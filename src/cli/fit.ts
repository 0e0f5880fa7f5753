import type { Table } from '../data/index.ts'
import type { Engine } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import { KAN } from '../kan.ts'
import { resolveConfig } from '../model/config.ts'
import type { KANOptions } from '../model/config.ts'
import { createLayout } from '../model/shape.ts'
import type { NodeDevice } from '../node/engine.ts'
import type { FitOptions, ScheduleName } from '../train/options.ts'
import { defaultOptimizer, fitDefaults } from './defaults.ts'
import type { OptimizerName, RegressionLoss } from './defaults.ts'
import { exitCode } from './exit.ts'
import type { FitResult, FitSettings } from './fitresult.ts'
import { checkMemory, trainingBytes } from './memory.ts'
import { checkOut, writeWhole } from './out.ts'
import type { PreparedTable } from './prepare.ts'
import { errorsOf, jsonLine, setupText, stopOf, summaryText } from './report.ts'
import { checkRoom } from './room.ts'
import { coloursFor, note, warn } from './shell.ts'
import type { Shell } from './shell.ts'
import { checkSource, readSource } from './source.ts'
import type { SourceOptions } from './source.ts'
import { trainWatched } from './train.ts'

/** The options of `webkan fit`, as typed; what is absent comes from defaults.ts. */
export interface FitCommandOptions extends SourceOptions {
  readonly hidden?: number[]
  readonly grid?: number
  readonly degree?: number
  readonly optimizer?: OptimizerName
  readonly steps?: number
  readonly lr?: number
  readonly schedule?: ScheduleName
  readonly loss?: RegressionLoss
  readonly batch?: number
  readonly device: NodeDevice
  readonly out?: string
  readonly json?: true
}

/** `webkan fit`: from a table, or a function in its place, to a trained, tested and saved network. */
export async function fitCommand(
  path: string | undefined,
  options: FitCommandOptions,
  shell: Shell,
): Promise<number> {
  const { out } = options
  // Everything that can be refused is refused before an engine starts.
  checkSource(path, options)
  checkOptimizer(options)
  const inputs = path === undefined ? [] : [{ role: 'table' as const, path }]
  if (out !== undefined) await checkOut(out, { inputs, replaces: 'model' })
  const source = await readSource(path, options)
  const { table, prepared, sampled } = source
  for (const message of prepared.notes) note(shell, message)
  warn(shell, [...droppedRows(table), ...prepared.warnings])
  const settings = chooseSettings(prepared, options)
  const network = networkOptions(prepared, settings)
  const config = resolveConfig(network)
  const rows = table.rows + (sampled?.fresh.rows ?? 0)
  const bytes = trainingBytes(createLayout(config.layers), rows, settings.optimizer)
  warn(shell, checkMemory(bytes))

  const cpuOnly = settings.optimizer === 'lm'
  const engine = await shell.requestEngine({ device: cpuOnly ? 'cpu' : options.device })
  try {
    await checkRoom(engine, config, prepared, settings)
    // After the engine: a thread or a browser that finds no memory left when it starts ends the whole program.
    const kan = new KAN(network)
    kan.encoder = prepared.encoder
    const dim = coloursFor(shell.stdout, shell.env).dim
    const { device, reason } = engine.description
    const why = cpuOnly && options.device === 'auto' ? LEVENBERG_DEVICE : reason
    if (!options.json)
      shell.stdout.write(setupText({ ...source, kan, settings, bytes, device: `${device}. ${why}` }, dim))
    const report = await trainWatched(kan, prepared.train, fitOptions(prepared, settings, engine), shell)
    if (report === undefined) {
      shell.stderr.write('Interrupted before the first step; nothing was saved.\n')
      return exitCode.interrupted
    }
    const result: FitResult = {
      table,
      formula: sampled?.formula,
      kan,
      settings,
      encoder: prepared.encoder,
      validated: prepared.split.validation.length > 0,
      engine,
      report,
      train: await kan.evaluate(prepared.train, { engine }),
      test: prepared.test ? await kan.evaluate(prepared.test, { engine }) : undefined,
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

const LEVENBERG_DEVICE = '--optimizer lm runs on the CPU only.'

/** Throws ConfigError for options that contradict the optimizer. */
function checkOptimizer({ optimizer, device, lr, schedule, batch }: FitCommandOptions): void {
  if (optimizer !== 'lm') return
  if (device === 'webgpu')
    throw new ConfigError(`${LEVENBERG_DEVICE} Leave --device webgpu out, or choose --optimizer adam.`)
  const foreign = Object.entries({ lr, schedule, batch }).find(([, value]) => value !== undefined)
  if (foreign !== undefined)
    throw new ConfigError(
      `--${foreign[0]} is for --optimizer adam; lm finds its own step length on all rows. Leave it out.`,
    )
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
  const { optimizer = defaultOptimizer, loss } = options
  if (loss !== undefined && encoder.task !== 'regression')
    throw new ConfigError(
      `--loss ${loss} is for a regression, and this is a ${encoder.task}, whose loss is the cross-entropy. Leave it out, or ` +
        `say --task regression.`,
    )
  const defaults = fitDefaults(encoder.task, rows, optimizer)
  return {
    hidden: options.hidden ?? defaults.hidden,
    grid: options.grid ?? defaults.grid,
    degree: options.degree ?? defaults.degree,
    optimizer,
    steps: options.steps ?? defaults.steps,
    learningRate: options.lr ?? defaults.learningRate,
    schedule: options.schedule ?? 'constant',
    loss: encoder.task === 'classification' ? 'cross-entropy' : (loss ?? 'mse'),
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
  { loss, optimizer, steps, learningRate, schedule, batch, evaluateEvery, patience, seed }: FitSettings,
  engine: Engine,
): FitOptions & { readonly steps: number } {
  return {
    engine,
    loss,
    optimizer,
    steps,
    evaluateEvery,
    seed,
    // 'lm' takes none of them.
    ...(learningRate === undefined ? {} : { learningRate, schedule, batch }),
    // Without validation rows the training loss decides, which hardly ever stops improving: all steps are taken.
    ...(split.validation.length > 0 ? { validation, patience } : {}),
  }
}

/** The object that --json prints. */
function fitJson(result: FitResult): object {
  const { table, kan, settings, encoder, engine, report, train: trained, test, out } = result
  return {
    function: result.formula ?? null,
    rows: table.rows,
    columns: table.columns.length,
    task: encoder.task,
    width: kan.width,
    grid: settings.grid,
    degree: settings.degree,
    parameters: kan.trainableParameters,
    seed: settings.seed,
    loss: settings.loss,
    optimizer: settings.optimizer,
    learningRate: settings.learningRate ?? null,
    schedule: settings.learningRate === undefined ? null : settings.schedule,
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
