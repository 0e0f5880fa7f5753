/**
 * The function of every edge, sampled for drawing: phi(x) = mask (scaleBase b(x) + scaleSpline sum_m coef[m] B_m(x)) of a learned
 * one, c f(a x + b) + d of a known one.
 */
import { edgeCurve } from 'webkan'
import type { KAN, LayerView } from 'webkan'
import type { EdgeCurve } from './snapshot.ts'

/** Enough for a smooth line 300 pixels wide. */
const samples = 61

export function hasKnown(model: KAN): boolean {
  return model.layout.layers.some(({ symbolic = [] }) => symbolic.length > 0)
}

/** Numbers i * outputs + j of the edges that are there. A mask of 0 takes a spline away, also one behind a known function. */
export function presentEdges({ symbolic = [], values }: LayerView): number[] {
  const known = new Set(symbolic.map(({ edge }) => edge))
  return [...values.mask.keys()].filter(edge => values.mask[edge] !== 0 || known.has(edge))
}

/**
 * The edges that are there. Needs the statistics of a calibration: they give the range that each input really takes, and the
 * scores.
 */
export function edgeCurves(model: KAN): EdgeCurve[] {
  const { edges } = model.attribute()
  return edges.flatMap((scores, l) => layerCurves(model, l, scores))
}

function layerCurves(model: KAN, l: number, scores: Float64Array): EdgeCurve[] {
  const layer = model.layer(l)
  const { outputs, degree, knotsPerInput, intervals, values, symbolic = [] } = layer
  const statistics = model.statistics!.layers[l]!
  return presentEdges(layer).map(edge => {
    const i = Math.floor(edge / outputs)
    const j = edge % outputs
    const knots = values.knots.slice(i * knotsPerInput, (i + 1) * knotsPerInput)
    const [low, high] = [statistics.inputMin[i]!, statistics.inputMax[i]!]
    const u = Float64Array.from({ length: samples }, (_, s) => low + ((high - low) * s) / (samples - 1))
    const scaling = l === 0 ? model.scaling?.input : undefined
    const [shift, scale] = [scaling?.shift[i] ?? 0, scaling?.scale[i] ?? 1]
    const own = (value: number): number => shift + scale * value
    const inner = Array.from(knots.subarray(degree, degree + intervals + 1))
    const known = symbolic.find(other => other.edge === edge)?.name
    const score = scores[edge]!
    return {
      layer: l,
      input: i,
      output: j,
      u,
      x: u.map(own),
      y: edgeCurve(model, l, i, j, u),
      knots: known === undefined ? inner.filter(knot => knot >= low && knot <= high).map(own) : [],
      known,
      norm: statistics.edgeL1[edge]!,
      score,
      // The KAN paper's transparency (section 2.5).
      opacity: Math.tanh(3 * score),
    }
  })
}
