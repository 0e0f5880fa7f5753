import { applyEncoder } from '../data/index.ts'
import type { Table } from '../data/index.ts'
import type { Engine } from '../engine/engine.ts'
import { ConfigError, DataError, ShapeError } from '../errors.ts'
import { inputNames } from '../interpret/formula.ts'
import type { RowErrors } from '../interpret/errors/rowerrors.ts'
import type {
  SymbolicFormula,
  Symbolified,
  SymbolifyProgress,
  SymbolifyStage,
} from '../interpret/symbolify/options.ts'
import type { LibraryChoice } from '../interpret/curves/library.ts'
import type { Symbolifying } from '../interpret/symbolify/symbolify.ts'
import type { KAN } from '../kan.ts'
import { LONGEST_KEPT } from '../model/formulas.ts'
import { format } from '../formula/index.ts'
import { checkEdges, edgesText, hasEdgeOptions, suggestionText, withEdges } from './edges.ts'
import type { EdgeOptions } from './edges.ts'
import { savedText, tooLong } from './discover.ts'
import { exitCode } from './exit.ts'
import { readModel, readModelTable, readTableModel } from './files.ts'
import { droppedRows } from './fit.ts'
import { sampleFormula } from './function.ts'
import { indicatorsOf, legend } from './indicators.ts'
import { equation, grid, listing, noBreak, paragraph } from './layout.ts'
import { logNames } from './logscale.ts'
import { duration, short } from './numbers.ts'
import { checkOut, writeWhole } from './out.ts'
import { jsonLine, r2Text } from './report.ts'
import { percent, watchSearch } from './searchprogress.ts'
import { coloursFor, columnsOf, warn } from './shell.ts'
import type { Shell } from './shell.ts'

/** The options of `webkan symbolify`, as typed. */
export interface SymbolifyCommandOptions extends EdgeOptions {
  /** A table, or a function of which there are as many samples in the range; one of the two. */
  readonly data?: string
  readonly function?: string
  readonly range?: readonly [low: number, high: number]
  readonly samples?: number
  readonly functions?: LibraryChoice
  readonly seconds: number
  readonly simplicity?: number
  readonly seed?: number
  readonly missing: 'error' | 'drop'
  readonly out?: string
  readonly json?: true
}

/** `webkan symbolify`: known functions in the place of a model's curves, and the formula they make. */
export async function symbolifyCommand(
  path: string,
  options: SymbolifyCommandOptions,
  shell: Shell,
): Promise<number> {
  const { data, functions, seconds, simplicity, seed, out } = options
  const byHand = hasEdgeOptions(options)
  checkRows(options)
  const inputs = [
    { role: 'model' as const, path },
    ...(data === undefined ? [] : [{ role: 'table' as const, path: data }]),
  ]
  if (out !== undefined) await checkOut(out, { inputs, replaces: 'model' })
  if (byHand && data === undefined && options.function === undefined)
    return edgesCommand(await readModel(path, 'webkan symbolify MODEL --suggest 0:0:0'), path, options, shell)
  const { kan: given, encoder } = await readTableModel(path, 'webkan symbolify MODEL --data TABLE')
  if (encoder.task !== 'regression')
    throw new DataError(
      `${path} tells classes apart; a formula has numbers for values: train one on a column of numbers.`,
    )
  checkEdges(given, options)
  const table = await readRows(options, { kan: given, encoder })
  const { x, y, warnings } = applyEncoder(encoder, table, { requireTarget: true })
  if (y === undefined) throw new ShapeError(`${table.name} was encoded without its target.`)
  warn(shell, [...droppedRows(table, logNames(given, encoder)), ...warnings])
  if (byHand) await given.calibrate(x)
  if (options.suggest) return edgesCommand(given, path, options, shell)
  const kan = withEdges(given, options)
  const start = (engine: Engine): Symbolifying<KAN> =>
    kan.symbolify(
      { x, y },
      {
        engine,
        seconds,
        ...(simplicity === undefined ? {} : { simplicity }),
        ...(seed === undefined ? {} : { seed }),
        ...(functions === undefined ? {} : { library: functions }),
      },
    )
  const hasFound = ({ stage }: SymbolifyProgress): boolean => stage !== 'splines'
  const found = await watchSearch({ start, budget: seconds, text: stageText, hasFound }, shell)
  if (out !== undefined) {
    await writeWhole(out, found.kan.save())
    const long = found.texts.find(text => text.length > LONGEST_KEPT)
    if (long !== undefined) warn(shell, [tooLong(long)])
  }
  const target = encoder.target.column
  shell.stdout.write(
    options.json
      ? jsonLine(symbolifyJson(found, { target, inputs: inputNames(kan), out }))
      : symbolifyText(
          found,
          { target, out, width: columnsOf(shell.stdout) },
          coloursFor(shell.stdout, shell.env),
        ),
  )
  return found.stop === 'aborted' ? exitCode.interrupted : exitCode.done
}

/** --suggest; or --fix and --unfix without rows to name the other edges by. */
async function edgesCommand(
  given: KAN,
  path: string,
  options: SymbolifyCommandOptions,
  shell: Shell,
): Promise<number> {
  const { suggest, functions, out } = options
  checkEdges(given, options, path)
  const kan = withEdges(given, options)
  if (out !== undefined) await writeWhole(out, kan.save())
  const { bold, dim } = coloursFor(shell.stdout, shell.env)
  const layout = { json: options.json === true, bold, dim, width: columnsOf(shell.stdout) }
  shell.stdout.write(suggest ? suggestionText(kan, suggest, functions, layout) : edgesText(kan, out, layout))
  return exitCode.done
}

