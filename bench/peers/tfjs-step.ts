/**
 * A dense KAN's training step in TensorFlow.js, on any of its back ends, with a gradient written by hand:
 *
 *     B_i,0(x) = [t_i < x] - [t_i+1 < x]
 *     c_i      = B_i,p-1(x) (x - t_i) / (t_i+p - t_i),    B_i,p = c_i + B_i+1,p-1 - c_i+1          (de Boor, 1972; Cox, 1972)
 *     B'_i,k   = k B_i,k-1 / (t_i+k - t_i) - k B_i+1,k-1 / (t_i+k+1 - t_i+1)
 *     y        = W^T [B_k; silu(x)],    dW = [B_k; silu(x)] dy^T,    dx = sum over the basis axis of (W dy) [B'_k; silu'(x)]
 *
 * Everything lies with the rows of the batch innermost and the bases outermost. Neighbouring bases are then one contiguous
 * slice, and the sum over them adds slices: with the bases innermost, as efficient-kan has them, three fifths of the WebGPU back
 * end's time went into sums over that short axis. Adam runs once, over all parameters in one vector.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Samples } from '../shapes.ts'
import { ADAM } from './network.ts'
import type { DenseLayer } from './network.ts'
import type { PeerGradients } from './peer.ts'

type Tf = typeof import('@tensorflow/tfjs-core')

/** What does not change during training. */
interface LayerConstants {
  readonly inputs: number
  readonly outputs: number
  readonly degree: number
  readonly bases: number
  /** [G + 2k + 1][inputs][1]. */
  readonly knots: Tensor
  /** [degree] of [G + 2k + 1 - p][inputs][1], p = 1 to k: 1 / (t_i+p - t_i). */
  readonly steps: readonly Tensor[]
  /** Where the layer's weights [(bases + 1) * inputs][outputs] lie in the vector of all parameters. */
  readonly start: number
  readonly size: number
}

/** What the way back needs of a layer's way forth. */
interface LayerTrace {
  readonly weights: Tensor
  /** [(bases + 1) * inputs][batch]: the bases and silu(x). */
  readonly features: Tensor
  readonly x: Tensor
  readonly sigmoid: Tensor
  /** [bases + 1][inputs][batch]: the bases of degree k - 1. */
  readonly lower: Tensor
}

/** A dense KAN with its batch and Adam's memory on a back end of TensorFlow.js. */
export class TfjsNetwork {
  readonly #tf: Tf
  readonly #layers: readonly LayerConstants[]
  readonly #x: Tensor
  readonly #y: Tensor
  readonly #count: number
  /** WebAssembly multiplies transposed matrices by a plain loop and others by XNNPACK: transpose them first. */
  readonly #transposeFirst: boolean
  /** [parameters] each. */
  #parameters: Tensor
  #first: Tensor
  #second: Tensor
  #step = 0

