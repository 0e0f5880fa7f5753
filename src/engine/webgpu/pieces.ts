import type { Layout } from '../../model/shape.ts'
import { localPolynomials, localPolynomialStride } from '../../spline/polynomials.ts'

/** Where a layer's local polynomials lie in one model's pieces (shaders/basis.wgsl). */
export interface PiecesLayout {
  readonly offsets: readonly number[]
  readonly size: number
}

/** Words an interval: 2 / step, then (k + 1)^2 coefficients. */
export function pieceStride(degree: number): number {
  return 1 + (degree + 1) ** 2
}

export function piecesLayout(layout: Layout): PiecesLayout {
  let size = 0
  const offsets = layout.layers.map(layer => {
    const offset = size
    size += layer.inputs * (layer.knotsPerInput - 1) * pieceStride(layer.degree)
    return offset
  })
  return { offsets, size }
}

/**
 * The local polynomials of one model for the GPU, from knots that were rounded to float32 already: the shader measures x from
 * those, and polynomials of other knots would not meet at them. Rows are moved so that row r of interval s belongs to basis
 * clamp(s - k, 0, G - 1) + r, and bases that do not exist are left out.
 */
export function makePieces(
  layout: Layout,
  pieces: PiecesLayout,
  knots: Float64Array,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(pieces.size)
  layout.layers.forEach((layer, l) => {
    const { degree, intervals } = layer
    const order = degree + 1
    const perInput = layer.knotsPerInput - 1
    const sourceStride = localPolynomialStride(degree)
    const stride = pieceStride(degree)
    const source = new Float64Array(perInput * sourceStride)
    for (let i = 0; i < layer.inputs; i++) {
      localPolynomials(knots, layer.knots + i * layer.knotsPerInput, intervals, degree, source, 0)
      for (let s = 0; s < perInput; s++) {
        const from = s * sourceStride
        const to = pieces.offsets[l]! + (i * perInput + s) * stride
        result[to] = source[from + 1]!
        const first = Math.min(Math.max(s - degree, 0), intervals - 1)
        for (let r = 0; r < order; r++) {
          const row = first + r - (s - degree)
          if (row < 0 || row >= order) continue
          for (let p = 0; p < order; p++) result[to + 1 + r * order + p] = source[from + 2 + row * order + p]!
        }
      }
    }
  })
  return result
}