/** Throws ConfigError unless there is either a table or a function, each with its own options only; --suggest and --fix need none. */
function checkRows(options: SymbolifyCommandOptions): void {
  const { data, function: formula, suggest, out } = options
  if (suggest && out !== undefined)
    throw new ConfigError('--suggest only lists functions, and changes no model: leave --out out.')
  const isFree = hasEdgeOptions(options) && formula === undefined
  if (!isFree && (data === undefined) === (formula === undefined))
    throw new ConfigError(
      'The curves are replaced by what fits rows best: give --data TABLE, or the --function that the model was fitted to.',
    )
  const foreign = (['range', 'samples'] as const).find(name => options[name] !== undefined)
  if (formula === undefined && foreign !== undefined)
    throw new ConfigError(
      data === undefined
        ? `--${foreign} is for the samples of a --function: leave it out.`
        : `--${foreign} is for the samples of a --function, and ${data} is a table: leave it out.`,
    )
}

/** The table, or the samples of the function as one. */
async function readRows(
  { data, function: formula = '', range, samples, seed, missing }: SymbolifyCommandOptions,
  model: Parameters<typeof readModelTable>[1],
): Promise<Table> {
  if (data !== undefined) return readModelTable(data, model, { missing, requireTarget: true })
  return sampleFormula(formula, { range, samples, seed: seed ?? model.kan.config.seed }).table
}

/** What is done, in a user's words. */
const stages: Readonly<Record<SymbolifyStage, string>> = {
  splines: 'refit splines',
  edges: 'name curves',
  alternatives: 'try others',
  formulas: 'write formulas',
}

function stageText(progress: SymbolifyProgress | undefined): string {
  if (progress === undefined) return stages.splines
  const { stage, fixed, edges, relative } = progress
  const name = stages[stage].padEnd(stages.formulas.length)
  const named = edges > 0 ? `  ${fixed} of ${edges} curves` : ''
  return `${name}${named}  RMSE ${percent(relative)} of deviation`
}

function symbolifyText(
  { texts, pareto, train, heldOut, network, kan, seconds, stop, edges }: Symbolified<KAN>,
  {
    target,
    out,
    width,
  }: { readonly target: string; readonly out: string | undefined; readonly width: number },
  { bold, dim }: ReturnType<typeof coloursFor>,
): string {
  const text = texts[0] ?? ''
  const list = pareto.map(
    one =>
      [
        String(one.complexity),
        short((errorsOf(one).log ?? errorsOf(one)).rmse),
        `${one.texts[0] === text ? '> ' : '  '}${one.texts[0]}`,
      ] as const,
  )
  const line = (name: string, errors: RowErrors | undefined): string[][] =>
    errors === undefined
      ? []
      : [
          [name, String(errors.rows), short(errors.rmse), r2Text(errors.r2)].concat(
            errors.log ? [r2Text(errors.log.r2)] : [],
          ),
        ]
  const errors = [
    ['', 'rows', 'RMSE', 'R2', ...(train.log ? ['R2 of log'] : [])],
    ...line('formula, train', train),
    ...line('formula, held out', heldOut),
    ...line('spline network, train', network.train),
    ...line('spline network, held out', network.heldOut),
  ]
  const listed = `${heldOut ? 'held-out RMSE' : 'RMSE'}${train.log ? ' of log' : ''}`
  const functions = edges.map(({ l, i, j, name }) => `${l}:${i}:${j}${noBreak}${name}`).join(', ')
  const ended = stop === 'done' ? '' : `; ${stop === 'seconds' ? 'the seconds are over' : 'interrupted'}`
  return [
    `\n${listing([['complexity', listed, '  formula'], ...list], dim, width)}`,
    `\n${equation(target, text, bold, width)}`,
    legend(
      pareto.map(({ expressions }) => ({ expression: expressions[0]! })),
      indicatorsOf(kan),
      dim,
      width,
    ),
    `\n${grid(errors, dim)}`,
    `\n${paragraph(`edges ${functions}; ${duration(seconds)}${ended}`, width, dim)}`,
    paragraph(
      out === undefined
        ? 'Not saved; add --out MODEL.safetensors to keep the model with these functions.'
        : `Saved to ${out}: ${savedText(texts, 'the network of these functions')}.`,
      width,
    ),
  ].join('')
}

/** On held-out rows where there are some. */
function errorsOf({ heldOut, train }: SymbolicFormula): RowErrors {
  return heldOut ?? train
}

function symbolifyJson(
  { kan, edges, pareto, network, stop, seconds, ...formula }: Symbolified<KAN>,
  more: { readonly target: string; readonly inputs: readonly string[]; readonly out: string | undefined },
): object {
  const part = ({ expressions, texts, complexity, train, heldOut }: SymbolicFormula): object => ({
    formula: texts[0],
    latex: format(expressions[0]!, 'latex'),
    complexity,
    train,
    heldOut: heldOut ?? null,
  })
  return {
    target: more.target,
    inputs: more.inputs,
    indicators: indicatorsOf(kan),
    width: kan.width,
    edges,
    stop,
    seconds,
    network: { train: network.train, heldOut: network.heldOut ?? null },
    out: more.out ?? null,
    ...part(formula),
    pareto: pareto.map(part),
  }
}
