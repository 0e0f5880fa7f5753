import { describe, expect, it } from 'vitest'
import { createCurvature, curvature } from '../../src/engine/cpu/lm/curvature.ts'
import { createNetwork, refreshPieces } from '../../src/engine/cpu/network.ts'
import { oracleBackward, oracleForward } from '../oracle/kan.ts'
import type { OracleLoss } from '../oracle/kan.ts'
import { flatRows, flatten, flattenParameters, lossPlan, planFor, relativeError } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'
import type { NetworkCase } from './samples.ts'

const allocator = {
  float64: (_: string, length: number) => new Float64Array(length),
  int32: (_: string, length: number) => new Int32Array(length),
}

/**
 * H of one row, dense: 2 / outputs on the diagonal, slope over residual / outputs for the losses that are absolute far out, or
 * diag(p) - p p^T.
 */
function rowCurvature(loss: OracleLoss, outputs: readonly number[], row: number): number[][] {
  if (loss.kind !== 'crossEntropy')
    return outputs.map((y, j) =>
      outputs.map((_, k) => {
        if (j !== k) return 0
        const distance = Math.abs(y - loss.target[row]![j]!)
        if (loss.kind === 'mse') return 2 / outputs.length
        const slope = loss.kind === 'mae' ? 1 : Math.min(distance, loss.delta)
        return slope / distance / outputs.length
      }),
    )
  const total = outputs.reduce((sum, y) => sum + Math.exp(y), 0)
  const p = outputs.map(y => Math.exp(y) / total)
  return outputs.map((_, j) => outputs.map((__, k) => (j === k ? p[j]! : 0) - p[j]! * p[k]!))
}

/** sum_b w_b / W J^T H J over all parameters, with J from the oracle's dense backward pass, a row and output at a time. */
function denseCurvature(network: NetworkCase, loss: OracleLoss): number[][] {
  const model = caseModel(network)
  const { layout } = flatten(model)
  const rows = flatRows(caseInputs(network), loss)
  const weight = rows.weights.reduce((sum, w) => sum + w, 0)
  const result = Array.from({ length: layout.parameters }, () =>
    Array.from({ length: layout.parameters }, () => 0),
  )
  if (weight === 0) return result
  caseInputs(network).forEach((x, b) => {
    const [outputs] = oracleForward(model, [x])
    const jacobian = outputs!.map((_, o) => {
      const seed = outputs!.map((__, j) => (j === o ? 1 : 0))
      return flattenParameters(layout, oracleBackward(model, [x], [seed]).layers)
    })
    const h = rowCurvature(loss, outputs!, b)
    for (let p = 0; p < layout.parameters; p++)
      for (let q = 0; q <= p; q++)
        for (let j = 0; j < h.length; j++)
          for (let k = 0; k < h.length; k++)
            result[p]![q]! += (rows.weights[b]! / weight) * jacobian[j]![p]! * h[j]![k]! * jacobian[k]![q]!
  })
  return result
}

describe('Gauss-Newton curvature', () => {
  const small = NETWORKS.filter(({ width }) => Math.max(...width) <= 7)
  it.each(
    small.flatMap(network =>
      (['mse', 'mae', 'huber', 'crossEntropy'] as const).map(kind => ({ ...network, kind })),
    ),
  )('equals the dense sum over rows: $name, $kind', network => {
    const flat = flatten(caseModel(network))
    const trainable = {
      coef: true,
      scaleBase: true,
      scaleSpline: true,
      nodeScale: true,
      nodeBias: true,
      affine: true,
    }
    const loss = caseLoss(network, network.kind, true)
    const plan = planFor(flat.layout, network.rows, { ...lossPlan(loss), trainable })
    const net = createNetwork(flat.layout, 1, true, allocator)
    net.parameters.set(flat.parameters)
    net.knots.set(flat.knots)
    net.mask.set(flat.mask)
    refreshPieces(net, 1)
    const rows = flatRows(caseInputs(network), loss)
    const into = createCurvature(flat.layout, net, trainable, allocator)
    curvature(net, 0, plan, rows, network.rows, into)
    const expected = denseCurvature(network, loss)
    const actual: number[] = []
    const wanted: number[] = []
    for (let p = 0; p < into.size; p++)
      for (let q = 0; q <= p; q++) {
        const [a, b] = [into.places[p]!, into.places[q]!]
        actual.push(into.matrix[p * into.size + q]!)
        wanted.push(expected[Math.max(a, b)]![Math.min(a, b)]!)
      }
    expect(into.size).toBe(flat.layout.parameters)
    // Sums over up to 600 rows of products of a few tens of roundings each (measured: 4e-15).
    expect(relativeError(Float64Array.from(actual), wanted)).toBeLessThan(1e-12)
  })
})
