import { ShapeError } from '../errors.ts'
import { refineKnots } from '../spline/adaptation.ts'
import type { ExtraKnots } from '../spline/adaptation.ts'
import { transferSplines } from '../spline/transfer.ts'
import { withIntervals } from './config.ts'
import { column, layerSplines } from './forward.ts'
import { Model } from './model.ts'
import { createLayout } from './shape.ts'

/**
 * Grid extension (KAN paper, section 2.4): the same network on grids of another number of intervals. Each layer goes from
 * the parent's knots and coefficients on its own, as in pykan. Scales, masks, node affines and scaling stay, and so does
 * what every edge computes,
 *
 * - exactly, to rounding, on the inner grid, where `intervals` is a multiple of the layer's (knot insertion), and beyond
 *   it on a side where samples lie there (see refineKnots);
 * - else as near as the new splines come: by least squares at the samples, near the parent between them.
 *
 * @param intervals for all layers, or one number a layer; fewer than the layer's coarsen it
 * @param nodes what the inputs of each layer are on the samples, by a forward pass of this model: [layers] of
 * [rows][inputs], as forwardNodes gives them (the outputs at its end are not used). A layer may have no rows.
 * @param extra how the extra knots go on; `{ reach: 0 }` is as in pykan
 * @returns a new model, without statistics: their histograms belong to the old grids
 * @throws ConfigError for intervals out of range, ShapeError for nodes that are not this network's
 */
export function refineModel(
  model: Model,
  intervals: number | readonly number[],
  nodes: readonly Float64Array[],
  extra: ExtraKnots = {},
): Model {
  const config = withIntervals(model.config, intervals)
  checkNodes(model, nodes)
  const layout = createLayout(config.layers)
  const refined = new Model({
    config,
    parameters: new Float64Array(layout.parameters),
    knots: new Float64Array(layout.knots),
    mask: model.mask,
    scaling: model.scaling,
    encoder: model.encoder,
    loss: model.loss,
  })
  layout.layers.forEach(({ inputs, knotsPerInput, bases, outputs }, l) => {
    const parent = model.layer(l)
    const values = refined.layer(l).values
    const { coef, knots } = parent.values
    for (const name of ['scaleBase', 'scaleSpline', 'nodeScale', 'nodeBias', 'affine'] as const)
      values[name].set(parent.values[name])
    if (bases === parent.bases) {
      values.knots.set(knots)
      values.coef.set(coef)
      return
    }
    for (let i = 0; i < inputs; i++) {
      const splines = layerSplines(parent, i)
      const x = column(nodes[l]!, inputs, i)
      const finer = refineKnots(splines.knots, splines.degree, bases - splines.degree, x, extra)
      values.knots.set(finer, i * knotsPerInput)
      values.coef.set(transferSplines(splines, finer, x), i * bases * outputs)
    }
  })
  return refined
}

function checkNodes(model: Model, nodes: readonly Float64Array[]): void {
  model.layout.layers.forEach(({ inputs }, l) => {
    const length = nodes[l]?.length
    if (length === undefined || length % inputs !== 0)
      throw new ShapeError(
        `The nodes of layer ${l} are ${length === undefined ? 'missing' : `${length} values`}; give rows of ${inputs}, as forwardNodes does for this network.`,
      )
  })
}
