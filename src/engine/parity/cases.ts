import { parameterGroups } from '../../model/shape.ts'
import type { Base, LayerShape, Layout, Trainable } from '../../model/shape.ts'
import { Random } from '../../random.ts'
import { uniformKnots } from '../../spline/knots.ts'
import type { Loss, Rows, Upload } from '../engine.ts'
import { rowSets } from '../rowsets.ts'

/** One network and its rows, for a comparison of two engines. */
export interface ParityCase {
  /** Nodes of each layer, inputs first. */
  readonly width: readonly number[]
  /** Factors of each layer's last nodes, which are products; left out where all are sums. */
  readonly products?: readonly (readonly number[])[]
  readonly intervals: number
  readonly degree: number
  readonly base: Base
  readonly uniform: boolean
  readonly loss: Loss
  readonly trainable: Trainable
  readonly rows: number
  readonly batch: number
  readonly models: number
  /** Whether every model has rows of its own (default: all share them). */
  readonly ownRows?: boolean
  readonly seed: number
}

/** The layers of a case. */
export function shapesOf({ width, products = [], intervals, degree, base }: ParityCase): LayerShape[] {
  return width.slice(1).map((nodes, l) => {
    const factors = products[l] ?? []
    const outputs = factors.reduce((sum, count) => sum + count - 1, nodes)
    const shape = { inputs: width[l]!, outputs, intervals, degree, base }
    return factors.length > 0 ? { ...shape, products: factors } : shape
  })
}

/** What a network is made of, as both engines get it. */
export type NetworkUpload = Required<Pick<Upload, 'parameters' | 'knots' | 'mask'>>

/** The groups by name: `c` coef, `b` scaleBase, `s` scaleSpline, `n` nodeScale, `o` nodeBias (the node's offset). */
export function trainableGroups(letters: string): Trainable {
  return {
    coef: letters.includes('c'),
    scaleBase: letters.includes('b'),
    scaleSpline: letters.includes('s'),
    nodeScale: letters.includes('n'),
    nodeBias: letters.includes('o'),
    affine: true,
  }
}

/** Knots and inputs are multiples of this, so that float32 and float64 agree on which interval a point is in. */
export const LATTICE = 2 ** -10

function latticeKnots(random: Random, test: ParityCase): Float64Array {
  const knots = uniformKnots([-1, 1], test.intervals, test.degree)
  const onLattice = (x: number): number => Math.round(x / LATTICE) * LATTICE
  const step = 2 / test.intervals
  return knots.map(knot => onLattice(test.uniform ? knot : knot + 0.3 * step * (random.uniform() - 0.5)))
}

/** A random network near float32 values: what both engines are given is exactly the same. */
export function randomNetwork(random: Random, layout: Layout, test: ParityCase): NetworkUpload {
  const { models } = test
  const parameters = new Float64Array(models * layout.parameters)
  const knots = new Float64Array(models * layout.knots)
  const mask = new Float64Array(models * layout.edges)
  for (let m = 0; m < models; m++) {
    for (const layer of layout.layers) {
      const amplitudes = {
        coef: 0.5,
        scaleBase: 1,
        scaleSpline: 1,
        nodeScale: 0.5,
        nodeBias: 0.2,
        affine: 0.5,
      }
      for (const { name, start, size } of parameterGroups(layer))
        for (let p = 0; p < size; p++) {
          const noise = (2 * random.uniform() - 1) * amplitudes[name]
          const shared = name === 'nodeBias' ? 0 : name === 'nodeScale' ? 1 : 0
          // Sums over many inputs stay of order 1.
          const narrow = name === 'coef' || name === 'scaleBase' ? 1 / Math.sqrt(layer.inputs) : 1
          parameters[m * layout.parameters + start + p] = Math.fround(shared + noise * narrow)
        }
      for (let i = 0; i < layer.inputs; i++)
        knots.set(latticeKnots(random, test), m * layout.knots + layer.knots + i * layer.knotsPerInput)
    }
    for (let e = 0; e < layout.edges; e++) mask[m * layout.edges + e] = random.uniform() < 0.9 ? 1 : 0
  }
  return { parameters, knots, mask }
}

/** Inputs on half-lattice points, a tenth of them outside the grid, so that none is on a knot; `each` rows for each set there is. */
export function randomRows(random: Random, test: ParityCase, each: number): Rows {
  const rows = rowSets(test) * each
  const inputs = test.width[0]!
  const outputs = test.width.at(-1)!
  const point = (): number => {
    const range = random.uniform() < 0.1 ? 3 : 1
    return (Math.floor(((2 * random.uniform() - 1) * range) / LATTICE) + 0.5) * LATTICE
  }
  const labels = test.loss === 'cross-entropy'
  return {
    x: Float64Array.from({ length: rows * inputs }, point),
    y: Float64Array.from({ length: labels ? rows : rows * outputs }, () =>
      labels ? random.integer(outputs) : Math.fround(2 * random.uniform() - 1),
    ),
    weights: Float64Array.from({ length: rows }, () => Math.fround(0.5 + random.uniform())),
  }
}
