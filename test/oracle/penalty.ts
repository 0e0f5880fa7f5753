import type { PenaltyPlan } from '../../src/engine/engine.ts'
import { oracleActivations, oracleEdge } from './kan.ts'
import type { OracleModel } from './kan.ts'

/**
 * The sparsity penalty (PenaltyPlan in src/engine/engine.ts) by its definition, over dense tables of phi: no merging of blocks, no
 * gradient.
 */
export function oraclePenalty(
  model: OracleModel,
  x: number[][],
  plan: PenaltyPlan,
  weights: number[] = x.map(() => 1),
): number {
  const levels = oracleActivations(model, x)
  let total = 0
  model.layers.forEach((layer, l) => {
    const column = (i: number): number[] => levels[l]!.map(row => row[i]!)
    const norms = Array.from({ length: layer.inputs }, (_, i) =>
      Array.from({ length: layer.outputs }, (__, j) => {
        const phi = column(i).map(value => oracleEdge(layer, i, j, value))
        return plan.metric === 'paper'
          ? average(phi.map(Math.abs), weights)
          : deviation(phi, weights) / (deviation(column(i), weights) + 0.1)
      }),
    )
    const all = norms.flat()
    const size = sum(all)
    total += plan.l1 * size
    if (plan.metric === 'paper') total += plan.entropy * entropy(all.map(n => n / size))
    else {
      const incoming = layer.nodeBias.map((_, j) => nodeEntropy(norms.map(row => row[j]!)))
      total += plan.entropy * (sum(incoming) / layer.outputs + sum(norms.map(nodeEntropy)) / layer.inputs)
    }
    layer.coef.forEach((all, i) => {
      // Coefficients behind symbolic edges are no parameters.
      const hidden = new Set(layer.symbolic?.filter(own => own.i === i).map(({ j }) => j))
      const rows = all.map(row => row.map((c, j) => (hidden.has(j) ? 0 : c)))
      for (const row of rows) total += (plan.coef * sum(row.map(Math.abs))) / layer.outputs
      for (let m = 1; m < rows.length; m++)
        total += (plan.coefdiff * sum(rows[m]!.map((c, j) => Math.abs(c - rows[m - 1]![j]!)))) / layer.outputs
    })
  })
  return total
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function average(values: number[], weights: number[]): number {
  return sum(values.map((value, b) => value * weights[b]!)) / sum(weights)
}

/** With N - 1, as it is for weights of 1. */
function deviation(values: number[], weights: number[]): number {
  const mean = average(values, weights)
  const squares = sum(values.map((value, b) => weights[b]! * (value - mean) ** 2))
  const denominator = sum(weights) - sum(weights.map(w => w * w)) / sum(weights)
  return Math.sqrt(squares / denominator)
}

/** - sum p ln p, 0 ln 0 = 0. */
function entropy(shares: number[]): number {
  return -sum(shares.map(p => (p > 0 ? p * Math.log(p) : 0)))
}

function nodeEntropy(norms: number[]): number {
  const shares = norms.map(n => n / (sum(norms) + 1))
  return -sum(shares.map(p => p * Math.log2(p + 1e-4)))
}
