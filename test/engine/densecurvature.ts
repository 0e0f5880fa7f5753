import { oracleBackward, oracleForward } from '../oracle/kan.ts'
import type { OracleLoss, OracleModel } from '../oracle/kan.ts'
import { flatRows, flatten, flattenParameters } from './flat.ts'

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
  // p (1 - p) as p times the sum of the others, which does not cancel where p is nearly 1.
  const rest = (j: number): number => p.reduce((sum, q, k) => (k === j ? sum : sum + q), 0)
  return outputs.map((_, j) => outputs.map((__, k) => p[j]! * (j === k ? rest(j) : -p[k]!)))
}

/** sum_b w_b / W J^T H J over all parameters, with J from the oracle's dense backward pass, a row and output at a time. */
export function denseCurvature(model: OracleModel, x: number[][], loss: OracleLoss): number[][] {
  const { layout } = flatten(model)
  const rows = flatRows(x, loss)
  const weight = rows.weights.reduce((sum, w) => sum + w, 0)
  const result = Array.from({ length: layout.parameters }, () =>
    Array.from({ length: layout.parameters }, () => 0),
  )
  if (weight === 0) return result
  x.forEach((row, b) => {
    const [outputs] = oracleForward(model, [row])
    const jacobian = outputs!.map((_, o) => {
      const seed = outputs!.map((__, j) => (j === o ? 1 : 0))
      return flattenParameters(layout, oracleBackward(model, [row], [seed]).layers)
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
