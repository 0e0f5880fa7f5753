/** A shape as a training session of an engine. */
import type { AdamPlan, Engine, OptimizerPlan, Plan, Session, Upload } from '../src/engine/engine.ts'
import { Model } from '../src/model/model.ts'
import { samplesOf } from './shapes.ts'
import type { Shape } from './shapes.ts'

/** Adam as every peer runs it. */
export const ADAM: AdamPlan = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
export const LEARNING_RATE = 1e-3

export interface TrainingOptions {
  /** Default: ADAM. */
  readonly optimizer?: OptimizerPlan
  /** M, networks side by side, each with a seed of its own; default 1. */
  readonly models?: number
  readonly learningRate?: number
  /** Pinned kernel variants. */
  readonly kernels?: Plan['kernels']
}

/** Later than any step here: evaluations are no part of what is timed. */
const NEVER = 2 ** 30

function concatenate(arrays: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0))
  let offset = 0
  for (const array of arrays) {
    joined.set(array, offset)
    offset += array.length
  }
  return joined
}

/** The plan of a shape's training, and what to upload: coef and scaleBase train, as they do by default. */
export function trainingOf(
  shape: Shape,
  options: TrainingOptions = {},
): { readonly plan: Plan; readonly contents: Upload } {
  const { width, batch, intervals, degree } = shape
  const { optimizer = ADAM, models = 1, learningRate = LEARNING_RATE, kernels } = options
  const members = Array.from({ length: models }, (_, seed) => {
    return new Model({ width, grid: intervals, degree, seed })
  })
  const { config } = members[0]!
  const { x, y } = samplesOf(shape)
  return {
    plan: {
      layers: config.layers,
      trainable: config.trainable,
      models,
      rows: batch,
      batch,
      validationRows: 0,
      loss: 'mse',
      optimizer,
      seed: 0,
      evaluateEvery: NEVER,
      patience: 0,
      kernels,
    },
    contents: {
      parameters: concatenate(members.map(member => member.parameters)),
      knots: concatenate(members.map(member => member.knots)),
      mask: concatenate(members.map(member => member.mask)),
      training: {
        x: Float64Array.from(x),
        y: Float64Array.from(y),
        weights: new Float64Array(batch).fill(1),
      },
      learningRate: new Float64Array(models).fill(learningRate),
      lambda: new Float64Array(models),
    },
  }
}

/** A session that is ready to run. Close it. */
export async function openTraining(
  engine: Engine,
  shape: Shape,
  options?: TrainingOptions,
): Promise<Session> {
  const { plan, contents } = trainingOf(shape, options)
  const session = await engine.open(plan)
  await session.upload(contents)
  return session
}

/** Wall-clock milliseconds of `steps` steps and the one read-back at their end. Throws where the loss is not finite. */
export async function timeSteps(session: Session, steps: number): Promise<number> {
  const began = performance.now()
  const { losses } = await session.run(steps)
  const milliseconds = performance.now() - began
  if (!losses.every(Number.isFinite))
    throw new Error('The loss is not finite: what was timed is no training.')
  return milliseconds
}
