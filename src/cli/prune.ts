import { applyEncoder } from '../data/index.ts'
import { ConfigError, DataError, ShapeError } from '../errors.ts'
import { columnOf, importance } from '../interpret/scores/importance.ts'
import type { Importance } from '../interpret/scores/importance.ts'
import { everything } from '../interpret/pruning/deadends.ts'
import { choosePruned, PRUNE_DEFAULTS } from '../interpret/pruning/prune.ts'
import type { PruneOptions } from '../interpret/pruning/prune.ts'
import { keptNetwork } from '../interpret/pruning/keptstatistics.ts'
import { chooseRest } from '../interpret/pruning/remove.ts'
import type { Parts } from '../interpret/pruning/remove.ts'
import { KAN } from '../kan.ts'
import type { Kept } from '../model/subnetwork.ts'
import { formatWidth } from '../model/width.ts'
import type { Evaluation, Samples } from '../train/options.ts'
import { exitCode } from './exit.ts'
import { readModel, readModelTable } from './files.ts'
import { droppedRows } from './fit.ts'
import { noBreak, pairs, paragraph } from './layout.ts'
import { logNames } from './logscale.ts'
import { byteSize, short, shortBelow } from './numbers.ts'
import { checkOut, writeWhole } from './out.ts'
import { count, errorsOf, errorTable, jsonLine, lossNotes } from './report.ts'
import { coloursFor, columnsOf, note, warn } from './shell.ts'
import type { Shell } from './shell.ts'
import { worded } from './wording.ts'
import type { Wording } from './wording.ts'
import type { Table } from '../data/index.ts'

/** The options of `webkan prune`, as typed. */
export interface PruneCommandOptions {
  readonly node?: number
  readonly edge?: number
  readonly metric: NonNullable<PruneOptions['metric']>
  /** true: --inputs without a score. */
  readonly inputs?: true | number
  /** Parts to remove by hand. */
  readonly remove?: readonly string[]
  readonly data?: string
  readonly missing: 'error' | 'drop'
  readonly out?: string
  readonly json?: true
}

/** What a network loses: columns by name, hidden nodes as [level, node], edges as [layer, input, output]. */
interface Removed {
  readonly inputs: readonly string[]
  readonly nodes: readonly (readonly number[])[]
  readonly edges: readonly (readonly number[])[]
}

/** `webkan prune`: a model without what matters little, and what that costs on a table. */
export async function pruneCommand(
  path: string,
  options: PruneCommandOptions,
  shell: Shell,
): Promise<number> {
  const { out, data } = options
  checkOptions(options)
  const inputs = [
    { role: 'model' as const, path },
    ...(data === undefined ? [] : [{ role: 'table' as const, path: data }]),
  ]
  if (out !== undefined) await checkOut(out, { inputs, replaces: 'model' })
  const kan = await readModel(path, 'webkan prune MODEL')
  const table = data === undefined ? undefined : await readData(kan, data, options)
  if (table) {
    warn(shell, [...droppedRows(table, kan.encoder && logNames(kan, kan.encoder)), ...warningsOf(kan, table)])
    await kan.calibrate(samplesOf(kan, table).x)
  } else if (kan.statistics === undefined)
    throw new ConfigError(
      `${path} has no statistics, which scores and means come from: give --data with the rows that matter.`,
    )
  const kept = await worded(pruneWords, () => chooseKept(kan, options))
  const smaller = new KAN(keptNetwork(kan, kept))
  if (table) await smaller.calibrate(samplesOf(smaller, table).x)
  const errors = table && {
    before: await kan.evaluate(samplesOf(kan, table)),
    after: await smaller.evaluate(samplesOf(smaller, table)),
  }
  const removed = removedOf(kan, kept)
  const bytes = smaller.save()
  if (out !== undefined) await writeWhole(out, bytes)
  const columns = importance(kan).toSorted((a, b) => b.score - a.score)
  const result = { kan, smaller, removed, columns, errors, table, out, bytes: bytes.length }
  if (options.json) shell.stdout.write(jsonLine(pruneJson(result)))
  else {
    const { dim } = coloursFor(shell.stdout, shell.env)
    shell.stdout.write(pruneText(result, dim, columnsOf(shell.stdout)))
    if (out !== undefined && smaller.statistics === undefined)
      note(
        shell,
        'hidden nodes have lost much of what they were, and only rows say where the curves behind them are used now: give --data, ' +
          'or webkan symbolify will ask for it.',
      )
  }
  for (const line of errors ? lossNotes(kan) : []) note(shell, line)
  return exitCode.done
}

