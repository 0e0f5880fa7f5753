/**
 * From a layer's outputs y to its nodes x, and back, over a block of rows. Sums are outputs as they are; a product n of factors
 * F(n) is
 *
 *     x[n] = prod_(f in F(n)) y[f]        dy[f] = dx[n] prod_(g in F(n), g != f) y[g]
 *
 * without a division, so that a factor of 0 is no special case. A layer without products has one array for both levels, and
 * nothing to do here. Arrays: node-major [outputs][rowStride] and [nodes][rowStride].
 */
import { sumCount } from '../../model/shape.ts'
import type { LayerLayout } from '../../model/shape.ts'
import type { Allocator } from './memory.ts'

/** Of the layers, the level of their outputs: the nodes' own where all are sums. */
export function outputLevels(
  name: string,
  layers: readonly LayerLayout[],
  nodes: readonly Float64Array[],
  rowStride: number,
  allocator: Allocator,
): Float64Array[] {
  return layers.map(({ outputs, products }, l) =>
    products === undefined ? nodes[l + 1]! : allocator.float64(name, outputs * rowStride),
  )
}

/** x from y. */
export function multiplyFactors(
  layer: LayerLayout,
  y: Float64Array,
  x: Float64Array,
  rowStride: number,
  size: number,
): void {
  const { products } = layer
  if (products === undefined) return
  const sums = sumCount(layer)
  for (let j = 0; j < sums * rowStride; j++) x[j] = y[j]!
  let factor = sums * rowStride
  for (let p = 0; p < products.length; p++) {
    const node = (sums + p) * rowStride
    for (let b = 0; b < size; b++) x[node + b] = y[factor + b]!
    factor += rowStride
    for (let f = 1; f < products[p]!; f++, factor += rowStride)
      for (let b = 0; b < size; b++) x[node + b] = x[node + b]! * y[factor + b]!
  }
}

/** dy from dx and y. */
export function differentiateProducts(
  layer: LayerLayout,
  y: Float64Array,
  dx: Float64Array,
  dy: Float64Array,
  rowStride: number,
  size: number,
): void {
  const { products } = layer
  if (products === undefined) return
  const sums = sumCount(layer)
  for (let j = 0; j < sums * rowStride; j++) dy[j] = dx[j]!
  let first = sums * rowStride
  for (let p = 0; p < products.length; p++) {
    const node = (sums + p) * rowStride
    const end = first + products[p]! * rowStride
    for (let b = 0; b < size; b++) {
      // dx times the factors before each one, then the factors behind it.
      let before = dx[node + b]!
      for (let f = first + b; f < end; f += rowStride) {
        dy[f] = before
        before *= y[f]!
      }
      let behind = 1
      for (let f = end - rowStride + b; f >= first; f -= rowStride) {
        dy[f] = dy[f]! * behind
        behind *= y[f]!
      }
    }
    first = end
  }
}
