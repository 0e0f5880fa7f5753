/**
 * Checkpoint files: a model file (model/file.ts) that also holds the state of a training run,
 *
 *   metadata  training: {"optimizer", "step", "functionEvaluations", "evaluations": [step, ...], "fingerprint",
 *             "engine", "kernels"} as JSON
 *   tensors   training.parameters, .best.parameters [parameters]; .optimizer.NAME, the optimizer's memory; .best.counts
 *             [loss, step, stale, stopped]; .losses [steps]; .evaluations [evaluations]
 */
import type { KernelChoice, TrainingState } from '../engine/engine.ts'
import { isOptimizer, memoryLengths } from '../engine/memory.ts'
import { FormatError } from '../errors.ts'
import { decodeModelFile, encodeModelFile, readVector, vector } from '../model/file.ts'
import type { TrainingPart } from '../model/file.ts'
import { isJsonObject, parseStrictJson } from '../model/json.ts'
import type { ModelParts } from '../model/model.ts'
import { createLayout } from '../model/shape.ts'
import type { Checkpoint } from './options.ts'

/** Where tensors of the optimizer's memory begin. */
const MEMORY = 'training.optimizer.'

function refuse(what: string): never {
  throw new FormatError(`Not a usable checkpoint: ${what}. Save it again from a run's report.`)
}

/** A model and the state of its run as a file's bytes; loadModel reads the model from it too. */
export function encodeCheckpoint(model: ModelParts, checkpoint: Checkpoint): Uint8Array {
  const { state, losses, evaluations, functionEvaluations, fingerprint, engine, kernels } = checkpoint
  const { best } = state
  return encodeModelFile(model, {
    text: JSON.stringify({
      optimizer: state.kind,
      step: state.step,
      functionEvaluations,
      evaluations: evaluations.map(({ step }) => step),
      fingerprint,
      engine,
      kernels,
    }),
    tensors: {
      'training.parameters': vector(state.parameters),
      ...Object.fromEntries(
        Object.entries(state.optimizer).map(([name, values]) => [`${MEMORY}${name}`, vector(values)]),
      ),
      'training.best.parameters': vector(best.parameters),
      'training.best.counts': vector(
        Float64Array.of(best.loss[0]!, best.step[0]!, best.stale[0]!, best.stopped[0]!),
      ),
      'training.losses': vector(losses),
      'training.evaluations': vector(Float64Array.from(evaluations, ({ loss }) => loss)),
    },
  })
}

/** Whether a value looks like a checkpoint, and not like the report it came in. */
export function isCheckpoint(value: unknown): value is Checkpoint {
  return typeof value === 'object' && value !== null && 'state' in value && 'fingerprint' in value
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Kernel variants by name. */
function isChoice(value: unknown): value is KernelChoice {
  return isJsonObject(value) && Object.values(value).every(variant => typeof variant === 'string')
}

function readBest({ tensors }: TrainingPart, parameters: number): TrainingState['best'] {
  // Before the first evaluation the best loss is Infinity.
  const [loss, step, stale, stopped] = readVector(tensors, 'training.best.counts', 4, false)
  if (loss === undefined || !(loss >= -Infinity) || ![step, stale, stopped].every(isCount))
    return refuse('training.best.counts are not a loss and three counts')
  return {
    parameters: readVector(tensors, 'training.best.parameters', parameters),
    loss: Float64Array.of(loss),
    step: Float64Array.of(step!),
    stale: Float64Array.of(stale!),
    stopped: Float64Array.of(stopped!),
  }
}

function readTraining(part: TrainingPart, parameters: number): Checkpoint {
  const { tensors } = part
  const fields = parseStrictJson(part.text, { what: `The checkpoint's training state`, depth: 2 })
  if (!isJsonObject(fields)) return refuse('its training state is not an object')
  const { optimizer, step, evaluations, functionEvaluations, fingerprint } = fields
  // Older files do not say.
  const { engine = 'cpu', kernels = {} } = fields
  if (!isOptimizer(optimizer)) return refuse('its optimizer is not one of adam, lbfgs and lm')
  if (!isCount(step)) return refuse('its step is not a whole number')
  if (!isCount(functionEvaluations)) return refuse('its functionEvaluations are not a whole number')
  if (typeof fingerprint !== 'string') return refuse('its fingerprint is not a text')
  if (engine !== 'cpu' && engine !== 'webgpu') return refuse('its engine is not one of cpu and webgpu')
  if (!isChoice(kernels)) return refuse('its kernels are not names of variants')
  if (!Array.isArray(evaluations) || !evaluations.every(isCount))
    return refuse('its evaluations are not a list of steps')
  const evaluationLosses = readVector(tensors, 'training.evaluations', evaluations.length)
  return {
    state: {
      step,
      parameters: readVector(tensors, 'training.parameters', parameters),
      kind: optimizer,
      optimizer: Object.fromEntries(
        memoryLengths(optimizer, parameters).map(([name, length]) => [
          name,
          readVector(tensors, `${MEMORY}${name}`, length),
        ]),
      ),
      best: readBest(part, parameters),
    },
    losses: readVector(tensors, 'training.losses', step),
    evaluations: evaluations.map((at, e) => ({ step: at, loss: evaluationLosses[e]! })),
    functionEvaluations,
    fingerprint,
    engine,
    kernels,
  }
}

/** The model and the checkpoint in a file's bytes. Throws FormatError for whatever encodeCheckpoint did not write. */
export function decodeCheckpoint(bytes: Uint8Array): { model: ModelParts; checkpoint: Checkpoint } {
  const { model, training } = decodeModelFile(bytes)
  if (!training) return refuse('it holds a model but no training state; load it as a model')
  return { model, checkpoint: readTraining(training, createLayout(model.config.layers).parameters) }
}
