import { ShapeError } from '../errors.ts'
import { splineValues } from '../spline/splines.ts'
import type { Splines } from '../spline/splines.ts'
import { baseFunction } from './curve.ts'
import type { LayerView, Model } from './model.ts'
import { multiplyRows } from './products.ts'
import { symbolicValues } from './symbolic.ts'

/** The splines from input i of a layer to all of its outputs, without scaleSpline and mask: views, not copies. */
export function layerSplines(
  { bases, outputs, degree, knotsPerInput, values }: LayerView,
  i: number,
): Splines {
  return {
    knots: values.knots.subarray(i * knotsPerInput, (i + 1) * knotsPerInput),
    degree,
    coef: values.coef.subarray(i * bases * outputs, (i + 1) * bases * outputs),
    curves: outputs,
  }
}

/** Column i of x [rows][columns]. */
export function column(x: Float64Array, columns: number, i: number): Float64Array {
  return Float64Array.from({ length: x.length / columns }, (_, row) => x[row * columns + i]!)
}

/**
 * The nodes [rows][nodes] after one layer for its inputs x [rows][inputs], in float64: its sums (KAN paper, eq. 2.10-2.12) and
 * products (multiplyRows). For what happens once in a while, such as moving grids; engines are made for many passes.
 */
export function forwardLayer(layer: LayerView, x: Float64Array): Float64Array {
  const { inputs, outputs, base, symbolic = [], values } = layer
  const { scaleBase, scaleSpline, mask, nodeScale, nodeBias } = values
  const rows = x.length / inputs
  const sums = new Float64Array(rows * outputs)
  for (let i = 0; i < inputs; i++) {
    const points = column(x, inputs, i)
    const splines = splineValues(layerSplines(layer, i), points)
    for (let row = 0, p = 0; row < rows; row++) {
      const b = baseFunction(base, points[row]!)
      for (let j = 0, edge = i * outputs; j < outputs; j++, edge++, p++)
        sums[p]! += mask[edge]! * (scaleBase[edge]! * b + scaleSpline[edge]! * splines[p]!)
    }
  }
  symbolic.forEach(({ edge, formula }, e) => {
    const points = column(x, inputs, Math.floor(edge / outputs))
    const phi = symbolicValues(formula, values.affine, 4 * e, points)
    for (let row = 0, p = edge % outputs; row < rows; row++, p += outputs) sums[p]! += phi[row]!
  })
  return multiplyRows(
    layer,
    sums.map((sum, p) => nodeScale[p % outputs]! * sum + nodeBias[p % outputs]!),
  )
}

/**
 * The values of all nodes, [L + 1] of [rows][nodes]: x itself, the hidden layers, the outputs; all in the network's (scaled)
 * coordinates. Throws ShapeError when x has no whole number of rows.
 */
export function forwardNodes(model: Model, x: Float64Array): Float64Array[] {
  const { inputs, layers } = model.layout
  if (x.length % inputs !== 0)
    throw new ShapeError(`x has ${x.length} values; the network's ${inputs} inputs need a multiple of that.`)
  const nodes = [x]
  for (let l = 0; l < layers.length; l++) nodes.push(forwardLayer(model.layer(l), nodes[l]!))
  return nodes
}
