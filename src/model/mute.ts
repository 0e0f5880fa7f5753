import type { LayerView, Model } from './model.ts'
import { nodeOfOutput } from './products.ts'
import { presentEdges } from './symbolic.ts'

/**
 * Leaves the mean of what is removed before output j of a layer in its bias, in place: nodeBias_j += nodeScale_j mean, so that
 * the mean of the sum or factor stays (KAN paper, section 2.5.1, removes it with the edge).
 */
export function foldMean(
  { nodeScale, nodeBias }: Pick<LayerView['values'], 'nodeScale' | 'nodeBias'>,
  j: number,
  mean: number,
): void {
  nodeBias[j] = nodeBias[j]! + nodeScale[j]! * mean
}

/** Masks an edge (i * outputs + j) that is a spline, in place, and leaves its mean, as given, in the bias of its output. */
export function muteEdge({ outputs, values }: LayerView, edge: number, mean: number): void {
  values.mask[edge] = 0
  foldMean(values, edge % outputs, mean)
}

/** Masks the splines that lead to no output, in place, from the last layer back. Known functions stay, and lead on. */
export function muteDeadEnds(model: Model): void {
  let alive: ReadonlySet<number> | undefined
  for (let l = model.layout.layers.length - 1; l >= 0; l--) {
    const layer = model.layer(l)
    const { outputs, values } = layer
    const nodeOf = nodeOfOutput(layer)
    const isHeard = (edge: number): boolean => alive === undefined || alive.has(nodeOf[edge % outputs]!)
    const leading = new Set<number>()
    presentEdges(layer).forEach((isPresent, edge) => {
      if (!isHeard(edge)) values.mask[edge] = 0
      else if (isPresent) leading.add(Math.floor(edge / outputs))
    })
    alive = leading
  }
}
