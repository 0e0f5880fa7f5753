import { ConfigError } from '../../errors.ts'
import type { Model } from '../../model/model.ts'
import { checkOptionNames } from '../../model/optionnames.ts'
import type { Kept } from '../../model/subnetwork.ts'
import { formatWidth } from '../../model/width.ts'
import { keptNetwork } from './keptstatistics.ts'
import { dropDeadEnds, everything } from './deadends.ts'
import type { Choice } from './deadends.ts'
import { columnOf } from '../scores/importance.ts'

/** Parts of a network to take away. */
export interface Parts {
  /** From input i to output j of layer l; with product nodes, outputs are sums and factors: see LayerShape. */
  readonly edges?: readonly (readonly [l: number, i: number, j: number])[]
  /** Hidden nodes: node i behind layer l - 1, an input of layer l, l from 1. */
  readonly nodes?: readonly (readonly [l: number, i: number])[]
  /** By place, or by the column of the table (x1, x2, ... without one); a column of texts by its name only. */
  readonly inputs?: readonly (number | string)[]
}

const EXAMPLE = 'remove({ edges: [[0, 1, 2]], nodes: [[1, 3]], inputs: [0] })'

/**
 * The network without these edges, hidden nodes and inputs, and without the hidden nodes that then lead nowhere or come from
 * nowhere: a new, smaller one. What is removed is replaced by its mean over the calibration's rows: see subnetwork. All that
 * goes together is best removed in one call: the new network has the statistics that stay true (see keptStatistics), and where hidden
 * nodes have lost much, none until it is calibrated or fitted.
 *
 * A network without some inputs takes fewer columns a row. Of a table it takes those it still has by their names, and what else the
 * table holds is no matter; rows of numbers must be given without the columns that went.
 *
 * @throws ConfigError for parts that are not there, for a model without statistics, and where no path would be left from the
 * inputs to the outputs
 */
export function removeParts(model: Model, parts: Parts): Model {
  return keptNetwork(model, chooseRest(model, parts))
}

/** What removeParts keeps. Throws as it does. */
export function chooseRest(model: Model, parts: Parts): Kept {
  checkOptionNames('remove', parts, ['edges', 'nodes', 'inputs'], EXAMPLE)
  const { edges = [], nodes = [], inputs = [] } = parts
  for (const [name, list] of Object.entries<unknown>({ edges, nodes, inputs }))
    if (!Array.isArray(list))
      throw new ConfigError(`remove's ${name} is ${String(list)}; give a list, as in ${EXAMPLE}.`)
  const kept = everything(model)
  const there = kept.edges.map(own => [...own])
  for (const [l, i, j] of edges) removeEdge(model, kept, there, l, i, j)
  for (const [l, i] of nodes) removeNode(model, kept, l, i)
  for (const input of inputs) removeInput(model, kept, input)
  if (dropDeadEnds(model.layout, kept)) return kept
  const what = [
    ...edges.map(place => `edge (${place.join(', ')})`),
    ...nodes.map(place => `node (${place.join(', ')})`),
    ...inputs.map(input => `input ${input}`),
  ]
  throw new ConfigError(
    `Removing ${what.join(', ')} would leave no path from the inputs to the outputs of ${formatWidth(model.layout.layers)}. Keep more of it.`,
  )
}

function removeEdge(
  { layout }: Model,
  { edges }: Choice,
  there: readonly (readonly boolean[])[],
  l: number,
  i: number,
  j: number,
): void {
  const layer = layout.layers[l]
  const at = `from input ${i} to output ${j} of layer ${l}`
  if (!layer || !isPlace(i, layer.inputs) || !isPlace(j, layer.outputs))
    throw new ConfigError(`There is no edge ${at}; this network is ${formatWidth(layout.layers)}.`)
  const edge = i * layer.outputs + j
  if (!there[l]![edge])
    throw new ConfigError(`There is no edge ${at} any more: it was removed before. Leave it out.`)
  edges[l]![edge] = false
}

function removeNode({ layout }: Model, { nodes }: Choice, l: number, i: number): void {
  const level = nodes[l]
  if (!level || !isPlace(i, level.length))
    throw new ConfigError(
      `There is no node ${i} at level ${l}; this network is ${formatWidth(layout.layers)}, whose levels are 0 to ${nodes.length - 1}.`,
    )
  if (l === 0) throw new ConfigError(`Node ${i} at level 0 is an input; remove it by removeInput(${i}).`)
  if (l === nodes.length - 1)
    throw new ConfigError(`Node ${i} at level ${l} is an output, and outputs stay; name a hidden one.`)
  level[i] = false
}

function removeInput(model: Model, { nodes }: Choice, input: number | string): void {
  const level = nodes[0]!
  const columns = level.map((_, i) => columnOf(model, i))
  const places = columns.flatMap((column, i) => (input === column || input === i ? [i] : []))
  const [first] = places
  if (first === undefined)
    throw new ConfigError(
      `There is no input ${JSON.stringify(input)}; the inputs are ${[...new Set(columns)].join(', ')}, or places from 0 to ${level.length - 1}.`,
    )
  // The value of such a column would be one that training has not seen.
  const column = columns[first]!
  const values = columns.filter(name => name === column).length
  if (values > places.length)
    throw new ConfigError(
      `Input ${input} is one of ${values} values of the column ${column}, which goes as a whole: removeInput('${column}').`,
    )
  for (const place of places) level[place] = false
}

function isPlace(value: unknown, places: number): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < places
}
