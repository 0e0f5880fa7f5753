import { ShapeError } from '../errors.ts'
import { adaptKnots } from '../spline/adaptation.ts'
import type { ExtraKnots } from '../spline/adaptation.ts'
import { transferSplines } from '../spline/transfer.ts'
import { column, forwardLayer, layerSplines } from './forward.ts'
import { Model } from './model.ts'

/**
 * Share of evenly spaced knots where nothing is said. pykan has 0.02; knots that follow the quantiles of random samples so
 * closely are uneven, and the last ones too far apart. On the staircase of exp(sin(pi x1) + x2^2) to G 200 (1000 samples) the
 * test RMSE is 9e-8 with 0.02 and 4e-9 with 0.7; with 1 it is 7e-7 at G 100, as the ends have too few samples
 * (bench/studies/staircase.ts).
 */
export const GRID_EPS = 0.7

/** How updateGrid places knots. */
export interface GridUpdateOptions extends ExtraKnots {
  /** Share of evenly spaced knots, 0 to 1; the rest follows the samples' quantiles (default GRID_EPS). */
  readonly eps?: number
  /**
   * How far the end knots lie beyond the outermost samples, relative to the samples' range (default 0.01; pykan has 0).
   * Of n uniform samples, a fresh one lies more than that beyond them with a probability below exp(-0.01 n).
   */
  readonly margin?: number
}

/**
 * A node whose samples span at most this share of the grid range of the configuration counts as constant: a grid that
 * zoomed in on it would make every later change of a coefficient a slope 10^4 times as steep.
 */
const CONSTANT = 1e-4

/**
 * Grid update (KAN paper, section 2.4): new knots from the samples (adaptKnots), as many as before, and coefficients
 * refitted to the old curves (transferSplines): least squares over the samples, the old curves where there are none. Layer
 * after layer, each on what the already updated layers before it make of the samples, as in pykan. The refit changes
 * the outputs a little; with a margin and a reach of 0 and samples that decide every coefficient it is pykan's.
 *
 * @param x samples in the network's (scaled) coordinates, [rows][inputs]; without rows nothing changes
 * @returns a new model, without statistics: their histograms belong to the old grids
 * @throws ConfigError for options out of range, ShapeError when x has no whole number of rows
 */
export function updateGrid(model: Model, x: Float64Array, options: GridUpdateOptions = {}): Model {
  const { inputs: columns } = model.layout
  if (x.length % columns !== 0)
    throw new ShapeError(`x has ${x.length} values; the network's ${columns} inputs need a multiple of that.`)
  const [low, high] = model.config.range
  const placement = {
    eps: options.eps ?? GRID_EPS,
    margin: options.margin ?? 0.01,
    reach: options.reach,
    narrowest: CONSTANT * (high - low),
  }
  const updated = new Model(model)
  updated.statistics = undefined
  updated.formulas = undefined
  let nodes = x
  updated.layout.layers.forEach(({ inputs }, l) => {
    const layer = updated.layer(l)
    for (let i = 0; i < inputs; i++) {
      const splines = layerSplines(layer, i)
      const samples = column(nodes, inputs, i)
      const knots = adaptKnots(splines.knots, splines.degree, samples, placement)
      splines.coef.set(transferSplines(splines, knots, samples))
      splines.knots.set(knots)
    }
    nodes = forwardLayer(layer, nodes)
  })
  return updated
}
