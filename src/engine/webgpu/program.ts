import type { Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { coefSlices, coefTile, evaluationChunks, RING, targetWords, WIDTH } from './buffers.ts'
import type { SessionBuffers, SetBuffers, TrainingBuffers } from './buffers.ts'
import { kernels } from './kernels.ts'
import { gpuOptimizer } from './optimizer.ts'
import { piecesLayout } from './pieces.ts'
import type { Pipelines, Prelude } from './pipelines.ts'
import { folded, Recording } from './recording.ts'
import { layerWords } from './uniforms.ts'
import type { PassShape } from './uniforms.ts'

/** Step slots beyond the ring: one for work outside training, then one a chunk of an evaluation. */
export const OUTSIDE_SLOT = RING
export const CHUNK_SLOT = RING + 1

const BASES = { silu: 0, identity: 1, zero: 2 } as const

/** WGSL needs a point or an exponent in a float literal. */
function float(value: number): string {
  return value.toExponential()
}

function flag(on: boolean): number {
  return on ? 1 : 0
}

/** All recordings of a session. Each is one straight list of dispatches. */
export interface Program {
  /** Basis and forward of every layer, from the inbox. */
  readonly predict: Recording
  /** Sums of every edge's curve, after `predict`. */
  readonly edgeStatistics: (target: GPUBuffer) => Promise<Recording>
  /** One training step: [gather], forward, loss, backward, Adam. */
  readonly step: Recording | undefined
  /** The same without Adam, over the first rows in order, and on to the gradient by the inputs. */
  readonly gradients: Recording | undefined
  /** Loss of the evaluation rows, and what to keep. */
  readonly evaluate: Recording | undefined
}

/** Records a session's programs; fills the layer records. */
export async function createProgram(
  device: GPUDevice,
  pipelines: Pipelines,
  plan: Plan,
  layout: Layout,
  buffers: SessionBuffers,
): Promise<Program> {
  const { models, batch } = plan
  const layers = layout.layers
  const pieces = piecesLayout(layout)
  const targets = targetWords(plan, layout)
  const chunks = evaluationChunks(plan)
  const last = layers.length - 1
  let layerSlots = 0

  const layerSlot = (l: number, pass: PassShape): number => {
    const offset = layerSlots++ * buffers.layerStride
    device.queue.writeBuffer(
      buffers.layerUniforms,
      offset,
      layerWords(layout, pieces, l, pass, coefSlices(plan, layers[l]!)),
    )
    return offset
  }
  const passSlots = (rows: number, passChunks: number): number[] =>
    layers.map((_, l) => layerSlot(l, { rows, partials: passChunks * Math.ceil(rows / WIDTH), chunk: 0 }))
  const record = (): Recording => new Recording(device, pipelines)

  const spline = (l: number): Prelude => ({ DEGREE: layers[l]!.degree, ORDER: layers[l]!.degree + 1 })

  const addForward = (recording: Recording, slots: readonly number[], rows: number, x: GPUBuffer): void => {
    layers.forEach((layer, l) => {
      const basis = buffers.basis[l]!
      const places = buffers.places[l]!
      recording.add(
        kernels.basis,
        { WIDTH, ...spline(l), BASE: BASES[layer.base] },
        [
          buffers.parameters,
          buffers.knots,
          buffers.pieces,
          l === 0 ? x : buffers.sums[l - 1]!,
          basis,
          places,
        ],
        { layer: slots[l]! },
        folded(rows * layer.inputs, WIDTH, models),
      )
      recording.add(
        kernels.forward,
        { WIDTH, ...spline(l) },
        [buffers.parameters, buffers.mask, basis, places, buffers.sums[l]!],
        { layer: slots[l]! },
        folded(rows * layer.outputs, WIDTH, models),
      )
    })
  }

  const addGather = (
    recording: Recording,
    slot: number,
    source: SetBuffers,
    step: number | undefined,
  ): void => {
    const { inbox, gathered } = buffers
    if (gathered === undefined) return
    recording.add(
      kernels.gather,
      { WIDTH, TARGETS: targets },
      [source.x, source.y, source.weights, inbox, gathered.y, gathered.weights],
      { layer: slot, step },
      folded(batch * (layout.inputs + targets + 1), WIDTH, 1),
    )
  }

  const addLoss = (
    recording: Recording,
    training: TrainingBuffers,
    slot: number,
    rows: number,
    source: Omit<SetBuffers, 'x'>,
  ): void => {
    recording.add(
      kernels.loss,
      { WIDTH, LOSS: plan.loss === 'mse' ? 0 : 1 },
      [
        buffers.parameters,
        buffers.sums[last]!,
        source.y,
        source.weights,
        training.outward[(last + 1) % 2]!,
        training.partialLosses,
      ],
      { layer: slot },
      [Math.ceil(rows / WIDTH), 1, models],
    )
  }

  const addReduceLoss = (
    recording: Recording,
    training: TrainingBuffers,
    slot: number,
    evaluation: boolean,
    step?: number,
  ): void => {
    recording.add(
      kernels.reduceLoss,
      { WIDTH, EVALUATION: flag(evaluation) },
      [
        training.partialLosses,
        training.normaliser,
        evaluation ? training.evaluations : training.losses,
        training.best,
      ],
      { layer: slot, step },
      [1, 1, models],
    )
  }

  const addBackward = (
    recording: Recording,
    training: TrainingBuffers,
    slots: readonly number[],
    toInputs: boolean,
  ): void => {
    const { trainable } = plan
    for (let l = last; l >= 0; l--) {
      const layer = layers[l]!
      const edges = layer.inputs * layer.outputs
      const slot = { layer: slots[l]! }
      const outward = training.outward[(l + 1) % 2]!
      const { tile, width } = coefTile(layer)
      const basis = buffers.basis[l]!
      const places = buffers.places[l]!
      const spread = [buffers.parameters, buffers.mask, basis, places, outward]
      recording.add(
        kernels.backwardCoef,
        { WIDTH: width, ...spline(l), TILE: tile },
        [...spread, training.partialGradients],
        slot,
        [Math.ceil(edges / width), coefSlices(plan, layer).count * Math.ceil(layer.bases / tile), models],
      )
      recording.add(
        kernels.reduceGradient,
        {
          WIDTH,
          TRAIN_COEF: flag(trainable.coef),
          TRAIN_BASE: flag(trainable.scaleBase),
          TRAIN_SPLINE_SCALE: flag(trainable.scaleSpline),
        },
        [buffers.parameters, training.partialGradients, training.normaliser, training.gradient],
        slot,
        folded((layer.bases + 1) * edges, WIDTH, models),
      )
      if (trainable.scaleSpline)
        recording.add(
          kernels.scaleSpline,
          { WIDTH, TRAIN_COEF: flag(trainable.coef) },
          [buffers.parameters, training.gradient],
          slot,
          folded(edges, WIDTH, models),
        )
      if (trainable.nodeScale || trainable.nodeBias)
        recording.add(
          kernels.backwardNode,
          { WIDTH, TRAIN_NODE_SCALE: flag(trainable.nodeScale), TRAIN_NODE_BIAS: flag(trainable.nodeBias) },
          [buffers.sums[l]!, outward, training.normaliser, training.gradient],
          slot,
          folded(layer.outputs, 1, models),
        )
      if (l > 0 || toInputs)
        recording.add(
          kernels.backwardInput,
          { WIDTH, ...spline(l) },
          [...spread, training.outward[l % 2]!],
          slot,
          folded(batch * layer.inputs, WIDTH, models),
        )
    }
  }

  const trainSlots = passSlots(batch, 1)
  const predict = record()
  addForward(predict, trainSlots, batch, buffers.inbox)

  const edgeStatistics = (target: GPUBuffer): Promise<Recording> => {
    const recording = record()
    layers.forEach((layer, l) => {
      recording.add(
        kernels.edgeStatistics,
        { WIDTH, ...spline(l) },
        [buffers.parameters, buffers.mask, buffers.basis[l]!, buffers.places[l]!, target],
        { layer: trainSlots[l]!, step: OUTSIDE_SLOT * buffers.stepStride },
        folded(layer.inputs * layer.outputs, WIDTH, models),
      )
    })
    return recording.finish()
  }

  const { training: rows, backward: training, gathered, validation } = buffers
  if (!rows || !training || !validation)
    return {
      predict: await predict.finish(),
      edgeStatistics,
      step: undefined,
      gradients: undefined,
      evaluate: undefined,
    }

  const fullBatch = batch === plan.rows
  const batchRows: SetBuffers = fullBatch || !gathered ? rows : { x: buffers.inbox, ...gathered }
  const addLossAndGradient = (recording: Recording, toInputs: boolean, step?: number): void => {
    if (!fullBatch) addGather(recording, trainSlots[0]!, rows, step)
    addForward(recording, trainSlots, batch, batchRows.x)
    addLoss(recording, training, trainSlots[last]!, batch, batchRows)
    addReduceLoss(recording, training, trainSlots[last]!, false, step)
    addBackward(recording, training, trainSlots, toInputs)
  }

  const adam = gpuOptimizer(plan)
  const step = record()
  addLossAndGradient(step, false)
  step.add(
    kernels.adam,
    {
      WIDTH,
      BETA_1: float(adam.beta1),
      BETA_2: float(adam.beta2),
      EPSILON: float(adam.epsilon),
    },
    [training.gradient, buffers.parameters, training.moments],
    { layer: trainSlots[0]! },
    folded(layout.parameters, WIDTH, models),
  )

  const gradients = record()
  addLossAndGradient(gradients, true, OUTSIDE_SLOT * buffers.stepStride)

  const evaluate = record()
  const evaluationRows = Math.min(plan.validationRows || plan.rows, batch)
  const evaluationSlots = passSlots(evaluationRows, chunks)
  for (let c = 0; c < chunks; c++) {
    const source: SetBuffers = chunks > 1 && gathered ? { x: buffers.inbox, ...gathered } : validation
    if (chunks > 1)
      addGather(evaluate, evaluationSlots[0]!, validation, (CHUNK_SLOT + c) * buffers.stepStride)
    addForward(evaluate, evaluationSlots, evaluationRows, source.x)
    const perChunk = Math.ceil(evaluationRows / WIDTH)
    const slot = layerSlot(last, { rows: evaluationRows, partials: chunks * perChunk, chunk: c * perChunk })
    addLoss(evaluate, training, slot, evaluationRows, source)
  }
  addReduceLoss(evaluate, training, evaluationSlots[last]!, true)
  evaluate.add(
    kernels.keep,
    { WIDTH },
    [training.best, buffers.parameters, training.bestParameters],
    { layer: evaluationSlots[0]! },
    folded(layout.parameters, WIDTH, models),
  )
  await Promise.all([predict.finish(), step.finish(), gradients.finish(), evaluate.finish()])
  return { predict, edgeStatistics, step, gradients, evaluate }
}
