/** Whether a peer computes what we compute: a peer that computes something else is no peer. */
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Plan } from '../../src/engine/engine.ts'
import { bounds } from '../../src/engine/parity/tolerances.ts'
import { parameterGroups } from '../../src/model/shape.ts'
import type { Shape } from '../shapes.ts'
import { samplesOf } from '../shapes.ts'
import { ADAM, initialModel } from './network.ts'
import type { Peer, PeerGradients, PeerTask } from './peer.ts'

/** Relative errors of the loss, of the gradients (by the largest one), and of the loss after STEPS steps of Adam. */
interface Errors {
  readonly loss: number
  readonly gradients: number
  readonly descent: number
}

/** How far a peer is from webkan's CPU engine, which computes in float64, and how far float32 lets it be. */
export interface PeerCheck {
  readonly agrees: boolean
  readonly errors: Errors
  readonly allowed: Errors
}

const STEPS = 5

const SHAPE: Shape = { name: 'check', width: [3, 4, 2], batch: 60, intervals: 4, degree: 3 }

/**
 * Knots from -0.625 to 0.625 and inputs from -1 to 1: a third of them have no spline. Coefficients up to 0.5, so that the
 * slopes of the second layer count.
 */
const TASK: PeerTask = { shape: SHAPE, samples: samplesOf(SHAPE), range: [-0.25, 0.25], seed: 1, noise: 4 }

/**
 * Trains a tiny network on the peer and on the CPU engine, from the same parameters. The bounds are those between our own
 * engines (engine/parity/tolerances.ts): 4 k + 16 roundings of a basis value there cover the dense recursion, which takes six a
 * degree, 6 k. Where factors are rounded more coarsely, to r, a product errs by 2 r, that of the second layer also by what
 * the first one's error makes of it, at a slope of 1 + G / 2; loss and gradient each take two passes.
 */
export async function checkPeer(peer: Peer): Promise<PeerCheck> {
  const expected = await reference()
  const trainer = await peer.open(TASK)
  try {
    const { loss, layers } = await trainer.gradients()
    const descent = (await trainer.run(STEPS)).loss
    const errors = {
      loss: Math.abs(loss - expected.loss) / expected.loss,
      gradients: largestError(layers, expected.layers),
      descent: Math.abs(descent - expected.descent) / expected.descent,
    }
    const { width, intervals, degree, batch } = SHAPE
    const bound = bounds({
      width,
      intervals,
      degree,
      rows: batch,
      batch,
      models: 1,
      base: 'silu',
      uniform: true,
      loss: 'mse',
      trainable: initialModel(TASK).config.trainable,
      seed: TASK.seed,
    })
    const coarse = 4 * (peer.factorRounding ?? 0) * (2 + intervals / 2)
    const allowed = {
      loss: bound.loss + coarse,
      gradients: bound.coef + coarse,
      descent: bound.descent + 2 * coarse,
    }
    const agrees =
      errors.loss <= allowed.loss &&
      errors.gradients <= allowed.gradients &&
      errors.descent <= allowed.descent
    return { agrees, errors, allowed }
  } finally {
    await trainer.close()
  }
}

async function reference(): Promise<PeerGradients & { readonly descent: number }> {
  const model = initialModel(TASK)
  const { x, y } = TASK.samples
  const { batch } = SHAPE
  const plan: Plan = {
    layers: model.config.layers,
    trainable: model.config.trainable,
    models: 1,
    rows: batch,
    batch,
    validationRows: 0,
    loss: 'mse',
    optimizer: { kind: 'adam', beta1: ADAM.beta1, beta2: ADAM.beta2, epsilon: ADAM.epsilon },
    seed: TASK.seed,
    // Never.
    evaluateEvery: 2 * STEPS,
    patience: 0,
  }
  await using engine = createCpuEngine()
  const session = await engine.open(plan)
  await session.upload({
    parameters: model.parameters,
    knots: model.knots,
    mask: model.mask,
    training: {
      x: Float64Array.from(x),
      y: Float64Array.from(y),
      weights: new Float64Array(batch).fill(1),
    },
    learningRate: Float64Array.of(ADAM.rate),
  })
  const { loss, parameters } = await session.gradients()
  const { losses } = await session.run(STEPS)
  const layers = model.layout.layers.map(layer => {
    const groups = parameterGroups(layer).filter(({ name }) => name === 'coef' || name === 'scaleBase')
    return Float32Array.from(
      groups.flatMap(({ start, size }) => [...parameters.subarray(start, start + size)]),
    )
  })
  return { loss: loss[0]!, layers, descent: losses.at(-1)! }
}

/** Of each layer by itself: gradients of different layers differ in size. */
function largestError(actual: readonly Float32Array[], expected: readonly Float32Array[]): number {
  return Math.max(
    ...expected.map((layer, l) => {
      if (actual[l]?.length !== layer.length) return Infinity
      const largest = layer.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      return layer.reduce((most, value, p) => Math.max(most, Math.abs(value - actual[l]![p]!)), 0) / largest
    }),
  )
}
