import type { Network } from '../network.ts'
import { curvesOf, fillAffine } from './affine.ts'
import type { Curvature } from './curvature.ts'

/** The entries of row b of S^T J that are not zero by construction (as those of masked edges are); returns how many. */
export function fillRow(network: Network, m: number, b: number, into: Curvature): number {
  const { layout, blocks, parameters, mask, rowStride } = network
  const { numbers, values, numberOf, trainable } = into
  let count = 0
  for (let l = 0; l < layout.layers.length; l++) {
    const layer = layout.layers[l]!
    const { inputs, outputs, bases, degree } = layer
    const { values: terms, terms: width } = blocks[l]!
    const sorted = into.sorted[l]!
    const first = into.first[l]!
    const adjoints = into.outputs[l]!
    const own = m * layout.parameters
    const edges = m * layout.edges + layer.edges
    const scale = own + layer.nodeScale
    if (trainable.coef)
      for (let i = 0; i < inputs; i++) {
        const at = (i * rowStride + sorted[i * rowStride + b]!) * width
        const basis = first[i * rowStride + b]!
        for (let r = 0; r <= degree; r++)
          for (let j = 0; j < outputs; j++) {
            const edge = i * outputs + j
            if (mask[edges + edge] === 0) continue
            numbers[count] = numberOf[layer.coef + (i * bases + basis + r) * outputs + j]!
            values[count++] =
              terms[at + r]! *
              adjoints[j * rowStride + b]! *
              parameters[scale + j]! *
              mask[edges + edge]! *
              parameters[own + layer.scaleSpline + edge]!
          }
      }
    if (trainable.scaleBase)
      for (let i = 0; i < inputs; i++) {
        const base = terms[(i * rowStride + sorted[i * rowStride + b]!) * width + width - 1]!
        for (let j = 0; j < outputs; j++) {
          const edge = i * outputs + j
          if (mask[edges + edge] === 0) continue
          numbers[count] = numberOf[layer.scaleBase + edge]!
          values[count++] = base * adjoints[j * rowStride + b]! * parameters[scale + j]! * mask[edges + edge]!
        }
      }
    if (trainable.scaleSpline)
      for (let i = 0; i < inputs; i++)
        for (let j = 0; j < outputs; j++) {
          const edge = i * outputs + j
          if (mask[edges + edge] === 0) continue
          numbers[count] = numberOf[layer.scaleSpline + edge]!
          values[count++] =
            splineOf(network, m, l, i, j, b, into) *
            adjoints[j * rowStride + b]! *
            parameters[scale + j]! *
            mask[edges + edge]!
        }
    if (trainable.nodeScale)
      for (let j = 0; j < outputs; j++) {
        let sum = 0
        for (let i = 0; i < inputs; i++) {
          const edge = i * outputs + j
          const base = terms[(i * rowStride + sorted[i * rowStride + b]!) * width + width - 1]!
          sum +=
            mask[edges + edge]! *
            (parameters[own + layer.scaleBase + edge]! * base +
              parameters[own + layer.scaleSpline + edge]! * splineOf(network, m, l, i, j, b, into))
        }
        sum += curvesOf(network, l, j, b)
        numbers[count] = numberOf[layer.nodeScale + j]!
        values[count++] = sum * adjoints[j * rowStride + b]!
      }
    if (trainable.nodeBias)
      for (let j = 0; j < outputs; j++) {
        numbers[count] = numberOf[layer.nodeBias + j]!
        values[count++] = adjoints[j * rowStride + b]!
      }
    if (trainable.affine) count = fillAffine(network, l, b, adjoints, count, into)
  }
  return count
}

/**
 * Adds weight u u^T to the lower triangle, u being the first `count` entries of the row. Precondition: their numbers ascend, so
 * that every pair falls into that triangle. Four rows of the triangle at a time, which read u once: of 110 entries a product takes
 * 0.6 to 1.3 ns, row by row 2.3 to 2.7; every entry gets the same bits.
 */
export function addOuterProduct(
  weight: number,
  count: number,
  { numbers, values, matrix, size }: Curvature,
): void {
  const whole = count - (count % 4)
  for (let e = 0; e < whole; e += 4) {
    const v0 = weight * values[e]!
    const v1 = weight * values[e + 1]!
    const v2 = weight * values[e + 2]!
    const v3 = weight * values[e + 3]!
    const row0 = numbers[e]! * size
    const row1 = numbers[e + 1]! * size
    const row2 = numbers[e + 2]! * size
    const row3 = numbers[e + 3]! * size
    for (let f = 0; f <= e; f++) {
      const number = numbers[f]!
      const value = values[f]!
      matrix[row0 + number] = matrix[row0 + number]! + v0 * value
      matrix[row1 + number] = matrix[row1 + number]! + v1 * value
      matrix[row2 + number] = matrix[row2 + number]! + v2 * value
      matrix[row3 + number] = matrix[row3 + number]! + v3 * value
    }
    for (let k = e + 1; k < e + 4; k++) addOuterRow(weight, k, e + 1, numbers, values, matrix, size)
  }
  for (let e = whole; e < count; e++) addOuterRow(weight, e, 0, numbers, values, matrix, size)
}

/** Row e of the outer product, from entry `from` to the diagonal. */
function addOuterRow(
  weight: number,
  e: number,
  from: number,
  numbers: Int32Array,
  values: Float64Array,
  matrix: Float64Array,
  size: number,
): void {
  const value = weight * values[e]!
  const row = numbers[e]! * size
  for (let f = from; f <= e; f++) matrix[row + numbers[f]!] = matrix[row + numbers[f]!]! + value * values[f]!
}

/** sum_m coef[m] B_m(x) of edge (i, j) of layer l at row b. */
function splineOf(
  network: Network,
  m: number,
  l: number,
  i: number,
  j: number,
  b: number,
  into: Curvature,
): number {
  const { layout, blocks, parameters, rowStride } = network
  const { bases, degree, outputs, coef } = layout.layers[l]!
  const { values, terms } = blocks[l]!
  const at = (i * rowStride + into.sorted[l]![i * rowStride + b]!) * terms
  const start = m * layout.parameters + coef + (i * bases + into.first[l]![i * rowStride + b]!) * outputs + j
  let sum = 0
  for (let r = 0; r <= degree; r++) sum += values[at + r]! * parameters[start + r * outputs]!
  return sum
}
