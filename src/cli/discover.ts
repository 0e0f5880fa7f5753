import type { Engine } from '../engine/engine.ts'
import { variables } from '../formula/index.ts'
import type { LibraryChoice } from '../interpret/curves/library.ts'
import { inputNames } from '../interpret/formula.ts'
import { discover } from '../interpret/discover/discover.ts'
import type { Discovering } from '../interpret/discover/discover.ts'
import type {
  Discovery,
  DiscoveryErrors,
  DiscoveredFormula,
  DiscoverProgress,
} from '../interpret/discover/options.ts'
import { KAN } from '../kan.ts'
import { spansDecades } from '../data/index.ts'
import { quote } from '../data/quote.ts'
import { LONGEST_KEPT } from '../model/formulas.ts'
import { exitCode } from './exit.ts'
import { testExtrapolations } from './extrapolation.ts'
import { droppedRows } from './fit.ts'
import { indicatorsOf, legend } from './indicators.ts'
import type { Indicator } from './indicators.ts'
import { equation, grid, listing, paragraph } from './layout.ts'
import { duration, short } from './numbers.ts'
import { checkOut, writeWhole } from './out.ts'
import { logNotes, logScaling } from './logscale.ts'
import { count, jsonLine, r2Text } from './report.ts'
import { percent, watchSearch } from './searchprogress.ts'
import { coloursFor, columnsOf, note, warn } from './shell.ts'
import type { Shell } from './shell.ts'
import { checkSource, readSource } from './source.ts'
import type { SourceOptions } from './source.ts'
import { worded } from './wording.ts'
import type { Wording } from './wording.ts'

/** The options of `webkan discover`, as typed. */
export interface DiscoverCommandOptions extends Omit<SourceOptions, 'val' | 'task'> {
  readonly hidden?: number[]
  readonly functions?: LibraryChoice
  readonly seconds: number
  readonly simplicity?: number
  readonly out?: string
  readonly json?: true
}

/** `webkan discover`: from a table, or a function in its place, to a formula. */
export async function discoverCommand(
  path: string | undefined,
  options: DiscoverCommandOptions,
  shell: Shell,
): Promise<number> {
  const { out, hidden, functions, seconds, simplicity, seed } = options
  checkSource(path, { ...options, val: 0 }, 'discover')
  const inputs = path === undefined ? [] : [{ role: 'table' as const, path }]
  if (out !== undefined) await checkOut(out, { inputs, replaces: 'model' })
  const { table, prepared, sampled } = await worded(discoverWords, () =>
    readSource(path, { ...options, val: 0, task: 'regression' }),
  )
  const { encoder, train, test } = prepared
  const { column: target } = encoder.target
  const isJudged =
    !sampled &&
    options.log?.includes(target) !== true &&
    train.y instanceof Float64Array &&
    spansDecades(train.y)
  const scales = sampled ? [] : logNotes(table, encoder, options.log ?? [], isJudged ? [target] : [])
  if (isJudged) scales.push(`${quote(target)} spans decades: errors are judged by its logarithm.`)
  for (const message of [...prepared.notes, ...scales]) note(shell, message)
  warn(shell, [...droppedRows(table, options.log), ...prepared.warnings])
  const names = inputNames({ encoder, layout: { inputs: encoder.inputs.length } })
  const { log } = logScaling(options.log ?? [], encoder)
  const start = (engine: Engine): Discovering =>
    discover(train, {
      engine,
      names,
      seconds,
      seed,
      ...(simplicity === undefined ? {} : { simplicity }),
      ...(log === undefined ? {} : { log }),
      ...(test === undefined ? {} : { test }),
      ...(hidden === undefined ? {} : { width: [names.length, ...hidden, 1] }),
      ...(functions === undefined ? {} : { library: functions }),
    })
  const hasFound = ({ formula, network }: DiscoverProgress): boolean => Math.min(formula, network) < Infinity
  const found = await watchSearch({ start, budget: seconds, text: stageText, hasFound }, shell)
  if (test !== undefined && failsOutside(found.network)) warn(shell, testExtrapolations(encoder, train, test))
  if (out !== undefined) {
    const kan = new KAN(found.network.model)
    kan.encoder = encoder
    if (found.text.length <= LONGEST_KEPT) kan.formulas = [found.text]
    else warn(shell, [tooLong(found.text)])
    await writeWhole(out, kan.save())
  }
  const indicators = indicatorsOf({ encoder, layout: { inputs: names.length } })
  const result = { ...found, target: encoder.target.column, given: sampled?.formula, out, indicators }
  shell.stdout.write(
    options.json
      ? jsonLine(discoveryJson(result))
      : discoveryText(result, coloursFor(shell.stdout, shell.env), columnsOf(shell.stdout)),
  )
  return found.stop === 'aborted' ? exitCode.interrupted : exitCode.done
}

/** Whether the network explains so much less of test rows than of training rows that the reason is worth a look. */
function failsOutside({ train, test }: Discovery['network']): boolean {
  return test !== undefined && test.r2 < train.r2 - MUCH_LESS
}

/** R2 of networks that generalise differs by hundredths; outside the grid it falls by any number. */
const MUCH_LESS = 0.2

const discoverWords: Wording = [
  [
    'a regression target must be numeric. Correct the column, or choose another.',
    'a formula gives numbers. Correct the column, choose another, or tell its classes apart with webkan fit.',
  ],
]

