import { Model } from '../../src/model/model.ts'
import type { PeerTask } from './peer.ts'

/** What everyone trains with. */
export const ADAM = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const

/** A layer in the arrays of a dense peer: float32, row-major, the order of webkan's own parameters (model/shape.ts). */
export interface DenseLayer {
  readonly inputs: number
  readonly outputs: number
  /** k. */
  readonly degree: number
  /** G + k, the basis functions of an input. */
  readonly bases: number
  /** [inputs][G + 2k + 1]. */
  readonly knots: Float32Array
  /** [inputs][bases][outputs]. */
  readonly coef: Float32Array
  /** [inputs][outputs]: what silu(x) is multiplied by. */
  readonly base: Float32Array
}

/** The model that every peer of a task starts from: webkan's own, so that losses and gradients can be compared. */
export function initialModel({ shape, range, seed, noise }: PeerTask): Model {
  const { width, intervals, degree } = shape
  const model = new Model({
    width: [...width],
    grid: intervals,
    degree,
    range: [...range],
    seed,
    ...(noise === undefined ? {} : { noise }),
    trainable: { scaleSpline: false },
  })
  // What float32 peers can hold.
  for (const numbers of [model.parameters, model.knots]) numbers.set(Float32Array.from(numbers))
  return model
}

/**
 * The same model as dense layers. Without scaleSpline, which is 1 (efficient-kan trains one more factor an edge if told to; here
 * nobody does), masks and node scales:
 *
 *     y[j] = sum_i ( base[i][j] silu(x[i]) + sum_m coef[i][m][j] B_m(x[i]) )
 */
export function denseLayers(model: Model): DenseLayer[] {
  return model.layout.layers.map((layout, l) => {
    const { inputs, outputs, degree, bases } = layout
    const { knots, coef, scaleBase } = model.layer(l).values
    return {
      inputs,
      outputs,
      degree,
      bases,
      knots: Float32Array.from(knots),
      coef: Float32Array.from(coef),
      base: Float32Array.from(scaleBase),
    }
  })
}
