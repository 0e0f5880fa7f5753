import { ConfigError } from '../errors.ts'
import { basisValues, findInterval } from '../spline/basis.ts'
import type { Model } from './model.ts'
import type { Base } from './shape.ts'
import { symbolicValues } from './symbolic.ts'
import { formatWidth } from './width.ts'

/** b(x), the function beside an edge's spline (KAN paper, eq. 2.10). */
export function baseFunction(base: Base, x: number): number {
  if (base === 'zero') return 0
  return base === 'identity' ? x : x / (1 + Math.exp(-x))
}

/**
 * The learned function of one edge, phi(x) = mask (scaleBase b(x) + scaleSpline sum_m coef[m] B_m(x)), or c f(a x + b) + d of a
 * symbolic one, in float64.
 *
 * @param l layer, from 0; @param i input node; @param j output node
 * @param x points in the network's coordinates (`statistics` tells which range an input takes)
 * @returns phi at each of the points
 * @throws ConfigError when there is no such edge
 */
export function edgeCurve(model: Model, l: number, i: number, j: number, x: ArrayLike<number>): Float64Array {
  const shape = model.layout.layers[l]
  if (!shape || !(i >= 0 && i < shape.inputs && j >= 0 && j < shape.outputs))
    throw new ConfigError(
      `There is no edge from input ${i} to output ${j} of layer ${l}; this network is ${formatWidth(model.layout.layers)}.`,
    )
  const { bases, degree, knotsPerInput, outputs, base, symbolic = [], values } = model.layer(l)
  const edge = i * outputs + j
  const e = symbolic.findIndex(own => own.edge === edge)
  if (e >= 0) return symbolicValues(symbolic[e]!.formula, values.affine, 4 * e, x)
  const start = i * knotsPerInput
  const local = new Float64Array(degree + 1)
  return Float64Array.from(x, point => {
    const interval = findInterval(values.knots, start, knotsPerInput, point)
    let spline = 0
    if (interval >= 0) {
      basisValues(values.knots, start, knotsPerInput, degree, interval, point, local, 0)
      for (let r = 0; r <= degree; r++) {
        const m = interval - degree + r
        if (m >= 0 && m < bases) spline += local[r]! * values.coef[(i * bases + m) * outputs + j]!
      }
    }
    return (
      values.mask[edge]! *
      (values.scaleBase[edge]! * baseFunction(base, point) + values.scaleSpline[edge]! * spline)
    )
  })
}