/** The stage and the best errors so far, with their unit; the structure at work where there is room for it. */
function stageText(progress: DiscoverProgress | undefined, room: number): string {
  if (progress === undefined) return 'fit'
  const { stage, formula, network, log } = progress
  const structure = structureWords(progress.structure)
  const name = stage.padEnd('symbolify'.length)
  if (!Number.isFinite(Math.min(formula, network))) return name.trimEnd()
  const size = log ? plain : percent
  const errors = `formula ${size(formula)}, network ${size(network)}`
  const unit = log ? ['RMSE of log:', ''] : ['RMSE:', ' of deviation']
  const figures = `${name}  ${unit[0]} ${errors}${unit[1]}`
  const long = `${log ? figures : figures.replace(' of dev', " of the target's dev")}  ${structure}`
  return long.length + 10 <= room ? long : figures
}

/** `y = + + *(1|2) -> +` in words: `y: 2 sums, 1 product -> 1 sum`. */
export function structureWords(structure: string): string {
  const [target = '', layers = ''] = structure.split(' = ')
  if (layers === '') return structure.trimEnd()
  const words = layers.split(' -> ').map(layer =>
    [[layer.split('+').length - 1, 'sum'] as const, [layer.split('*').length - 1, 'product'] as const]
      .filter(([nodes]) => nodes > 0)
      .map(([nodes, noun]) => count(nodes, noun))
      .join(', '),
  )
  return `${target}: ${words.join(' -> ')}`
}

function plain(value: number): string {
  return Number.isFinite(value) ? short(value) : 'none yet'
}

/** What is printed. */
interface Result extends Discovery {
  readonly target: string
  /** The formula that was sampled, if one was. */
  readonly given: string | undefined
  readonly out: string | undefined
  /** Inputs that are levels of columns of text. */
  readonly indicators: readonly Indicator[]
}

/** What a user is told whose formula a model file does not take. */
export function tooLong(text: string): string {
  return `The formula has ${text.length} characters, too long to keep in the file, which takes ${LONGEST_KEPT}: keep it from here.`
}

const stops: Readonly<Record<Discovery['stop'], string>> = {
  exact: 'the formula has no error but rounding',
  noise: 'no network of the search does better: what is left looks like noise',
  done: 'all structures were tried',
  time: 'the seconds are over (--seconds gives more)',
  aborted: 'interrupted',
}

function discoveryText(result: Result, { bold, dim }: ReturnType<typeof coloursFor>, width: number): string {
  const { text, target, network, pareto, stop, seconds, starts, out, indicators } = result
  const head = ['complexity', listHead(result), '  formula'] as const
  const list = pareto.map(
    one => [String(one.complexity), listError(one), `${one.text === text ? '> ' : '  '}${one.text}`] as const,
  )
  const logs = result.train.log === undefined ? [] : ['R2 of log']
  const isConstant = variables(result.expression).length === 0
  const errors = grid(
    [['', 'rows', 'RMSE', 'R2', ...logs], ...parts('formula', result), ...parts('spline network', network)],
    dim,
  )
  return [
    `\n${listing([head, ...list], dim, width)}`,
    `\n${equation(target, text, bold, width)}`,
    legend(pareto, indicators, dim, width),
    `\n${errors}`,
    `\n${paragraph(`${duration(seconds)}, ${count(starts, 'start')} of networks; ${stops[stop]}`, width, dim)}`,
    ...(isConstant ? [`\n${paragraph('No column tells more of the target than its mean.', width)}`] : []),
    ...(out === undefined
      ? []
      : [`\n${paragraph(`Saved to ${out}: ${savedText([text], 'the spline network')}.`, width)}`]),
  ].join('')
}

/** What a model file keeps of formulas and the network beside them. */
export function savedText(formulas: readonly string[], network: string): string {
  return formulas.some(formula => formula.length > LONGEST_KEPT)
    ? network
    : `the formula, which webkan formula prints, and ${network}, by which webkan predict goes`
}

/** The error that the list was made by, which falls from line to line; errors on test rows, which need not, stand below. */
function listHead({ train }: DiscoveredFormula): string {
  return train.log === undefined ? 'train RMSE' : 'train RMSE of log'
}

function listError({ train }: DiscoveredFormula): string {
  return short((train.log ?? train).rmse)
}

function parts(
  name: string,
  { train, test }: { readonly train: DiscoveryErrors; readonly test: DiscoveryErrors | undefined },
): string[][] {
  const line = (part: string, { rows, rmse, r2, log }: DiscoveryErrors): string[] => [
    `${name}, ${part}`,
    String(rows),
    short(rmse),
    r2Text(r2),
    ...(log === undefined ? [] : [r2Text(log.r2)]),
  ]
  return [line('train', train), ...(test === undefined ? [] : [line('test', test)])]
}

/** The object that --json prints. */
function discoveryJson(result: Result): object {
  const { given, target, stop, exact, seconds, starts, network, pareto, out, indicators } = result
  return {
    function: given ?? null,
    target,
    stop,
    exact,
    seconds,
    starts,
    network: {
      target: network.target,
      structure: network.structure,
      train: network.train,
      test: network.test ?? null,
    },
    out: out ?? null,
    indicators,
    ...formulaJson(result),
    pareto: pareto.map(formulaJson),
  }
}

function formulaJson({ text, latex, complexity, train, test }: DiscoveredFormula): object {
  return { formula: text, latex, complexity, train, test: test ?? null }
}
