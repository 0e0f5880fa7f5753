import type { Layout, Trainable } from '../../model/shape.ts'
import type { AdamPlan, Plan } from '../engine.ts'
import { rowSets } from '../rowsets.ts'
import { evaluationRows, RING, targetWords } from './buffers.ts'
import { MOST_LAYERS } from './fused.ts'
import type { FusedShape } from './fused.ts'
import { constantsLayout } from './fusedconstants.ts'
import type { RowsLayout } from './fusedconstants.ts'
import type { BufferAllocator } from './memory.ts'
import { piecesLayout } from './pieces.ts'

/** Words of the structs Fused, without its layers, and FusedLayer in shaders/fused_model.wgsl. */
const FUSED_WORDS = 52
const FUSED_LAYER_WORDS = 16

/** What the fused steps have beside what every session that trains has. */
export interface FusedBuffers<B = GPUBuffer> {
  readonly shape: FusedShape
  /** The struct Fused. */
  readonly uniform: B
  readonly constants: B
  /** Both loss rings, then rows. */
  readonly scratch: B
}

export function createFusedBuffers<B>(
  set: BufferAllocator<B>,
  plan: Plan,
  layout: Layout,
  shape: FusedShape,
): FusedBuffers<B> {
  const { models } = plan
  const words = FUSED_WORDS + MOST_LAYERS * FUSED_LAYER_WORDS
  return {
    shape,
    uniform: set.create('the fused record', words * 4, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST),
    constants: set.storage('the constants of fused steps', constantsLayout(plan, layout).words),
    scratch: set.storage('the rows of fused steps', models * (2 * RING + shape.rowWords * shape.tileRows)),
  }
}

/** The bits TRAINS_... of the shader. */
function trainsBits(trainable: Trainable): number {
  const groups = ['coef', 'scaleBase', 'scaleSpline', 'nodeScale', 'nodeBias'] as const
  return groups.reduce((bits, group, n) => (trainable[group] ? bits + 2 ** n : bits), 0)
}

/** Numbers in float32, as words. */
function floatWords(...values: number[]): Uint32Array {
  return new Uint32Array(Float32Array.from(values).buffer)
}

/** The struct Fused. */
export function fusedWords(
  plan: Plan,
  adam: AdamPlan,
  layout: Layout,
  shape: FusedShape,
): Uint32Array<ArrayBuffer> {
  const { models } = plan
  const { beta1, beta2, epsilon, clip = 0, weightDecay = 0 } = adam
  const constants = constantsLayout(plan, layout)
  const pieces = piecesLayout(layout)
  const targets = targetWords(plan, layout)
  const columnsAt = 2 * layout.parameters + layout.edges
  const columnsEnd = columnsAt + shape.columns * shape.column
  const rowsWords = ({ x, y, weights }: RowsLayout, rows: number): number[] => {
    const own = rowSets(plan) > 1 ? rows : 0
    return [x, y, weights, rows, own * layout.inputs, own * targets, own, targets]
  }
  const words = [
    ...rowsWords(constants.training, plan.rows),
    ...rowsWords(constants.evaluation, evaluationRows(plan)),
    constants.mask,
    layout.edges,
    constants.knots,
    layout.knots,
    constants.pieces,
    pieces.size,
    constants.trained,
    Math.min(plan.evaluateEvery, 2 ** 32 - 1),
    RING * models,
    2 * RING * models,
    shape.rowWords * shape.tileRows,
    shape.tileRows,
    shape.jobs,
    shape.slices,
    shape.roundJobs,
    layout.layers.length,
    layout.parameters,
    layout.edges,
    layout.parameters,
    2 * layout.parameters,
    columnsAt,
    shape.columns,
    shape.column,
    trainsBits(plan.trainable),
    ...floatWords(beta1, 1 - beta1, beta2, 1 - beta2, epsilon, clip, weightDecay),
    columnsEnd,
    columnsEnd + layout.knots,
    layout.knots,
    pieces.size,
    0,
  ]
  layout.layers.forEach((layer, l) => {
    const own = shape.layers[l]!
    words.push(
      layer.inputs,
      layer.outputs,
      layer.bases,
      layer.knotsPerInput,
      layer.coef,
      layer.scaleBase,
      layer.scaleSpline,
      layer.nodeScale,
      layer.nodeBias,
      layer.knots,
      pieces.offsets[l]!,
      layer.edges,
      own.records,
      own.gradients,
      own.sums,
      own.record,
    )
  })
  return Uint32Array.from(words)
}
