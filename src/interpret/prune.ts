import { ConfigError } from '../errors.ts'
import type { Model } from '../model/model.ts'
import { nodeOfOutput } from '../model/products.ts'
import { checkOptionNames } from '../model/optionnames.ts'
import { subnetwork } from '../model/subnetwork.ts'
import { attribute } from './attribution.ts'
import type { Attribution } from './attribution.ts'

/** Scores (see attribute) below which edges and hidden nodes are removed. */
export interface PruneOptions {
  /** Default 0.01. */
  readonly node?: number
  /** Default 0.03. */
  readonly edge?: number
}

/** pykan's thresholds for these scores. */
const PRUNE_DEFAULTS = { node: 1e-2, edge: 3e-2 } as const

/**
 * The network without the edges and hidden nodes whose backward scores are below the thresholds, and without the hidden nodes
 * that then lead nowhere or come from nowhere (KAN paper, section 2.5.1, with pykan's scores). What is removed is replaced
 * by its mean over the calibration's rows, so that outputs change by the removed variation only: see subnetwork. The inputs
 * stay, even unused ones, as they are a table's columns.
 *
 * @throws ConfigError for thresholds that are no scores, for a model without statistics, and where no path would be left from
 * the inputs to the outputs: the message says which threshold is too high
 */
export function prune(model: Model, options: PruneOptions = {}): Model {
  checkOptionNames('prune', options, ['node', 'edge'], 'prune({ node: 1e-2, edge: 3e-2 })')
  const { node = PRUNE_DEFAULTS.node, edge = PRUNE_DEFAULTS.edge } = options
  for (const [name, value] of [
    ['node', node],
    ['edge', edge],
  ] as const)
    if (typeof value !== 'number' || !(value >= 0))
      throw new ConfigError(
        `prune's ${name} is ${value}; a threshold is a score of at least 0 (usually ${PRUNE_DEFAULTS[name]}).`,
      )
  const { edges, nodes } = attribute(model)
  const last = model.layout.layers.length
  const keptNodes = nodes.map((scores, l) =>
    Array.from(scores, score => l === 0 || l === last || score >= node),
  )
  const keptEdges = edges.map((scores, l) => {
    const { mask } = model.layer(l).values
    return Array.from(scores, (score, e) => mask[e] !== 0 && score >= edge)
  })
  const kept = { nodes: keptNodes, edges: keptEdges }
  checkThresholds({ edges, nodes }, { node, edge })
  dropDeadEnds(model, kept)
  // Dead ends spread: where one layer has no edge left, none has.
  if (!kept.edges[0]!.includes(true))
    throw new ConfigError(
      `Pruning with { node: ${node}, edge: ${edge} } would leave no path from the inputs to the outputs. Lower both thresholds.`,
    )
  return subnetwork(model, kept)
}

/** Throws ConfigError where one threshold alone takes all edges of a layer, or all nodes between two. */
function checkThresholds({ edges, nodes }: Attribution, { node, edge }: Required<PruneOptions>): void {
  edges.forEach((scores, l) => {
    const highest = scores.reduce((most, score) => Math.max(most, score), 0)
    if (highest < edge)
      throw new ConfigError(
        `Pruning with { edge: ${edge} } would leave layer ${l} without an edge; its highest edge score is ${highest}. Lower the threshold.`,
      )
  })
  nodes.slice(1, -1).forEach((scores, l) => {
    const highest = scores.reduce((most, score) => Math.max(most, score), 0)
    if (highest < node)
      throw new ConfigError(
        `Pruning with { node: ${node} } would leave no node between layers ${l} and ${l + 1}; the highest score there is ${highest}. Lower the threshold.`,
      )
  })
}

/**
 * Takes away edges at removed nodes, and hidden nodes without edges on either side, until nothing more falls. A product has
 * those of all its factors.
 */
function dropDeadEnds(model: Model, { nodes, edges }: { nodes: boolean[][]; edges: boolean[][] }): void {
  const { layers } = model.layout
  const nodeAfter = layers.map(nodeOfOutput)
  for (let changed = true; changed;) {
    changed = false
    layers.forEach(({ inputs, outputs }, l) => {
      for (let e = 0; e < inputs * outputs; e++) {
        const node = nodeAfter[l]![e % outputs]!
        if (edges[l]![e] === true && !(nodes[l]![Math.floor(e / outputs)]! && nodes[l + 1]![node]!)) {
          edges[l]![e] = false
          changed = true
        }
      }
    })
    for (let l = 1; l < layers.length; l++)
      nodes[l]!.forEach((isKept, i) => {
        const before = layers[l - 1]!.outputs
        const next = layers[l]!.outputs
        const comes = edges[l - 1]!.some((isThere, e) => isThere && nodeAfter[l - 1]![e % before] === i)
        const leads = edges[l]!.slice(i * next, (i + 1) * next).includes(true)
        if (!isKept || (comes && leads)) return
        nodes[l]![i] = false
        changed = true
      })
  }
}
