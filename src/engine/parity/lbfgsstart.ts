import { parameterGroups } from '../../model/shape.ts'
import type { Layout } from '../../model/shape.ts'
import { Random } from '../../random.ts'
import type { Engine, Gradients, TrainingState } from '../engine.ts'
import { LBFGS_HISTORY, memoryLengths } from '../memory.ts'
import type { Trial } from './trial.ts'

/** Largest value of a step in a memory that is made up. */
const STRIDE = 2 ** -4
/** Iterations done before a state that is made up: odd, so that the first evaluation comes after one more. */
const DONE = 5

/** Loss and gradient where the network stands. */
export async function startOf(reference: Engine, { plan, network, training }: Trial): Promise<Gradients> {
  const session = await reference.open(plan)
  try {
    await session.upload({ ...network, training })
    return await session.gradients()
  } finally {
    await session.close()
  }
}

/** Where the network stands, before the first iteration: loss and gradient are known, and no pairs. */
export function firstState(
  { plan, network: { parameters } }: Trial,
  layout: Layout,
  { parameters: gradient, loss }: Gradients,
): TrainingState {
  const none = new Float64Array(plan.models)
  const lengths = memoryLengths('lbfgs', layout.parameters)
  const empty: Record<string, Float64Array> = Object.fromEntries(
    lengths.map(([name, length]) => [name, new Float64Array(plan.models * length)]),
  )
  return {
    step: 0,
    kind: 'lbfgs',
    parameters,
    optimizer: {
      ...empty,
      gradient: gradient.map(Math.fround),
      loss: loss.map(Math.fround),
    },
    best: { parameters, loss: none.map(() => Infinity), step: none, stale: none, stopped: none },
  }
}

/**
 * A state with a memory of L-BFGS that is made up: rings that are full (of every second model: part full), the last slots
 * anywhere, steps and changes y = D s with a diagonal D between 1/2 and 2, so that the direction is as well-conditioned as D
 * is. Every second model has a best loss of 0 and one evaluation of patience left: it stops in the middle, the others go on.
 */
export function madeUpState(
  { plan, network }: Trial,
  layout: Layout,
  { parameters: gradient, loss }: Gradients,
): TrainingState {
  const random = new Random(plan.seed, 82)
  const { models, trainable } = plan
  const size = layout.parameters
  const trained = new Float64Array(size)
  for (const { name, start, size: length } of layout.layers.flatMap(parameterGroups))
    if (trainable[name]) trained.fill(1, start, start + length)
  const diagonal = Float64Array.from({ length: size }, () => 2 ** (2 * random.uniform() - 1))
  const steps = new Float64Array(models * LBFGS_HISTORY * size)
  const changes = new Float64Array(models * LBFGS_HISTORY * size)
  const products = new Float64Array(models * LBFGS_HISTORY)
  const squares = new Float64Array(models * LBFGS_HISTORY)
  for (let slot = 0; slot < products.length; slot++)
    for (let p = 0; p < size; p++) {
      const at = slot * size + p
      const step = Math.fround(trained[p]! * STRIDE * (2 * random.uniform() - 1))
      const change = Math.fround(step * diagonal[p]!)
      steps[at] = step
      changes[at] = change
      products[slot] = products[slot]! + step * change
      squares[slot] = squares[slot]! + change ** 2
    }
  const newest = Float64Array.from({ length: models }, (_, m) => (m % 2 === 0 ? 3 + m : 6))
  const each = (value: (m: number) => number): Float64Array =>
    Float64Array.from({ length: models }, (_, m) => value(m))
  return {
    step: DONE,
    kind: 'lbfgs',
    parameters: network.parameters,
    optimizer: {
      steps,
      changes,
      products: products.map(Math.fround),
      scale: each(m => {
        const last = m * LBFGS_HISTORY + newest[m]!
        return Math.fround(products[last]! / squares[last]!)
      }),
      count: each(m => (m % 2 === 0 ? LBFGS_HISTORY : 4)),
      newest,
      gradient: gradient.map(Math.fround),
      loss: loss.map(Math.fround),
      level: each(m => m),
    },
    best: {
      parameters: network.parameters.map(value => value / 2),
      loss: each(m => (m % 2 === 0 ? Infinity : 0)),
      step: each(() => 2),
      stale: each(() => 3),
      stopped: each(() => 0),
    },
  }
}
