import { describe, expect, it } from 'vitest'
import { createCurvature, curvature } from '../../src/engine/cpu/lm/curvature.ts'
import { createNetwork, refreshPieces } from '../../src/engine/cpu/network.ts'
import { denseCurvature } from './densecurvature.ts'
import { ALL_TRAINABLE, flatRows, flatten, lossPlan, planFor, relativeError } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'

const allocator = {
  float64: (_: string, length: number) => new Float64Array(length),
  int32: (_: string, length: number) => new Int32Array(length),
}

describe('Gauss-Newton curvature', () => {
  const small = NETWORKS.filter(({ width }) => Math.max(...width) <= 7)
  it.each(
    small.flatMap(network =>
      (['mse', 'mae', 'huber', 'crossEntropy'] as const).map(kind => ({ ...network, kind })),
    ),
  )('equals the dense sum over rows: $name, $kind', network => {
    const flat = flatten(caseModel(network))
    const loss = caseLoss(network, network.kind, true)
    const plan = planFor(flat.layout, network.rows, { ...lossPlan(loss), trainable: ALL_TRAINABLE })
    const net = createNetwork(flat.layout, 1, true, allocator)
    net.parameters.set(flat.parameters)
    net.knots.set(flat.knots)
    net.mask.set(flat.mask)
    refreshPieces(net, 1)
    const rows = flatRows(caseInputs(network), loss)
    const into = createCurvature(flat.layout, net, ALL_TRAINABLE, allocator)
    curvature(net, 0, plan, rows, network.rows, into)
    const expected = denseCurvature(caseModel(network), caseInputs(network), loss)
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
