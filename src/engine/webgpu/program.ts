import type { Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { passCapacity, WIDTH } from './buffers.ts'
import type { SessionBuffers } from './buffers.ts'
import type { FusedBuffers } from './fusedbuffers.ts'
import { createFusedProgram } from './fusedprogram.ts'
import type { FusedProgram } from './fusedprogram.ts'
import { kernels } from './kernels.ts'
import { LayerSlots } from './layerslots.ts'
import { Passes } from './passes.ts'
import type { Pipelines } from './pipelines.ts'
import { writeFactors } from './products.ts'
import { folded, Recording } from './recording.ts'
import { outsideOffset } from './stepslots.ts'
import { TrainingProgram } from './trainingprogram.ts'
import { recordSymbolicStatistics, writeSymbolic } from './symbolic.ts'
import type { Variants } from './variants.ts'

/** All recordings of a session. Each is one straight list of dispatches. */
export interface Program {
  /** Basis and forward of every layer, from the inbox. */
  readonly predict: Recording
  /** Sums of every edge's curve, after `predict`. */
  readonly edgeStatistics: (target: GPUBuffer) => Promise<Recording>
  /** A training step, or a tick: see TrainingProgram for this and the others. */
  readonly step: Recording | undefined
  readonly gradients: Recording | undefined
  readonly evaluate: readonly Recording[]
  /** Whole steps at once, in the place of `step` and `evaluate`. */
  readonly fused: FusedProgram | undefined
}

/** Records a session's programs; fills the layer records. */
export async function createProgram(
  device: GPUDevice,
  pipelines: Pipelines,
  plan: Plan,
  layout: Layout,
  buffers: SessionBuffers,
  variants: Variants,
  fusedBuffers?: FusedBuffers,
): Promise<Program> {
  const record = (): Recording => new Recording(device, pipelines)
  writeFactors(device.queue, layout, buffers)
  writeSymbolic(device.queue, layout, buffers)
  const slots = new LayerSlots(device.queue, plan, layout, buffers, variants)
  const passes = new Passes(plan, layout, buffers, variants)
  const capacity = passCapacity(plan)
  const lookSlots = slots.pass(capacity)
  const predict = record()
  passes.forward(predict, lookSlots, capacity, buffers.inbox)

  const edgeStatistics = (target: GPUBuffer): Promise<Recording> => {
    const recording = record()
    layout.layers.forEach((layer, l) => {
      const offsets = { layer: lookSlots[l]!, step: outsideOffset(buffers) }
      recording.add(
        kernels.edgeStatistics,
        { WIDTH, ...passes.spline(l) },
        [buffers.parameters, buffers.mask, buffers.basis[l]!, buffers.places[l]!, target],
        offsets,
        folded(layer.inputs * layer.outputs, WIDTH, plan.models),
      )
      recordSymbolicStatistics(passes, recording, offsets, l, buffers.inbox, target)
    })
    return recording.finish()
  }

  const { training, validation, backward } = buffers
  if (!training || !validation || !backward)
    return {
      predict: await predict.finish(),
      edgeStatistics,
      step: undefined,
      gradients: undefined,
      evaluate: [],
      fused: undefined,
    }
  const trains = new TrainingProgram(passes, slots, backward, { training, validation })
  const step = record()
  trains.step(step)
  const gradients = record()
  trains.gradients(gradients)
  const evaluate = trains.evaluation(record)
  await Promise.all([predict, step, gradients, ...evaluate].map(recording => recording.finish()))
  const { moments } = backward
  const fused =
    fusedBuffers && moments && plan.optimizer.kind === 'adam'
      ? await createFusedProgram(
          device,
          pipelines,
          plan,
          plan.optimizer,
          layout,
          buffers,
          backward,
          moments,
          fusedBuffers,
        )
      : undefined
  return { predict, edgeStatistics, step, gradients, evaluate, fused }
}
