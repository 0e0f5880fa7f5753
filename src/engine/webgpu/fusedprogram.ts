import type { Layout } from '../../model/shape.ts'
import { HUBER_DELTA } from '../engine.ts'
import type { AdamPlan, Plan } from '../engine.ts'
import type { SessionBuffers, TrainingBuffers } from './buffers.ts'
import { MOST_LAYERS, MOST_NODES } from './fused.ts'
import { fusedWords } from './fusedbuffers.ts'
import type { FusedBuffers } from './fusedbuffers.ts'
import { constantsLayout } from './fusedconstants.ts'
import { kernels } from './kernels.ts'
import { BASES } from './layerpasses.ts'
import { LOSSES } from './passes.ts'
import { flag, float } from './pipelines.ts'
import type { Pipelines, Prelude } from './pipelines.ts'
import { Recording } from './recording.ts'

/** Whole training steps in one dispatch: what shaders/fused_steps.wgsl needs of the host. */
export interface FusedProgram {
  /** Takes as many steps as the record of the first one says (StepWords.writeCount). */
  readonly steps: Recording
  /** Brings what was uploaded since the last time to where the steps look for it. */
  refresh(): void
  /** The rings of losses and of evaluations, one behind the other. */
  readonly rings: GPUBuffer
}

function prelude(plan: Plan, layout: Layout, buffers: SessionBuffers, fused: FusedBuffers): Prelude {
  const { degree, base } = layout.layers[0]!
  return {
    WIDTH: fused.shape.width,
    DEGREE: degree,
    ORDER: degree + 1,
    BASE: BASES[base],
    MOST_LAYERS,
    MOST_NODES,
    HOLDS_CURVES: flag(fused.shape.holdsCurves),
    SLOT_BYTES: buffers.stepStride,
    LOSS: LOSSES[plan.loss],
    DELTA: float(plan.huberDelta ?? HUBER_DELTA),
  }
}

/** Copies of [from, to in words, words]: constants lie in one buffer, as a stage has eight storage buffers at most. */
function constantCopies(
  plan: Plan,
  layout: Layout,
  buffers: SessionBuffers,
  training: TrainingBuffers,
): readonly (readonly [GPUBuffer, number])[] {
  const at = constantsLayout(plan, layout)
  const copies: (readonly [GPUBuffer, number])[] = [
    [buffers.mask, at.mask],
    [buffers.knots, at.knots],
    [buffers.pieces, at.pieces],
  ]
  if (training.trained) copies.push([training.trained, at.trained])
  for (const [set, rows] of [
    [buffers.training, at.training],
    [plan.validationRows > 0 ? buffers.validation : undefined, at.evaluation],
  ] as const)
    if (set) copies.push([set.x, rows.x], [set.y, rows.y], [set.weights, rows.weights])
  return copies
}

/** Records the fused steps of a plan with Adam. */
export async function createFusedProgram(
  device: GPUDevice,
  pipelines: Pipelines,
  plan: Plan,
  adam: AdamPlan,
  layout: Layout,
  buffers: SessionBuffers,
  training: TrainingBuffers,
  moments: GPUBuffer,
  fused: FusedBuffers,
): Promise<FusedProgram> {
  device.queue.writeBuffer(fused.uniform, 0, fusedWords(plan, adam, layout, fused.shape))
  const steps = new Recording(device, pipelines)
  steps.add(
    kernels.fusedSteps,
    prelude(plan, layout, buffers, fused),
    [
      fused.uniform,
      buffers.stepUniforms,
      fused.constants,
      buffers.parameters,
      moments,
      training.best,
      training.bestParameters,
      fused.scratch,
    ],
    { layer: 0 },
    [1, 1, plan.models],
  )
  await steps.finish()
  const copies = constantCopies(plan, layout, buffers, training)
  return {
    steps,
    rings: fused.scratch,
    refresh() {
      const encoder = device.createCommandEncoder()
      for (const [source, at] of copies)
        encoder.copyBufferToBuffer(source, 0, fused.constants, at * 4, source.size)
      device.queue.submit([encoder.finish()])
    },
  }
}