const pruneWords: Wording = [
  [/Pruning with \{ node: (\S+), edge: (\S+) \}/g, 'Pruning with --node $1 --edge $2'],
  [/Pruning with \{ (\w+): (\S+) \}/g, 'Pruning with --$1 $2'],
  // Typed again as it is shown, the threshold leaves that score above it.
  [/(?<=\bhighest [a-z ]+ is )[\d.e+-]+(?=\. Lower)/g, score => shortBelow(Number(score))],
]

/** Throws ConfigError for thresholds beside parts that are named. */
function checkOptions(options: PruneCommandOptions): void {
  if (options.remove === undefined) return
  const foreign = (['node', 'edge', 'inputs'] as const).find(name => options[name] !== undefined)
  if (foreign !== undefined)
    throw new ConfigError(
      `--remove names what to remove, and --${foreign} lets scores decide. Leave one of them out; the result can be pruned again.`,
    )
}

/** The table of --data, with the target. Throws DataError for a model that no table was used for. */
function readData(kan: KAN, path: string, { missing }: PruneCommandOptions): Promise<Table> {
  const { encoder } = kan
  if (encoder === undefined)
    throw new DataError(
      `The model does not know a table's columns, because a program trained it on arrays: leave --data out, or prune it in a program.`,
    )
  return readModelTable(path, { kan, encoder }, { missing, requireTarget: true })
}

/** A table's rows as a model of it takes them. */
function samplesOf({ encoder }: KAN, table: Table): Samples {
  const { x, y } = encoder ? applyEncoder(encoder, table, { requireTarget: true }) : {}
  if (x === undefined || y === undefined)
    throw new ShapeError(`${table.name} was encoded without its target.`)
  return { x, y }
}

function warningsOf({ encoder }: KAN, table: Table): readonly string[] {
  return encoder ? applyEncoder(encoder, table, { requireTarget: true }).warnings : []
}

function chooseKept(kan: KAN, { node, edge, metric, inputs, remove }: PruneCommandOptions): Kept {
  if (remove) return chooseRest(kan, partsOf(kan, remove))
  const usual = PRUNE_DEFAULTS[metric]
  return choosePruned(kan, {
    metric,
    node: node ?? usual.node,
    edge: edge ?? usual.edge,
    inputs: inputs ?? false,
  })
}

/** Parts as --remove names them: a column, `layer:input:output`, or `level:node`. */
function partsOf(kan: KAN, names: readonly string[]): Parts {
  const columns = new Set(Array.from({ length: kan.layout.inputs }, (_, i) => columnOf(kan, i)))
  const edges: [number, number, number][] = []
  const nodes: [number, number][] = []
  const inputs: string[] = []
  for (const name of names) {
    const [first = 0, second = 0, third = 0] = name.split(':').map(Number)
    if (!columns.has(name) && /^\d+:\d+:\d+$/.test(name)) edges.push([first, second, third])
    else if (!columns.has(name) && /^\d+:\d+$/.test(name)) nodes.push([first, second])
    else inputs.push(name)
  }
  return { edges, nodes, inputs }
}