  constructor(tf: Tf, layers: readonly DenseLayer[], { x, y }: Samples) {
    this.#tf = tf
    this.#transposeFirst = tf.getBackend() === 'wasm'
    let start = 0
    this.#layers = layers.map(layer => {
      const constants = uploadConstants(tf, layer, start)
      start += constants.size
      return constants
    })
    const parameters = new Float32Array(start)
    layers.forEach((layer, l) => parameters.set(basisMajor(layer), this.#layers[l]!.start))
    this.#parameters = tf.tensor(parameters, [start])
    this.#first = tf.zeros([start])
    this.#second = tf.zeros([start])
    const batch = x.length / layers[0]!.inputs
    const outputs = layers.at(-1)!.outputs
    this.#x = tf.tensor(transposed(x, batch, layers[0]!.inputs), [layers[0]!.inputs, batch])
    this.#y = tf.tensor(transposed(y, batch, outputs), [outputs, batch])
    this.#count = y.length
  }

  /** Takes one step; gives the loss before it, to be read and disposed, where it is wanted. */
  step(wanted: boolean): Tensor | undefined {
    const tf = this.#tf
    this.#step++
    const before = [this.#parameters, this.#first, this.#second]
    const loss = tf.tidy(() => {
      const { gradient, loss } = this.#backward(wanted)
      this.#adam(gradient)
      for (const tensor of [this.#parameters, this.#first, this.#second]) tf.keep(tensor)
      return loss
    })
    tf.dispose(before)
    return loss
  }

  /** Loss and gradients without a step. */
  async gradients(): Promise<PeerGradients> {
    const { gradient, loss } = this.#tf.tidy(() => this.#backward(true))
    const flat = await gradient.data()
    const value = (await loss!.data())[0]!
    this.#tf.dispose([gradient, loss!])
    return {
      loss: value,
      layers: this.#layers.map(layer =>
        inputMajor(layer, flat.subarray(layer.start, layer.start + layer.size)),
      ),
    }
  }

  dispose(): void {
    const constants = this.#layers.flatMap(layer => [layer.knots, ...layer.steps])
    this.#tf.dispose([...constants, this.#x, this.#y, this.#parameters, this.#first, this.#second])
  }

  #backward(wanted: boolean): { gradient: Tensor; loss: Tensor | undefined } {
    const tf = this.#tf
    const traces: LayerTrace[] = []
    let x = this.#x
    for (const layer of this.#layers) {
      const trace = this.#features(layer, x)
      traces.push(trace)
      x = this.#product(trace.weights, trace.features, 'first')
    }
    const error = tf.sub(x, this.#y)
    // One sum over all would err by 1e-5: WebAssembly adds one after another.
    const loss = wanted ? tf.div(tf.sum(tf.sum(tf.square(error), 1)), this.#count) : undefined
    let dy = tf.mul(error, 2 / this.#count)
    const gradients: Tensor[] = []
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      const trace = traces[l]!
      gradients.unshift(tf.reshape(this.#product(trace.features, dy, 'second'), [this.#layers[l]!.size]))
      if (l > 0) dy = this.#inputGradient(this.#layers[l]!, trace, dy)
    }
    return { gradient: tf.concat(gradients), loss }
  }

  #features(layer: LayerConstants, x: Tensor): LayerTrace {
    const tf = this.#tf
    const { inputs, outputs, degree, bases, knots, steps, start, size } = layer
    const batch = x.shape[1]!
    const distance = tf.sub(tf.reshape(x, [1, inputs, batch]), knots)
    let values = this.#differences(tf.step(distance))
    let lower = values
    for (let p = 1; p <= degree; p++) {
      lower = values
      const count = bases + degree + 1 - p
      const rising = tf.mul(tf.mul(tf.slice(distance, 0, count), steps[p - 1]!), lower)
      const falling = tf.sub(lower, rising)
      values = tf.add(tf.slice(rising, 0, count - 1), tf.slice(falling, 1, count - 1))
    }
    const sigmoid = tf.sigmoid(x)
    const features = tf.concat([tf.reshape(values, [bases * inputs, batch]), tf.mul(x, sigmoid)])
    const weights = tf.reshape(tf.slice(this.#parameters, start, size), [(bases + 1) * inputs, outputs])
    return { weights, features, x, sigmoid, lower }
  }

  #inputGradient(layer: LayerConstants, trace: LayerTrace, dy: Tensor): Tensor {
    const tf = this.#tf
    const { inputs, bases, degree, steps } = layer
    const { weights, x, sigmoid, lower } = trace
    const batch = x.shape[1]!
    const slopes = this.#differences(tf.mul(lower, tf.mul(steps[degree - 1]!, degree)))
    const silu = tf.mul(sigmoid, tf.add(tf.mul(x, tf.sub(1, sigmoid)), 1))
    const all = tf.concat([tf.reshape(slopes, [bases * inputs, batch]), silu])
    return this.#sumBlocks(tf.mul(all, tf.matMul(weights, dy)), bases + 1, inputs)
  }

  /** a_i - a_i+1 along the first axis. */
  #differences(values: Tensor): Tensor {
    const count = values.shape[0]! - 1
    return this.#tf.sub(this.#tf.slice(values, 0, count), this.#tf.slice(values, 1, count))
  }

  /** The sum of `blocks` slices of `rows` rows: halves are added until one is left. */
  #sumBlocks(values: Tensor, blocks: number, rows: number): Tensor {
    const tf = this.#tf
    if (blocks === 1) return values
    const half = Math.floor(blocks / 2) * rows
    const sum = tf.add(tf.slice(values, 0, half), tf.slice(values, half, half))
    if (blocks % 2 === 0) return this.#sumBlocks(sum, blocks / 2, rows)
    const rest = this.#sumBlocks(sum, (blocks - 1) / 2, rows)
    return tf.add(rest, tf.slice(values, 2 * half, rows))
  }

  /** a^T b or a b^T. */
  #product(a: Tensor, b: Tensor, turned: 'first' | 'second'): Tensor {
    const tf = this.#tf
    if (!this.#transposeFirst) return tf.matMul(a, b, turned === 'first', turned === 'second')
    return turned === 'first' ? tf.matMul(tf.transpose(a), b) : tf.matMul(a, tf.transpose(b))
  }

  /** Kingma and Ba's algorithm 1 in the form of their section 2: the corrections go into the rate and epsilon. */
  #adam(gradient: Tensor): void {
    const tf = this.#tf
    const { rate, beta1, beta2, epsilon } = ADAM
    const correction = Math.sqrt(1 - beta2 ** this.#step)
    const scaled = (rate * correction) / (1 - beta1 ** this.#step)
    this.#first = tf.add(tf.mul(this.#first, beta1), tf.mul(gradient, 1 - beta1))
    this.#second = tf.add(tf.mul(this.#second, beta2), tf.mul(tf.square(gradient), 1 - beta2))
    const size = tf.add(tf.sqrt(this.#second), epsilon * correction)
    this.#parameters = tf.sub(this.#parameters, tf.div(tf.mul(this.#first, scaled), size))
  }
}

function uploadConstants(tf: Tf, layer: DenseLayer, start: number): LayerConstants {
  const { inputs, outputs, degree, bases, knots } = layer
  const count = bases + degree + 1
  const column = transposed(knots, inputs, count)
  return {
    inputs,
    outputs,
    degree,
    bases,
    knots: tf.tensor(column, [count, inputs, 1]),
    steps: Array.from({ length: degree }, (_, index) => {
      const p = index + 1
      const length = (count - p) * inputs
      const inverse = Float32Array.from({ length }, (_, at) => 1 / (column[at + p * inputs]! - column[at]!))
      return tf.tensor(inverse, [count - p, inputs, 1])
    }),
    start,
    size: (bases + 1) * inputs * outputs,
  }
}

/** [rows][columns] to [columns][rows]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!)
}

/** The weights of a layer as [bases + 1][inputs][outputs], the base function last. */
function basisMajor({ inputs, outputs, bases, coef, base }: DenseLayer): Float32Array {
  const weights = new Float32Array((bases + 1) * inputs * outputs)
  for (let i = 0; i < inputs; i++)
    for (let m = 0; m < bases; m++) {
      const from = (i * bases + m) * outputs
      weights.set(coef.subarray(from, from + outputs), (m * inputs + i) * outputs)
    }
  weights.set(base, bases * inputs * outputs)
  return weights
}

/** The other way round: coef [inputs][bases][outputs], then base [inputs][outputs]. */
function inputMajor(layer: LayerConstants, weights: Float32Array): Float32Array {
  const { inputs, outputs, bases } = layer
  const ordered = weights.slice()
  for (let i = 0; i < inputs; i++)
    for (let m = 0; m < bases; m++) {
      const from = (m * inputs + i) * outputs
      ordered.set(weights.subarray(from, from + outputs), (i * bases + m) * outputs)
    }
  return ordered
}
