/** The learned function of every edge, sampled for drawing: phi(x) = mask (scaleBase b(x) + scaleSpline sum_m coef[m] B_m(x)). */
import { edgeCurve } from 'webkan'
import type { Model } from 'webkan'
import type { EdgeCurve } from './snapshot.ts'

/** Enough for a smooth line 300 pixels wide. */
const samples = 61

/** Needs the statistics of a calibration: they give the range that each input really takes. */
export function edgeCurves(model: Model): EdgeCurve[] {
  return model.layout.layers.flatMap((_, l) => layerCurves(model, l))
}

function layerCurves(model: Model, l: number): EdgeCurve[] {
  const layer = model.layer(l)
  const { inputs, outputs, degree, knotsPerInput, intervals, values } = layer
  const statistics = model.statistics!.layers[l]!
  const largest = statistics.edgeL1.reduce((a, b) => Math.max(a, b), 0)
  const sum = statistics.edgeL1.reduce((a, b) => a + b, 0)
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
      const norm = statistics.edgeL1[edge]!
      curves.push({
        layer: l,
        input: i,
        output: j,
        x: u.map(own),
        y: edgeCurve(model, l, i, j, u),
        knots: inner.filter(knot => knot >= low && knot <= high).map(own),
        norm,
        share: sum > 0 ? norm / sum : 0,
        // The KAN paper's transparency (section 2.5), tanh(3 score). The score is the norm relative to the layer's
        // largest: as a share of the sum, every edge of a wide layer would fade.
        opacity: largest > 0 ? Math.tanh((3 * norm) / largest) : 0,
      })
    }
  }
  return curves
}