function removedOf(kan: KAN, kept: Kept): Removed {
  const all = everything(kan)
  const columns = kept.nodes[0]!.flatMap((stays, i) => (stays ? [] : [columnOf(kan, i)]))
  return {
    inputs: [...new Set(columns)],
    nodes: kept.nodes.flatMap((level, l) =>
      l === 0 ? [] : level.flatMap((stays, i) => (stays ? [] : [[l, i]])),
    ),
    edges: kept.edges.flatMap((edges, l) => {
      const { outputs } = kan.layout.layers[l]!
      return edges.flatMap((stays, e) =>
        all.edges[l]![e] === true && !stays ? [[l, Math.floor(e / outputs), e % outputs]] : [],
      )
    }),
  }
}

interface PruneResult {
  readonly kan: KAN
  readonly smaller: KAN
  readonly removed: Removed
  /** Of the model before, the most important column first. */
  readonly columns: readonly Importance[]
  readonly errors: { readonly before: Evaluation; readonly after: Evaluation } | undefined
  readonly table: Table | undefined
  readonly out: string | undefined
  readonly bytes: number
}

function edgeCount(kan: KAN): number {
  return everything(kan).edges.flat().filter(Boolean).length
}

function pruneJson({ kan, smaller, removed, columns, errors, table, out }: PruneResult): object {
  const part = (own: KAN, evaluation: Evaluation | undefined): object => ({
    width: own.width,
    edges: edgeCount(own),
    parameters: own.trainableParameters,
    errors: evaluation ? errorsOf(evaluation) : null,
  })
  return {
    rows: table?.rows ?? null,
    before: part(kan, errors?.before),
    after: part(smaller, errors?.after),
    removed,
    importance: columns,
    out: out ?? null,
  }
}

/** More places than this are counted, not named. */
const MOST_NAMED = 12

/** What --inputs is compared with. */
function importanceText(columns: readonly Importance[]): string {
  const named = columns.slice(0, MOST_NAMED).map(({ column, score }) => `${column}${noBreak}${short(score)}`)
  return `${named.join(', ')}${columns.length > MOST_NAMED ? ', ...' : ''}`
}

/** Two columns that say nearly the same may have large scores of opposite effects. */
const ABOVE_ONE =
  '1 is the whole variation of one output; above it, contributions cancel or add up over outputs'

function pruneText(result: PruneResult, dim: (text: string) => string, width: number): string {
  const { kan, smaller, removed, columns, errors, out, bytes } = result
  const sizeOf = (own: KAN): string =>
    `${formatWidth(own.layout.layers)}, ${count(edgeCount(own), 'edge')}, ${count(own.trainableParameters, 'parameter')}`
  const places = (list: readonly (readonly number[])[], noun: string): string[] => {
    if (list.length === 0) return []
    const named = list.slice(0, MOST_NAMED).map(place => place.join(':'))
    const more = list.length > MOST_NAMED ? ', ...' : ''
    return [`${count(list.length, noun)}: ${named.join(', ')}${more}`]
  }
  const lost = [
    ...(removed.inputs.length > 0
      ? [`${count(removed.inputs.length, 'column')}: ${removed.inputs.join(', ')}`]
      : []),
    ...places(removed.nodes, 'node'),
    ...places(removed.edges, 'edge'),
  ]
  const text = pairs(
    [
      ['before', sizeOf(kan)],
      ['after', sizeOf(smaller)],
      ['importance', importanceText(columns)],
      ...(columns.some(({ score }) => score > 1) ? [['', ABOVE_ONE] as const] : []),
      ...(lost.length > 0 ? lost : ['nothing']).map((line, n) => [n === 0 ? 'removed' : '', line] as const),
    ],
    dim,
    width,
  )
  const table = errors
    ? `${errorTable(
        [
          ['before', errors.before],
          ['after', errors.after],
        ],
        dim,
      )}\n`
    : ''
  const saved =
    out === undefined
      ? 'Not saved; add --out MODEL.safetensors to keep the smaller model.'
      : `Saved to ${out} (${byteSize(bytes)}).`
  return `\n${text}\n${table}${paragraph(saved, width)}`
}
