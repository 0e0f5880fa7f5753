import type { KernelChoice } from '../engine/engine.ts'
import type { KAN } from '../kan.ts'
import { formatWidth } from '../model/width.ts'
import type { Evaluation, FitReport } from '../train/options.ts'
import type { PopulationReport } from '../train/population/options.ts'
import type { FitResult, FitSettings } from './fitresult.ts'
import { grid, pairs, paragraph } from './layout.ts'
import { byteSize, duration, short } from './numbers.ts'
import { quote } from '../data/quote.ts'
import type { Source } from './source.ts'

type Paint = (text: string) => string

/** As --json says it. */
type StopReason = 'steps' | 'patience' | 'stalled' | 'interrupted'

/** One line of JSON. Numbers that JSON does not have, such as the R2 of a constant target, become null. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`
}

/** The errors of an evaluation under the names that --json has: {rmse, mae, r2, loss}, perhaps {log}, or {accuracy, loss}. */
export function errorsOf({ rmse, mae, r2, accuracy, loss, log }: Evaluation): object {
  return accuracy === undefined ? { rmse, mae, r2, loss, ...(log ? { log } : {}) } : { accuracy, loss }
}

/** What is about to be trained, on what. */
export function setupText(
  setup: Source & {
    readonly kan: KAN
    readonly settings: FitSettings
    readonly bytes: number
    /** What computes, and why it was chosen. */
    readonly device: string
    /** Columns on a logarithmic scale. */
    readonly log: readonly string[]
    /** Variants of GPU kernels: see FitOptions.kernels. */
    readonly kernels: KernelChoice
  },
  dim: Paint,
  width?: number,
): string {
  const { kan, settings, bytes, device, kernels, log } = setup
  const { encoder, split } = setup.prepared
  const { degree } = kan.layout.layers[0]!
  const labels = encoder.target.labels
  const text = pairs(
    [
      ...sourceText(setup),
      ['task', `${encoder.task} of ${encoder.target.column}${labels ? ` (${labels.length} classes)` : ''}`],
      [
        'network',
        `${formatWidth(kan.layout.layers)}, grid ${gridOf(kan)}, degree ${degree}, ${count(kan.trainableParameters, 'parameter')}`,
      ],
      ...(log.length > 0 ? [['logarithms', `of ${log.join(', ')}`] as const] : []),
      ['training', settingsText(settings, split.train.length)],
      ...gridsText(settings),
      ...penaltyText(settings),
      ['memory', `about ${byteSize(bytes)}`],
      ['device', device],
      ...kernelsText(kernels),
    ],
    dim,
    width,
  )
  return `\n${text}\n`
}

/** Only where they were looked up: on a GPU. */
function kernelsText(kernels: KernelChoice): [string, string][] {
  const names = Object.entries(kernels).map(([kernel, variant]) => `${kernel} ${variant}`)
  return names.length > 0 ? [['kernels', names.join(', ')]] : []
}

/** The rows there are to learn from, and what they are used for. */
function sourceText({ table, prepared: { split }, sampled }: Source): [string, string][] {
  const used = `${split.train.length} train, ${split.validation.length} validation`
  if (sampled === undefined)
    return [['table', `${table.name}, ${count(table.rows, 'row')}: ${used}, ${split.test.length} test`]]
  const { formula, variables, range, fresh } = sampled
  return [
    ['function', formula],
    [
      'samples',
      `${variables.join(', ')} in [${range.join(', ')}], ${count(table.rows, 'point')}: ${used}; test on ${fresh.rows} fresh ones`,
    ],
  ]
}

function settingsText(settings: FitSettings, rows: number): string {
  const { optimizer, loss, steps, learningRate, schedule, batch, restarts, seeds, seed } = settings
  // What goes without saying: the squared error, or classes' cross-entropy, at a constant rate.
  const robust = loss === 'mae' || loss === 'huber' ? ` on ${loss}` : ''
  const most = `${optimizer}${robust}, up to ${count(steps, 'step')}${settings.refine.length > 0 ? ' a grid' : ''}`
  const starts =
    restarts > 1 ? `, ${restarts} starts` : seeds === undefined ? '' : `, ${count(seeds, 'network')}`
  if (learningRate === undefined) return `${most}, all ${rows} rows${starts}, seed ${seed}`
  const share = batch < rows ? `of ${rows}` : '(all)'
  const falls = schedule === 'constant' ? '' : ` (${schedule})`
  return `${most}, batch ${batch} ${share}, learning rate ${learningRate}${falls}${starts}, seed ${seed}`
}

/** How grids change during training, if they do. */
function gridsText({ grid: first, refine, gridUpdate }: FitSettings): [string, string][] {
  const climbed = refine.length > 0 ? [[first, ...refine].join(', then ')] : []
  const moved =
    gridUpdate === undefined
      ? []
      : [`moved to the rows every ${count(gridUpdate, 'step')}, up to half of them`]
  const parts = [...climbed, ...moved]
  return parts.length > 0 ? [['grids', parts.join('; ')]] : []
}

function penaltyText({ lambda, entropy }: FitSettings): [string, string][] {
  return lambda > 0 ? [['penalty', `${lambda} times (L1 norms + ${entropy} times their entropy)`]] : []
}

/** Grid intervals of the first layer: the command gives all layers the same. */
export function gridOf(kan: KAN): number {
  return kan.layout.layers[0]!.intervals
}

