import type { LayerLayout } from '../model/shape.ts'
import { localPolynomials, localPolynomialStride } from '../spline/polynomials.ts'

/** Values of one layer in the table of pieces: per input and knot interval one local polynomial record. */
export function pieceCount(layer: LayerLayout): number {
  return layer.inputs * (layer.knotsPerInput - 1) * localPolynomialStride(layer.degree)
}

/**
 * The first of the k + 1 consecutive bases that are evaluated on knot interval s: s - k, moved inwards near the ends of
 * the extended knots so that all k + 1 exist, 0 <= first <= G - 1. Outside the knots (s = -1) it is 0.
 */
export function firstBasis(layer: LayerLayout, interval: number): number {
  return Math.max(0, Math.min(layer.intervals - 1, interval - layer.degree))
}

/**
 * The layer's table of local polynomials (see spline/polynomials.ts for a record), with the rows of every matrix moved
 * so that row r belongs to basis firstBasis(s) + r. Rows that fall off belong to bases that do not exist and are zero.
 *
 * @param knots flat knots of a model, the layer's from `knotsStart`: [inputs][G + 2k + 1]
 * @param pieces [inputs][G + 2k][2 + (k + 1)^2], from `piecesStart`
 */
export function fillPieces(
  layer: LayerLayout,
  knots: Float64Array,
  knotsStart: number,
  pieces: Float64Array,
  piecesStart: number,
): void {
  const { inputs, intervals, degree, knotsPerInput } = layer
  const cells = knotsPerInput - 1
  const width = degree + 1
  const stride = localPolynomialStride(degree)
  for (let i = 0; i < inputs; i++) {
    const table = piecesStart + i * cells * stride
    localPolynomials(knots, knotsStart + i * knotsPerInput, intervals, degree, pieces, table)
    for (let s = 0; s < cells; s++) {
      const moved = firstBasis(layer, s) - (s - degree)
      if (moved === 0) continue
      const matrix = table + s * stride + 2
      const end = matrix + width * width
      if (moved > 0) {
        pieces.copyWithin(matrix, matrix + moved * width, end)
        pieces.fill(0, end - moved * width, end)
      } else {
        pieces.copyWithin(matrix - moved * width, matrix, end + moved * width)
        pieces.fill(0, matrix, matrix - moved * width)
      }
    }
  }
}
