import { describe, expect, it } from 'vitest'
import { lossAndGradient } from '../../src/engine/cpu/evaluate.ts'
import { createCurvature, curvature } from '../../src/engine/cpu/lm/curvature.ts'
import { createNetwork, refreshPieces } from '../../src/engine/cpu/network.ts'
import type { Plan, Rows } from '../../src/engine/engine.ts'
import { denseCurvature } from './densecurvature.ts'
import { flatRows, flatten, lossPlan, planFor, relativeError } from './flat.ts'
import type { FlatModel } from './flat.ts'
import { caseLoss } from './samples.ts'
import { CASES, inputsOf, SMALL, symbolicModel } from './symbolicmodels.ts'

const allocator = {
  float64: (_: string, length: number) => new Float64Array(length),
  int32: (_: string, length: number) => new Int32Array(length),
}

/** The curvature of Levenberg and Marquardt's method, its lower triangle by places in the flat parameters. */
function curvatureOf(flat: FlatModel, training: Rows, plan: Plan): number[][] {
  const network = createNetwork(flat.layout, 1, true, allocator, plan.penalty)
  network.parameters.set(flat.parameters)
  network.knots.set(flat.knots)
  network.mask.set(flat.mask)
  network.penalty?.lambda.fill(1)
  refreshPieces(network, 1)
  const rows = training.weights.length
  const order = Int32Array.from({ length: rows }, (_, b) => b)
  lossAndGradient(network, 0, plan, training, order, rows, new Float64Array(flat.layout.parameters))
  const into = createCurvature(flat.layout, network, plan.trainable, allocator)
  curvature(network, 0, plan, training, rows, into)
  const size = flat.layout.parameters
  const matrix = Array.from({ length: size }, () => Array<number>(size).fill(0))
  for (let p = 0; p < into.size; p++)
    for (let q = 0; q <= p; q++) {
      const [a, b] = [into.places[p]!, into.places[q]!]
      matrix[Math.max(a, b)]![Math.min(a, b)] = into.matrix[p * into.size + q]!
    }
  return matrix
}

describe('symbolic edges: curvature', () => {
  it.each(
    CASES.filter(({ rows }) => rows < 100).flatMap(network =>
      (['mse', 'crossEntropy'] as const).map(kind => ({ ...network, kind })),
    ),
  )('equals the dense sum over rows: $name, $kind', network => {
    const model = symbolicModel(network)
    const flat = flatten(model)
    const x = inputsOf(network)
    const loss = caseLoss(network, network.kind, true)
    const plan = planFor(flat.layout, network.rows, { ...lossPlan(loss), optimizer: { kind: 'lm' } })
    const actual = curvatureOf(flat, flatRows(x, loss), plan)
    // As in curvature.test.ts.
    expect(relativeError(actual.flat(), denseCurvature(model, x, loss).flat())).toBeLessThan(1e-12)
  })

  it('has the penalty of an edge as a weighted square of its slopes', () => {
    const network = { ...SMALL, width: [2, 2], share: 1 }
    const model = symbolicModel(network)
    const flat = flatten(model)
    const x = inputsOf(network)
    const loss = caseLoss(network, 'mse', true)
    const training = flatRows(x, loss)
    const penalty = { metric: 'paper', l1: 1, entropy: 0, coef: 0, coefdiff: 0 } as const
    const plain = curvatureOf(flat, training, planFor(flat.layout, x.length))
    const bent = curvatureOf(flat, training, planFor(flat.layout, x.length, { penalty }))
    const { affine } = flat.layout.layers[0]!
    const total = training.weights.reduce((sum, w) => sum + w, 0)
    const expected = plain.map(row => row.map(() => 0))
    model.layers[0]!.symbolic!.forEach(({ i, f, slope, affine: [a = 0, b = 0, c = 0, d = 0] }, e) => {
      const phi = x.map(row => c * f(a * row[i]! + b) + d)
      const norm = phi.reduce((sum, value, at) => sum + training.weights[at]! * Math.abs(value), 0) / total
      x.forEach((row, at) => {
        const u = a * row[i]! + b
        const own = [c * slope(u) * row[i]!, c * slope(u), f(u), 1]
        const weight = training.weights[at]! / total / (Math.abs(phi[at]!) + 0.1 * norm)
        own.forEach((p, m) =>
          own.slice(0, m + 1).forEach((q, n) => {
            expected[affine + 4 * e + m]![affine + 4 * e + n]! += weight * p * q
          }),
        )
      })
    })
    const added = bent.map((row, p) => row.map((value, q) => value - plain[p]![q]!))
    // Beside the loss's curvature, which is subtracted again: about ten times as large.
    expect(relativeError(added.flat(), expected.flat())).toBeLessThan(1e-11)
  })
})