/** How training went and what came of it. */
export function summaryText(result: FitResult, bytes: number, dim: Paint, width?: number): string {
  const { report, out, train, test } = result
  const parts: [string, Evaluation][] = [['train', train]]
  if (test) parts.push(['test', test])
  const saved =
    out === undefined
      ? paragraph('Not saved; add --out MODEL.safetensors to keep the model.', width)
      : `${paragraph(`Saved to ${out} (${byteSize(bytes)}). Use it:`, width)}    webkan predict ${out} TABLE.csv\n`
  const stages = report.stages.length > 1 ? `${stageTable(result, dim)}\n` : ''
  return `${paragraph(endOf(result, stopOf(result)), width)}\n${stages}${errorTable(parts, dim)}\n${saved}`
}

/** Why training ended. A run whose patience ends with its last step has done all its steps. */
export function stopOf({ report, settings }: Pick<FitResult, 'report' | 'settings'>): StopReason {
  if (report.stop === 'aborted') return 'interrupted'
  if (report.stop === 'stalled') return 'stalled'
  return report.stop === 'patience' && report.stages.at(-1)!.steps < settings.steps ? 'patience' : 'steps'
}

function endOf(result: FitResult, stop: StopReason): string {
  const { report, settings, kan } = result
  const { steps, seconds, best, functionEvaluations, stages } = report
  const grids = stages.length > 1 ? ` on ${stages.length} grids` : ''
  // A step of Adam is one evaluation.
  const evaluations =
    settings.optimizer === 'adam' ? '' : ` (${count(functionEvaluations, 'evaluation')} of the loss)`
  const taken = `${count(steps, 'step')}${grids} in ${duration(seconds)}${evaluations}`
  const where = stages.length > 1 ? `, grid ${gridOf(kan)},` : ''
  const kept = result.population
    ? `${seedsText(result.population, result.validated)}, with the weights of step ${best.step}`
    : `${startsText(report)}the weights of step ${best.step}${where} are kept`
  if (stop === 'interrupted') return `Interrupted after ${taken}; ${kept}.`
  // Of several networks others may have gone on.
  if (stop === 'patience' && !result.population)
    return `Stopped after ${taken}, no longer improving; ${kept}.`
  if (stop === 'stalled' && !result.population) return `Ended after ${taken}, at a minimum; ${kept}.`
  return `${taken}; ${kept}.`
}

/** Which of several networks is kept, and how they fared. */
function seedsText({ members, order, spread, failed }: PopulationReport, validated: boolean): string {
  const loss = validated ? 'validation loss' : 'training loss'
  const lost = failed > 0 ? `, ${failed} failed` : ''
  const others = `median ${short(spread.median)}, worst ${short(spread.worst)}${lost}`
  const kept = order[0]!
  return (
    `network ${kept + 1} of ${members.length} (seed ${members[kept]!.seed}) is kept, the best by ${loss} ` +
    `(${short(spread.best)}; ${others})`
  )
}

/** Which start went on. */
function startsText({ starts }: Pick<FitReport, 'starts'>): string {
  if (starts.length <= 1) return ''
  const losses = starts.filter(loss => !Number.isNaN(loss))
  const [best, worst] = [Math.min(...losses), Math.max(...losses)]
  return `the best of ${starts.length} starts (training loss ${short(best)}, the worst ${short(worst)}) went on; `
}

/** One line a grid: how far training came there. */
function stageTable({ report, validated }: FitResult, dim: Paint): string {
  return grid(
    [
      ['grid', 'steps', `${validated ? 'validation' : 'training'} loss`, 'evaluations'],
      ...report.stages.map(({ intervals, steps, best, functionEvaluations }) => [
        String(intervals[0]),
        String(steps),
        short(best.loss),
        String(functionEvaluations),
      ]),
    ],
    dim,
  )
}

/** Errors of some parts of a table, one a line. */
export function errorTable(parts: readonly (readonly [string, Evaluation])[], dim: Paint): string {
  const classification = parts[0]![1].accuracy !== undefined
  const logs = parts[0]![1].log === undefined ? [] : ['R2 of log']
  const heading = classification
    ? ['', 'rows', 'accuracy', 'loss']
    : ['', 'rows', 'RMSE', 'R2', ...logs, 'loss']
  const lines = parts.map(([name, { rows, loss, rmse, r2, accuracy, log }]) => {
    const figures = classification
      ? [`${(100 * (accuracy ?? Number.NaN)).toFixed(1)}%`]
      : [short(rmse ?? Number.NaN), r2Text(r2 ?? Number.NaN), ...(log ? [r2Text(log.r2)] : [])]
    return [name, String(rows), ...figures, short(loss)]
  })
  return grid([heading, ...lines], dim)
}

/**
 * What the loss of a regression is in, where not in deviations of the training targets: a network of known functions may end with one
 * that leads back to the target's own units, as those of webkan discover do, and then scales nothing.
 */
export function lossNotes({ scaling, encoder }: KAN): string[] {
  if (encoder?.task !== 'regression') return []
  const { shift = [0], scale = [1], log = [false] } = scaling?.output ?? {}
  if (shift[0] !== 0 || scale[0] !== 1) return []
  const unit = log[0] ? 'natural logarithms' : 'the units'
  return [
    `the loss is that of errors in ${unit} of ${quote(encoder.target.column)}, which this network does not scale: compare RMSE or R2 with other models'.`,
  ]
}

/** Four decimals, unless it is so bad that they do not matter. */
export function r2Text(r2: number): string {
  if (!Number.isFinite(r2)) return 'none'
  return Math.abs(r2) < 100 ? r2.toFixed(4) : short(r2)
}

/** `1 row`, `3 rows`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
