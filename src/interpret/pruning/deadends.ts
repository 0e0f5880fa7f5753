import type { Model } from '../../model/model.ts'
import { nodeOfOutput } from '../../model/products.ts'
import type { LayerLayout, Layout } from '../../model/shape.ts'
import { presentEdges } from '../../model/symbolic.ts'

/** What stays of a network (see Kept), while it is being chosen. */
export interface Choice {
  /** [layers + 1] of [nodes]. */
  readonly nodes: boolean[][]
  /** [layers] of [inputs][outputs]. */
  readonly edges: boolean[][]
}

/** All nodes, and the edges that are there. */
export function everything(model: Model): Choice {
  const { layers, inputs } = model.layout
  return {
    nodes: [inputs, ...layers.map(({ nodes }) => nodes)].map(nodes => Array<boolean>(nodes).fill(true)),
    edges: layers.map((_, l) => presentEdges(model.layer(l))),
  }
}

/**
 * Takes away edges at removed nodes, and hidden nodes without edges on either side (a product: without an edge into any of its
 * factors), until nothing more falls. Inputs and outputs stay as they were chosen.
 *
 * @returns whether a path from the inputs to the outputs is left: where one layer has no edge left, none has
 */
export function dropDeadEnds({ layers }: Layout, { nodes, edges }: Choice): boolean {
  const owners = layers.map(nodeOfOutput)
  for (let changed = true; changed;) {
    changed = false
    layers.forEach(({ outputs }, l) => {
      edges[l]!.forEach((isKept, edge) => {
        const j = edge % outputs
        if (!isKept || (nodes[l]![(edge - j) / outputs]! && nodes[l + 1]![owners[l]![j]!]!)) return
        edges[l]![edge] = false
        changed = true
      })
    })
    for (let l = 1; l < layers.length; l++) {
      const entered = enteredNodes(layers[l - 1]!, owners[l - 1]!, edges[l - 1]!)
      const left = leftNodes(layers[l]!, edges[l]!)
      nodes[l]!.forEach((isKept, i) => {
        if (!isKept || (entered.has(i) && left.has(i))) return
        nodes[l]![i] = false
        changed = true
      })
    }
  }
  return edges[0]!.includes(true)
}

function enteredNodes({ outputs }: LayerLayout, owner: Int32Array, edges: readonly boolean[]): Set<number> {
  return new Set(edges.flatMap((isKept, edge) => (isKept ? [owner[edge % outputs]!] : [])))
}

/** Inputs of a layer that an edge leaves. */
export function leftNodes({ outputs }: Pick<LayerLayout, 'outputs'>, edges: readonly boolean[]): Set<number> {
  return new Set(edges.flatMap((isKept, edge) => (isKept ? [(edge - (edge % outputs)) / outputs] : [])))
}
