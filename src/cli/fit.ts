import type { Table } from '../data/index.ts'
import type { Engine } from '../engine/engine.ts'
import { KAN } from '../kan.ts'
import type { KANOptions } from '../model/config.ts'
import { createLayout } from '../model/shape.ts'
import { destroyEngine } from './engine.ts'
import { exitCode } from './exit.ts'
import type { FitResult, FitSettings } from './fitresult.ts'
import { logNames, logNotes } from './logscale.ts'
import { checkMemory, trainingBytes } from './memory.ts'
import { checkOut, writeWhole } from './out.ts'
import type { PreparedTable } from './prepare.ts'
import { errorsOf, gridOf, jsonLine, setupText, stopOf, summaryText } from './report.ts'
import { checkRoom } from './room.ts'
import { reportOfKept, seedsJson } from './seeds.ts'
import { checkTraining, chooseTraining, fitOptions, LEVENBERG_DEVICE, sharedOptions } from './settings.ts'
import type { TrainingOptions } from './settings.ts'
import { coloursFor, columnsOf, note, warn } from './shell.ts'
import type { Shell } from './shell.ts'
import { checkSource, readSource } from './source.ts'
import type { SourceOptions } from './source.ts'
import { watchRun } from './train.ts'

/** The options of `webkan fit`, as typed. */
export interface FitCommandOptions extends SourceOptions, TrainingOptions {
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
  checkTraining(options)
  const inputs = path === undefined ? [] : [{ role: 'table' as const, path }]
  if (out !== undefined) await checkOut(out, { inputs, replaces: 'model' })
  const source = await readSource(path, options)
  const { table, prepared, sampled } = source
  const scales = sampled ? [] : logNotes(table, prepared.encoder, options.log ?? [])
  for (const message of [...prepared.notes, ...scales]) note(shell, message)
  warn(shell, [...droppedRows(table, options.log), ...prepared.warnings])
  const { network, settings } = chooseTraining(prepared, options, sampled !== undefined)
  const rows = table.rows + (sampled?.fresh.rows ?? 0)
  const bytes = Math.max(
    trainingBytes(
      createLayout(network.first.layers),
      rows,
      settings.optimizer,
      settings.seeds ?? settings.restarts,
    ),
    trainingBytes(createLayout(network.finest.layers), rows, settings.optimizer),
  )
  const less = settings.seeds === undefined ? undefined : '--seeds, fewer --hidden nodes or a coarser --grid'
  warn(shell, checkMemory(bytes, undefined, less))

  const cpuOnly = settings.optimizer === 'lm'
  const { threads } = options
  const device = cpuOnly ? 'cpu' : options.device
  const engine = await shell.requestEngine({ device, ...(threads === undefined ? {} : { threads }) })
  try {
    const kernels = await checkRoom(engine, network, prepared, settings)
    // After the engine: a thread or a browser that finds no memory left when it starts ends the whole program.
    const trained = createTraining(network.options, prepared, settings, engine)
    const dim = coloursFor(shell.stdout, shell.env).dim
    const width = columnsOf(shell.stdout)
    const { description } = engine
    const why = cpuOnly && options.device === 'auto' ? LEVENBERG_DEVICE : description.reason
    if (!options.json)
      shell.stdout.write(
        setupText(
          {
            ...source,
            kan: trained.first,
            settings,
            bytes,
            device: `${description.device}. ${why}`,
            log: options.log ?? [],
            kernels,
          },
          dim,
          width,
        ),
      )
    const outcome = await trained.run(shell)
    if (outcome === undefined) {
      shell.stderr.write('Interrupted before the first step; nothing was saved.\n')
      return exitCode.interrupted
    }
    const { kan, report } = outcome
    const result: FitResult = {
      ...outcome,
      table,
      formula: sampled?.formula,
      settings,
      encoder: prepared.encoder,
      validated: prepared.split.validation.length > 0,
      engine,
      train: await kan.evaluate(prepared.train, { engine }),
      test: prepared.test ? await kan.evaluate(prepared.test, { engine }) : undefined,
      out,
    }
    const model = kan.save()
    if (out !== undefined) await writeWhole(out, model)
    shell.stdout.write(
      options.json ? jsonLine(fitJson(result)) : summaryText(result, model.length, dim, width),
    )
    return report.stop === 'aborted' ? exitCode.interrupted : exitCode.done
  } finally {
    await destroyEngine(engine)
  }
}

/** What was trained, and how it went. */
type Outcome = Pick<FitResult, 'kan' | 'report' | 'population'>

/** A network, or with --seeds many of which the best is kept; `run` ends with nothing when it was interrupted before its first step. */
function createTraining(
  options: KANOptions,
  prepared: PreparedTable,
  settings: FitSettings,
  engine: Engine,
): { readonly first: KAN; run(shell: Shell): Promise<Outcome | undefined> } {
  const { seeds } = settings
  const { encoder, train } = prepared
  if (seeds === undefined) {
    const kan = new KAN(options)
    kan.encoder = encoder
    return {
      first: kan,
      async run(shell) {
        const asked = fitOptions(prepared, settings, engine)
        const report = await watchRun(kan.fit(train, asked), asked, shell)
        return report && { kan, report, population: undefined }
      },
    }
  }
  const members = KAN.population({ ...options, seeds })
  for (const member of members.members) member.encoder = encoder
  return {
    first: members.members[0]!,
    async run(shell) {
      const asked = sharedOptions(prepared, settings, engine)
      const population = await watchRun(members.fit(train, asked), asked, shell)
      if (population === undefined) return undefined
      const kan = members.best()
      const intervals = kan.layout.layers.map(layer => layer.intervals)
      return { kan, report: reportOfKept(population, intervals), population }
    },
  }
}

/** A warning that says how many rows --missing drop left out, if any; `log` are columns whose logarithms are taken. */
export function droppedRows({ name, rows, dropped }: Table, log: readonly string[] = []): string[] {
  if (dropped === 0) return []
  const or = log.length > 0 ? ' or without a logarithm' : ''
  const left =
    dropped === 1
      ? `1 row with a missing value${or} was left out`
      : `${dropped} rows with missing values${or} were left out`
  return [`${name}: ${left}; ${rows} remain.`]
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
    ...(kan.arity.some(products => products.length > 0) ? { arity: kan.arity } : {}),
    grid: gridOf(kan),
    degree: settings.degree,
    log: logNames(kan, encoder),
    parameters: kan.trainableParameters,
    seed: settings.seed,
    loss: settings.loss,
    optimizer: settings.optimizer,
    learningRate: settings.learningRate ?? null,
    schedule: settings.learningRate === undefined ? null : settings.schedule,
    batch: settings.batch,
    lambda: settings.lambda,
    entropy: settings.lambda > 0 ? settings.entropy : null,
    device: engine.description.device,
    kernels: report.kernels,
    steps: report.steps,
    seconds: report.seconds,
    stop: stopOf(result),
    bestStep: report.best.step,
    functionEvaluations: report.functionEvaluations,
    starts: report.starts,
    seeds: result.population ? seedsJson(result.population, result.validated) : null,
    stages: report.stages.map(({ intervals, steps, best, functionEvaluations, stop }) => ({
      grid: intervals[0],
      steps,
      bestStep: best.step,
      loss: best.loss,
      functionEvaluations,
      stop: stop === 'aborted' ? 'interrupted' : stop,
    })),
    train: errorsOf(trained),
    validation: result.validated ? { loss: report.best.loss } : null,
    test: test ? errorsOf(test) : null,
    out: out ?? null,
  }
}
