import { ConfigError } from '../../errors.ts'
import type { Model } from '../../model/model.ts'
import { checkOptionNames } from '../../model/optionnames.ts'
import { checkChoice } from '../../model/optionvalues.ts'
import type { Kept } from '../../model/subnetwork.ts'
import { attribute } from '../scores/attribution.ts'
import type { Attribution, AttributionMetric } from '../scores/attribution.ts'
import { keptNetwork } from './keptstatistics.ts'
import { dropDeadEnds, everything, leftNodes } from './deadends.ts'
import type { Choice } from './deadends.ts'
import { columnOf, importance } from '../scores/importance.ts'

/** Scores (see AttributionMetric) below which edges and hidden nodes are removed. */
export interface PruneOptions {
  /** Default 0.01. */
  readonly node?: number
  /** Default 0.03; 0 with 'paper_n', as the paper removes nodes. */
  readonly edge?: number
  /** One of the metrics that have no unit (default 'backward'). */
  readonly metric?: (typeof PRUNE_METRICS)[number]
  /**
   * true: inputs that no edge leaves any more are removed too; a number: also those whose score is below it. A column of texts,
   * which is several inputs, goes or stays as a whole, and has the sum of their scores (see importance). Default false.
   */
  readonly inputs?: boolean | number
}

/** Metrics without a unit. */
export const PRUNE_METRICS = ['backward', 'paper_n'] as const satisfies readonly AttributionMetric[]

/** pykan's thresholds for its scores, and the paper's for its norms. */
export const PRUNE_DEFAULTS = {
  backward: { node: 1e-2, edge: 3e-2 },
  paper_n: { node: 1e-2, edge: 0 },
} as const

/** Options without gaps. */
type Thresholds = Required<PruneOptions>

/**
 * The network without the edges and hidden nodes whose scores are below the thresholds, and without the hidden nodes that then
 * lead nowhere or come from nowhere (KAN paper, section 2.5.1, with pykan's scores). What is removed is replaced by its mean over
 * the calibration's rows, so that outputs change by the removed variation only: see subnetwork. The inputs stay, even unused
 * ones, as they are a table's columns, unless `inputs` says otherwise: see removeParts for what that means to rows and tables.
 * Statistics go along where they stay true: see keptStatistics.
 *
 * @throws ConfigError for thresholds that are no scores, for a model without statistics, and where no path would be left from
 * the inputs to the outputs: the message says which threshold is too high
 */
export function prune(model: Model, options: PruneOptions = {}): Model {
  return keptNetwork(model, choosePruned(model, options))
}

/** What prune keeps. Throws as it does. */
export function choosePruned(model: Model, options: PruneOptions = {}): Kept {
  const thresholds = resolveThresholds(options)
  const { node, edge, metric, inputs } = thresholds
  const scores = attribute(model, { metric })
  const last = model.layout.layers.length
  const kept = everything(model)
  scores.nodes.forEach((own, l) => {
    if (l > 0 && l < last) own.forEach((score, i) => (kept.nodes[l]![i] = score >= node))
  })
  scores.edges.forEach((own, l) => {
    own.forEach((score, e) => (kept.edges[l]![e] = kept.edges[l]![e]! && score >= edge))
  })
  checkThresholds(scores, thresholds)
  if (typeof inputs === 'number') dropInputs(model, kept, inputs)
  // Dead ends spread: where one layer has no edge left, none has.
  if (!dropDeadEnds(model.layout, kept))
    throw new ConfigError(
      `Pruning with { node: ${node}, edge: ${edge} } would leave no path from the inputs to the outputs. Lower both thresholds.`,
    )
  if (inputs !== false) dropUnused(model, kept)
  return kept
}

/** Throws ConfigError for what is no threshold. */
function resolveThresholds(options: PruneOptions): Thresholds {
  checkOptionNames(
    'prune',
    options,
    ['node', 'edge', 'metric', 'inputs'],
    'prune({ node: 1e-2, edge: 3e-2 })',
  )
  const metric = checkChoice('metric', options.metric ?? 'backward', PRUNE_METRICS)
  const usual = PRUNE_DEFAULTS[metric]
  const { node = usual.node, edge = usual.edge, inputs = false } = options
  const isScore = (value: unknown): boolean => typeof value === 'number' && value >= 0
  for (const [name, value] of [
    ['node', node],
    ['edge', edge],
  ] as const)
    if (!isScore(value))
      throw new ConfigError(
        `prune's ${name} is ${value}; a threshold is a score of at least 0 (usually ${usual[name]}).`,
      )
  if (typeof inputs !== 'boolean' && !isScore(inputs))
    throw new ConfigError(
      `prune's inputs is ${String(inputs)}; give true for unused inputs, or a score of at least 0.`,
    )
  return { node, edge, metric, inputs }
}

/** Throws ConfigError where one threshold alone takes all edges of a layer, or all nodes between two. */
function checkThresholds({ edges, nodes }: Attribution, { node, edge }: Thresholds): void {
  const highestOf = (scores: Float64Array): number => scores.reduce((most, score) => Math.max(most, score), 0)
  edges.forEach((scores, l) => {
    const highest = highestOf(scores)
    if (highest < edge)
      throw new ConfigError(
        `Pruning with { edge: ${edge} } would leave layer ${l} without an edge; its highest edge score is ${highest}. Lower the threshold.`,
      )
  })
  nodes.slice(1, -1).forEach((scores, l) => {
    const highest = highestOf(scores)
    if (highest < node)
      throw new ConfigError(
        `Pruning with { node: ${node} } would leave no node between layers ${l} and ${l + 1}; the highest score there is ${highest}. Lower the threshold.`,
      )
  })
}

/** Takes away the inputs of columns with a lower score. Throws ConfigError where none would be left. */
function dropInputs(model: Model, { nodes }: Choice, least: number): void {
  const columns = importance(model)
  const good = new Set(columns.filter(({ score }) => score >= least).map(({ column }) => column))
  if (good.size === 0)
    throw new ConfigError(
      `Pruning with { inputs: ${least} } would leave no input; the highest score of a column is ${Math.max(...columns.map(({ score }) => score))}. Lower the threshold.`,
    )
  nodes[0]!.forEach((_, i) => (nodes[0]![i] = good.has(columnOf(model, i))))
}

/** Takes away the inputs of columns that no edge leaves. */
function dropUnused(model: Model, { nodes, edges }: Choice): void {
  const left = leftNodes(model.layout.layers[0]!, edges[0]!)
  const used = new Set(Array.from(left, i => columnOf(model, i)))
  nodes[0]!.forEach((isKept, i) => (nodes[0]![i] = isKept && used.has(columnOf(model, i))))
}
