import type { Layout } from '../../model/shape.ts'
import { localPolynomialStride } from '../../spline/polynomials.ts'
import { fillPieces, pieceCount } from '../pieces.ts'

/** Where a layer's local polynomials lie in one model's pieces (shaders/basis.wgsl). */
export interface PiecesLayout {
  readonly offsets: readonly number[]
  readonly size: number
}

/** A record without its centre: the shader measures x from the knot itself (shaders/basis.wgsl says why). */
function gpuRecords(layer: Layout['layers'][number]): { count: number; stride: number } {
  const stride = localPolynomialStride(layer.degree)
  return { count: pieceCount(layer) / stride, stride: stride - 1 }
}

export function piecesLayout(layout: Layout): PiecesLayout {
  let size = 0
  const offsets = layout.layers.map(layer => {
    const offset = size
    const { count, stride } = gpuRecords(layer)
    size += count * stride
    return offset
  })
  return { offsets, size }
}

/**
 * The local polynomials of one model for the GPU, from knots that were rounded to float32 already: polynomials of other knots
 * would not meet at those that the shader has.
 */
export function makePieces(
  layout: Layout,
  pieces: PiecesLayout,
  knots: Float64Array,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(pieces.size)
  layout.layers.forEach((layer, l) => {
    const table = new Float64Array(pieceCount(layer))
    fillPieces(layer, knots, layer.knots, table, 0)
    const { count, stride } = gpuRecords(layer)
    for (let record = 0; record < count; record++) {
      const from = record * (stride + 1)
      result.set(table.subarray(from + 1, from + stride + 1), pieces.offsets[l]! + record * stride)
    }
  })
  return result
}
