/** The learned function of every edge, sampled for drawing: phi(x) = mask (scaleBase b(x) + scaleSpline sum_m coef[m] B_m(x)). */
import { edgeCurve } from 'webkan'
import type { KAN } from 'webkan'
import type { EdgeCurve } from './snapshot.ts'

/** Enough for a smooth line 300 pixels wide. */
const samples = 61

/**
 * The edges that are there: pruning masks some. Needs the statistics of a calibration: they give the range that each input really
 * takes, and the scores.
 */
export function edgeCurves(model: KAN): EdgeCurve[] {
  const { edges } = model.attribute()
  return edges.flatMap((scores, l) => layerCurves(model, l, scores))
}

function layerCurves(model: KAN, l: number, scores: Float64Array): EdgeCurve[] {
  const layer = model.layer(l)
  const { inputs, outputs, degree, knotsPerInput, intervals, values } = layer
  const statistics = model.statistics!.layers[l]!
  const curves: EdgeCurve[] = []
  for (let i = 0; i < inputs; i++) {
    const knots = values.knots.slice(i * knotsPerInput, (i + 1) * knotsPerInput)
    const [low, high] = [statistics.inputMin[i]!, statistics.inputMax[i]!]
    const u = Float64Array.from({ length: samples }, (_, s) => low + ((high - low) * s) / (samples - 1))
    const scaling = l === 0 ? model.scaling?.input : undefined
    const [shift, scale] = [scaling?.shift[i] ?? 0, scaling?.scale[i] ?? 1]
    const own = (value: number): number => shift + scale * value
    const inner = Array.from(knots.subarray(degree, degree + intervals + 1))
    for (let j = 0; j < outputs; j++) {
      const edge = i * outputs + j
      if (values.mask[edge] === 0) continue
      const score = scores[edge]!
      curves.push({
        layer: l,
        input: i,
        output: j,
        x: u.map(own),
        y: edgeCurve(model, l, i, j, u),
        knots: inner.filter(knot => knot >= low && knot <= high).map(own),
        norm: statistics.edgeL1[edge]!,
        score,
        // The KAN paper's transparency (section 2.5).
        opacity: Math.tanh(3 * score),
      })
    }
  }
  return curves
}
