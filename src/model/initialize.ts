import { Random } from '../random.ts'
import { uniformKnots } from '../spline/knots.ts'
import type { Config } from './config.ts'
import { affineSize } from './shape.ts'
import type { Layout } from './shape.ts'

/** Random streams, so that one group's size does not shift another group's numbers. */
const STREAM_COEF = 1
const STREAM_SCALE_BASE = 2

/** Stream of the seeds of further starts: 'star' in ASCII, beyond the streams of any layer. */
const STREAM_STARTS = 0x73746172

/**
 * Initial parameters (KAN paper, section 2.2): scaleBase ~ Xavier uniform, +-sqrt(6 / (inputs + outputs)); coef ~ small
 * uniform noise, so that spline(x) is about 0; scaleSpline 1 or 1 / sqrt(inputs); node scale 1, node bias 0;
 * symbolic edges f(x) itself.
 */
export function initialParameters(config: Config, layout: Layout): Float64Array {
  const parameters = new Float64Array(layout.parameters)
  layout.layers.forEach((layer, l) => {
    const edges = layer.inputs * layer.outputs
    const coefRandom = new Random(config.seed, STREAM_COEF + 16 * l)
    const amplitude = config.noise / layer.intervals
    for (let p = layer.coef; p < layer.scaleBase; p++)
      parameters[p] = (coefRandom.uniform() - 0.5) * amplitude
    const baseRandom = new Random(config.seed, STREAM_SCALE_BASE + 16 * l)
    const bound = Math.sqrt(6 / (layer.inputs + layer.outputs))
    for (let e = 0; e < edges; e++) parameters[layer.scaleBase + e] = (2 * baseRandom.uniform() - 1) * bound
    const scaleSpline = config.scaleSplineInit === 'one' ? 1 : 1 / Math.sqrt(layer.inputs)
    parameters.fill(scaleSpline, layer.scaleSpline, layer.scaleSpline + edges)
    parameters.fill(1, layer.nodeScale, layer.nodeScale + layer.outputs)
    for (let at = layer.affine; at < layer.affine + affineSize(layer); at += 4)
      parameters[at] = parameters[at + 2] = 1
  })
  return parameters
}

/**
 * Seeds of further initialisations of a network, for restarts: the first `count` whole numbers below 2^53 that the generator gives
 * for (seed, stream of starts). The first ones do not depend on how many are asked for, nor on the machine.
 */
export function startSeeds(seed: number, count: number): number[] {
  const random = new Random(seed, STREAM_STARTS)
  return Array.from({ length: count }, () => random.integer(2 ** 53))
}

/** Uniform knots over the grid range for every input of every layer, extended by k steps on each side. */
export function initialKnots(config: Config, layout: Layout): Float64Array {
  const knots = new Float64Array(layout.knots)
  for (const layer of layout.layers) {
    const row = uniformKnots(config.range, layer.intervals, layer.degree)
    for (let i = 0; i < layer.inputs; i++) knots.set(row, layer.knots + i * layer.knotsPerInput)
  }
  return knots
}
