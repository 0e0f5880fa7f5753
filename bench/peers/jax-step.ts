/**
 * A dense KAN's training step in jax-js: the recursion of tfjs-step.ts, loss and gradient by valueAndGrad, and all of it with
 * Adam compiled by one jit, which fuses what it can.
 */
import type { Array as JaxArray } from '@jax-js/jax'
import type { Samples } from '../shapes.ts'
import { ADAM } from './network.ts'
import type { DenseLayer } from './network.ts'
import type { PeerGradients } from './peer.ts'

type Jax = typeof import('@jax-js/jax')

/** coef [inputs * bases][outputs] and base [inputs][outputs] of the first layer, of the second, ... */
type Weights = readonly JaxArray[]

interface Compiled<Arguments extends readonly unknown[], Result> {
  (...args: Arguments): Result
  dispose(): void
}

interface State {
  readonly weights: Weights
  readonly first: Weights
  readonly second: Weights
}

/** A layer's grid: what does not change. */
interface LayerGrid {
  readonly inputs: number
  readonly degree: number
  readonly bases: number
  /** [inputs][G + 2k + 1]. */
  readonly knots: JaxArray
  /** [degree] of [inputs][G + 2k + 1 - p], p = 1 to k: 1 / (t_i+p - t_i). */
  readonly steps: readonly JaxArray[]
}

/** A dense KAN with its batch and Adam's memory on the device of jax-js that is set. */
export class JaxNetwork {
  readonly #jax: Jax
  readonly #grids: readonly LayerGrid[]
  readonly #x: JaxArray
  readonly #y: JaxArray
  #state: State
  #steps = 0
  readonly #slope: Compiled<[Weights, JaxArray, JaxArray], [JaxArray, Weights]>
  readonly #step: Compiled<[State, JaxArray, JaxArray, JaxArray, JaxArray], [JaxArray, State]>

  constructor(jax: Jax, layers: readonly DenseLayer[], { x, y }: Samples) {
    this.#jax = jax
    const { numpy } = jax
    this.#grids = layers.map(layer => uploadGrid(jax, layer))
    const weights = layers.flatMap(({ inputs, outputs, bases, coef, base }) => [
      numpy.array(coef, { shape: [inputs * bases, outputs] }),
      numpy.array(base, { shape: [inputs, outputs] }),
    ])
    const zeros = (): Weights => weights.map(weight => numpy.zerosLike(weight.ref))
    this.#state = { weights, first: zeros(), second: zeros() }
    const inputs = layers[0]!.inputs
    const outputs = layers.at(-1)!.outputs
    this.#x = numpy.array(x, { shape: [x.length / inputs, inputs] })
    this.#y = numpy.array(y, { shape: [y.length / outputs, outputs] })
    const slope = jax.valueAndGrad((weights: Weights, x: JaxArray, y: JaxArray) => this.#loss(weights, x, y))
    this.#slope = jax.jit(slope)
    this.#step = jax.jit((state: State, rate: JaxArray, epsilon: JaxArray, x: JaxArray, y: JaxArray) => {
      const [loss, gradients] = slope(owned(state.weights), x, y)
      return [loss, this.#adam(state, gradients, rate, epsilon)]
    })
  }

  /** Takes one step; gives the loss before it, which the caller reads or disposes. */
  step(): JaxArray {
    const { numpy } = this.#jax
    const correction = Math.sqrt(1 - ADAM.beta2 ** ++this.#steps)
    const rate = numpy.array(Float32Array.of((ADAM.rate * correction) / (1 - ADAM.beta1 ** this.#steps)), {
      shape: [],
    })
    const epsilon = numpy.array(Float32Array.of(ADAM.epsilon * correction), { shape: [] })
    const [loss, state] = this.#step(this.#state, rate, epsilon, this.#x.ref, this.#y.ref)
    this.#state = state
    return loss
  }

  /** Loss and gradients without a step. */
  async gradients(): Promise<PeerGradients> {
    const [loss, gradients] = this.#slope(owned(this.#state.weights), this.#x.ref, this.#y.ref)
    const groups = await Promise.all(gradients.map(gradient => gradient.data()))
    const layers = this.#grids.map((_, l) => Float32Array.of(...groups[2 * l]!, ...groups[2 * l + 1]!))
    return { loss: (await loss.data())[0]!, layers }
  }

  dispose(): void {
    this.#slope.dispose()
    this.#step.dispose()
    const { weights, first, second } = this.#state
    const grids = this.#grids.flatMap(({ knots, steps }) => [knots, ...steps])
    for (const array of [...grids, ...weights, ...first, ...second, this.#x, this.#y]) array.dispose()
  }

  #loss(weights: Weights, x: JaxArray, y: JaxArray): JaxArray {
    const { nn, numpy } = this.#jax
    this.#grids.forEach((grid, l) => {
      const splines = numpy.matmul(basesOf(grid, x.ref), weights[2 * l]!)
      x = splines.add(numpy.matmul(nn.silu(x), weights[2 * l + 1]!))
    })
    return numpy.square(x.sub(y)).mean()
  }

  /** Kingma and Ba's algorithm 1 in the form of their section 2: the corrections go into the rate and epsilon. */
  #adam(state: State, gradients: Weights, rate: JaxArray, epsilon: JaxArray): State {
    const { numpy } = this.#jax
    const { beta1, beta2 } = ADAM
    const first = state.first.map((mean, p) => mean.mul(beta1).add(gradients[p]!.ref.mul(1 - beta1)))
    const second = state.second.map((mean, p) =>
      mean.mul(beta2).add(numpy.square(gradients[p]!).mul(1 - beta2)),
    )
    const weights = state.weights.map((weight, p) => {
      const size = numpy.sqrt(second[p]!.ref).add(epsilon.ref)
      return weight.sub(first[p]!.ref.mul(rate.ref).div(size))
    })
    for (const array of [rate, epsilon]) array.dispose()
    return { weights, first, second }
  }
}

/** [batch][inputs * bases] of x [batch][inputs]. */
function basesOf({ inputs, degree, bases, knots, steps }: LayerGrid, x: JaxArray): JaxArray {
  const batch = x.shape[0]!
  const count = bases + degree + 1
  const distance = x.reshape([batch, inputs, 1]).sub(knots.ref)
  const above = distance.ref.greaterEqual(0).astype('float32')
  let values = above.ref.slice([], [], [0, count - 1]).sub(above.slice([], [], [1, count]))
  for (let p = 1; p <= degree; p++) {
    const n = count - p
    const rising = distance.ref
      .slice([], [], [0, n])
      .mul(steps[p - 1]!.ref)
      .mul(values.ref)
    const falling = values.sub(rising.ref)
    values = rising.slice([], [], [0, n - 1]).add(falling.slice([], [], [1, n]))
  }
  distance.dispose()
  return values.reshape([batch, inputs * bases])
}

function uploadGrid({ numpy }: Jax, { inputs, degree, bases, knots }: DenseLayer): LayerGrid {
  const count = bases + degree + 1
  return {
    inputs,
    degree,
    bases,
    knots: numpy.array(knots, { shape: [inputs, count] }),
    steps: Array.from({ length: degree }, (_, index) => {
      const p = index + 1
      const length = count - p
      const inverse = Float32Array.from({ length: inputs * length }, (_, at) => {
        const i = Math.floor(at / length) * count + (at % length)
        return 1 / (knots[i + p]! - knots[i]!)
      })
      return numpy.array(inverse, { shape: [inputs, length] })
    }),
  }
}

/** One more owner for each array. */
function owned(weights: Weights): Weights {
  return weights.map(weight => weight.ref)
}
