import type { Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { coefSlices, evaluationChunks, evaluationRows, passCapacity, RING, WIDTH } from './buffers.ts'
import type { SessionBuffers, SetBuffers } from './buffers.ts'
import { kernels } from './kernels.ts'
import { recordJudgement, recordProposal, recordVerdict } from './lbfgs.ts'
import { gpuOptimizer } from './optimizer.ts'
import { piecesLayout } from './pieces.ts'
import { Passes } from './passes.ts'
import type { Pipelines } from './pipelines.ts'
import { folded, Recording } from './recording.ts'
import { layerWords } from './uniforms.ts'
import type { PassShape } from './uniforms.ts'

/** Step slots beyond the ring: one for work outside training, then one a chunk of an evaluation. */
export const OUTSIDE_SLOT = RING
export const CHUNK_SLOT = RING + 1

/** All recordings of a session. Each is one straight list of dispatches. */
export interface Program {
  /** Basis and forward of every layer, from the inbox. */
  readonly predict: Recording
  /** Sums of every edge's curve, after `predict`. */
  readonly edgeStatistics: (target: GPUBuffer) => Promise<Recording>
  /** One training step: [gather], forward, loss, backward, Adam; or one tick of L-BFGS. */
  readonly step: Recording | undefined
  /** The same without Adam, over the first rows in order, and on to the gradient by the inputs. */
  readonly gradients: Recording | undefined
  /** The evaluation: loss of its rows, a recording a chunk of them; the last also says what to keep. */
  readonly evaluate: readonly Recording[]
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

  const passes = new Passes(plan, layout, buffers)
  const capacity = passCapacity(plan)
  const lookSlots = passSlots(capacity, 1)
  const predict = record()
  passes.forward(predict, lookSlots, capacity, buffers.inbox)

  const edgeStatistics = (target: GPUBuffer): Promise<Recording> => {
    const recording = record()
    layers.forEach((layer, l) => {
      recording.add(
        kernels.edgeStatistics,
        { WIDTH, ...passes.spline(l) },
        [buffers.parameters, buffers.mask, buffers.basis[l]!, buffers.places[l]!, target],
        { layer: lookSlots[l]!, step: OUTSIDE_SLOT * buffers.stepStride },
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
      evaluate: [],
    }

  const trainSlots = passSlots(batch, 1)
  const fullBatch = batch === plan.rows
  const batchRows: SetBuffers = fullBatch || !gathered ? rows : { x: buffers.inbox, ...gathered }
  const { lbfgs } = training
  const addLossAndGradient = (
    recording: Recording,
    toInputs: boolean,
    ring: GPUBuffer,
    step?: number,
  ): void => {
    if (!fullBatch) passes.gather(recording, trainSlots[0]!, batch, rows, step)
    passes.forward(recording, trainSlots, batch, batchRows.x)
    passes.loss(recording, training, trainSlots[last]!, batch, batchRows)
    passes.penalty?.norms(recording, trainSlots, batchRows)
    passes.penalty?.settle(recording, training, trainSlots)
    passes.reduceLoss(recording, training, trainSlots[last]!, { evaluation: false, ring, step })
    passes.backward(recording, training, trainSlots, toInputs, batchRows)
  }

  const optimizer = gpuOptimizer(plan)
  const step = record()
  if (lbfgs) recordProposal(step, plan, buffers, lbfgs, training, trainSlots[0]!)
  addLossAndGradient(step, false, lbfgs?.objective ?? training.losses)
  if (lbfgs) recordJudgement(step, plan, buffers, lbfgs, training, trainSlots[0]!)
  if (optimizer.kind === 'adam' && training.moments)
    passes.adam(step, training, training.moments, trainSlots[0]!, optimizer)

  const gradients = record()
  addLossAndGradient(gradients, true, training.losses, OUTSIDE_SLOT * buffers.stepStride)

  const passRows = Math.min(evaluationRows(plan), capacity)
  const perChunk = Math.ceil(passRows / WIDTH)
  const evaluationSlots = passSlots(passRows, chunks)
  // L-BFGS knows its loss on the training rows: only validation rows are looked at.
  const looks = lbfgs === undefined || plan.validationRows > 0
  const evaluate = Array.from({ length: looks ? chunks : 1 }, (_, c) => {
    const recording = record()
    if (!looks) return recording
    const source: SetBuffers = chunks > 1 && gathered ? { x: buffers.inbox, ...gathered } : validation
    if (chunks > 1)
      passes.gather(
        recording,
        evaluationSlots[0]!,
        passRows,
        validation,
        (CHUNK_SLOT + c) * buffers.stepStride,
      )
    passes.forward(recording, evaluationSlots, passRows, source.x)
    const chunkSlot = chunks > 1 ? (CHUNK_SLOT + c) * buffers.stepStride : undefined
    passes.penalty?.norms(recording, evaluationSlots, source, chunkSlot)
    const slot = layerSlot(last, { rows: passRows, partials: chunks * perChunk, chunk: c * perChunk })
    passes.loss(recording, training, slot, passRows, source)
    return recording
  })
  const verdict = evaluate.at(-1)!
  if (looks) passes.penalty?.settle(verdict, training, evaluationSlots)
  if (!lbfgs)
    passes.reduceLoss(verdict, training, evaluationSlots[last]!, {
      evaluation: true,
      ring: training.evaluations,
    })
  else {
    if (looks)
      passes.reduceLoss(verdict, training, evaluationSlots[last]!, {
        evaluation: false,
        ring: lbfgs.evaluated,
      })
    recordVerdict(verdict, plan, lbfgs, training, evaluationSlots[0]!)
  }
  verdict.add(
    kernels.keep,
    { WIDTH },
    [training.best, buffers.parameters, training.bestParameters],
    { layer: evaluationSlots[0]! },
    folded(layout.parameters, WIDTH, models),
  )
  await Promise.all([predict, step, gradients, ...evaluate].map(recording => recording.finish()))
  return { predict, edgeStatistics, step, gradients, evaluate }
}
