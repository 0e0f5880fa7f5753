import { sumCount } from './shape.ts'
import type { LayerShape } from './shape.ts'

/** What a layer's nodes are made of. */
type Nodes = Pick<LayerShape, 'outputs' | 'products'>

/** For each output of a layer the node that it is, or is a factor of: [outputs]. */
export function nodeOfOutput(layer: Nodes): Int32Array {
  const { outputs, products = [] } = layer
  const nodes = new Int32Array(outputs)
  const sums = sumCount(layer)
  for (let j = 0; j < sums; j++) nodes[j] = j
  let output = sums
  products.forEach((factors, p) => {
    nodes.fill(sums + p, output, output + factors)
    output += factors
  })
  return nodes
}

/** The outputs of a layer that make each of its nodes, ascending: one for a sum, all factors for a product. */
export function nodeOutputs(layer: Nodes): number[][] {
  const nodes: number[][] = []
  nodeOfOutput(layer).forEach((node, j) => (nodes[node] ??= []).push(j))
  return nodes
}

/**
 * The nodes [rows][nodes] of a layer from its outputs y [rows][outputs] (KAN 2.0, arXiv 2408.10205, section 2.1): sums as they
 * are, and for each product the product of its factors. Without products, y itself.
 */
export function multiplyRows(layer: Nodes, y: Float64Array): Float64Array {
  const { outputs, products = [] } = layer
  if (products.length === 0) return y
  const node = nodeOfOutput(layer)
  const nodes = node.at(-1)! + 1
  const x = new Float64Array((y.length / outputs) * nodes).fill(1)
  for (let p = 0; p < y.length; p++) {
    const j = p % outputs
    const to = ((p - j) / outputs) * nodes + node[j]!
    x[to] = x[to]! * y[p]!
  }
  return x
}
