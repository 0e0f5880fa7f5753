import type { Network } from '../network.ts'
import { FOLDED } from '../symbolic/curves.ts'
import type { Curvature } from './curvature.ts'

/**
 * Entries of symbolic edge e at row b, from `count` on: adjoint times the derivatives of c f(a x + b) + d by its four numbers,
 * c f' x, c f', f and 1. Returns the next place.
 */
export function fillEdge(
  { layout, symbolic, affine, nodes, rowStride }: Network,
  l: number,
  e: number,
  b: number,
  adjoint: number,
  count: number,
  { numbers, values, numberOf }: Curvature,
): number {
  const { edges, values: f, slopes } = symbolic[l]!
  const slope = adjoint * affine[l]![e * FOLDED + 2]! * slopes[e * rowStride + b]!
  values[count] = slope * nodes[l]![edges[e]!.input * rowStride + b]!
  values[count + 1] = slope
  values[count + 2] = adjoint * f[e * rowStride + b]!
  values[count + 3] = adjoint
  const first = numberOf[layout.layers[l]!.affine + 4 * e]!
  for (let n = 0; n < 4; n++) numbers[count + n] = first + n
  return count + 4
}

/**
 * Entries of all symbolic edges of layer l at row b, from `count` on, for the adjoints of the layer's outputs; returns the next
 * place.
 */
export function fillAffine(
  network: Network,
  l: number,
  b: number,
  adjoints: Float64Array,
  count: number,
  into: Curvature,
): number {
  const { edges } = network.symbolic[l]!
  let next = count
  for (let e = 0; e < edges.length; e++) {
    const scale = network.affine[l]![e * FOLDED + 4]!
    const adjoint = scale * adjoints[edges[e]!.output * network.rowStride + b]!
    next = fillEdge(network, l, e, b, adjoint, next, into)
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
