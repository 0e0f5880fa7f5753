import type { Network } from '../network.ts'
import { FOLDED } from '../symbolic/curves.ts'
import type { Curvature } from './curvature.ts'

/**
 * Entries of symbolic edge e at row b, from `count` on: adjoint times the derivatives of c f(a x + b) + d by its four numbers,
 * c f' x, c f', f and 1. Returns the next place. The edge's numbers begin at `group`, those of the layer's `affine`.
 */
export function fillEdge(
  { symbolic, affine, nodes, rowStride }: Network,
  l: number,
  e: number,
  b: number,
  adjoint: number,
  group: number,
  count: number,
  { numbers, values }: Pick<Curvature, 'numbers' | 'values'>,
): number {
  const { edges, values: f, slopes } = symbolic[l]!
  const slope = adjoint * affine[l]![e * FOLDED + 2]! * slopes[e * rowStride + b]!
  values[count] = slope * nodes[l]![edges[e]!.input * rowStride + b]!
  values[count + 1] = slope
  values[count + 2] = adjoint * f[e * rowStride + b]!
  values[count + 3] = adjoint
  for (let n = 0; n < 4; n++) numbers[count + n] = group + 4 * e + n
  return count + 4
}

/** Entries of all symbolic edges of layer l at row b, from `count` on, for the adjoints of the layer's outputs; returns the next place. */
export function fillAffine(
  network: Network,
  l: number,
  b: number,
  adjoints: Float64Array,
  group: number,
  count: number,
  into: Curvature,
): number {
  const { edges } = network.symbolic[l]!
  let next = count
  for (let e = 0; e < edges.length; e++) {
    const scale = network.affine[l]![e * FOLDED + 4]!
    const adjoint = scale * adjoints[edges[e]!.output * network.rowStride + b]!
    next = fillEdge(network, l, e, b, adjoint, group, next, into)
  }
  return next
}

/** Sum of c f + d over the symbolic edges into output j of layer l at row b. */
export function curvesOf({ symbolic, affine, rowStride }: Network, l: number, j: number, b: number): number {
  const { edges, values } = symbolic[l]!
  let sum = 0
  for (let e = 0; e < edges.length; e++)
    if (edges[e]!.output === j)
      sum += affine[l]![e * FOLDED + 2]! * values[e * rowStride + b]! + affine[l]![e * FOLDED + 3]!
  return sum
}
