import { ConfigError } from '../../errors.ts'
import type { LayerLayout, Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import type { BufferSet } from './memory.ts'
import { piecesLayout } from './pieces.ts'
import { MOST_WORKGROUPS } from './recording.ts'
import { LAYER_WORDS, STEP_WORDS } from './uniforms.ts'
import type { Slices } from './uniforms.ts'

/** Invocations a workgroup, everywhere but in backward_coef (see coefTile). */
export const WIDTH = 64
/** Steps between two read-backs at most: the length of the loss rings. */
export const RING = 1024
/** Words of the struct Best in shaders/common.wgsl. */
export const BEST_WORDS = 6
/** Threads that keep a GPU busy; a layer with fewer edges cuts its batch into slices until it has as many. */
const ENOUGH_THREADS = 16384
/** Below this many rows a slice costs more to add than it gains. */
const FEWEST_SLICE_ROWS = 32
/** Workgroup memory of a device with default limits, in words. */
const WORKGROUP_WORDS = 4096

/** Rows of a set, on the device. */
export interface SetBuffers {
  readonly x: GPUBuffer
  readonly y: GPUBuffer
  readonly weights: GPUBuffer
}

/** Sums a thread of backward_coef keeps, and threads a workgroup: TILE * WIDTH words fit the workgroup's memory. */
export function coefTile(layer: LayerLayout): { tile: number; width: number } {
  const rounded = Math.ceil(layer.bases / 4) * 4
  return rounded <= WORKGROUP_WORDS / 64
    ? { tile: rounded, width: 64 }
    : { tile: WORKGROUP_WORDS / 32, width: 32 }
}

export function coefSlices(plan: Plan, layer: LayerLayout): Slices {
  const edges = layer.inputs * layer.outputs
  const wanted = Math.ceil(ENOUGH_THREADS / (edges * plan.models))
  const most = Math.max(1, Math.ceil(plan.batch / FEWEST_SLICE_ROWS))
  const rows = Math.ceil(plan.batch / Math.min(wanted, most))
  return { count: Math.ceil(plan.batch / rows), rows }
}

/** Target words a row: the outputs, or one class. */
export function targetWords(plan: Plan, layout: Layout): number {
  return plan.loss === 'mse' ? layout.outputs : 1
}

/** Chunks of `batch` rows that cover the set which evaluations look at; 1 when it fits one pass. */
export function evaluationChunks(plan: Plan): number {
  return Math.max(1, Math.ceil((plan.validationRows || plan.rows) / plan.batch))
}

/** Refuses shapes that exceed what a dispatch can count. */
function checkDispatch(plan: Plan, layout: Layout): void {
  const rows = MOST_WORKGROUPS * WIDTH
  if (plan.batch > rows)
    throw new ConfigError(
      `batch is ${plan.batch}; this device takes at most ${rows} rows a step. Use a smaller batch.`,
    )
  if (plan.models > MOST_WORKGROUPS)
    throw new ConfigError(
      `models is ${plan.models}; the limit is ${MOST_WORKGROUPS}. Use fewer seeds at once.`,
    )
  for (const layer of layout.layers) {
    const { width } = coefTile(layer)
    const edges = layer.inputs * layer.outputs
    if (edges > MOST_WORKGROUPS * width)
      throw new ConfigError(
        `A layer of ${layer.inputs} x ${layer.outputs} has ${edges} edges; the limit is ${MOST_WORKGROUPS * width}. Use fewer nodes.`,
      )
  }
}

/** What a session that trains has beside what every session has. */
export interface TrainingBuffers {
  readonly gradient: GPUBuffer
  readonly moments: GPUBuffer
  readonly bestParameters: GPUBuffer
  readonly best: GPUBuffer
  readonly normaliser: GPUBuffer
  readonly losses: GPUBuffer
  readonly evaluations: GPUBuffer
  readonly partialLosses: GPUBuffer
  readonly partialGradients: GPUBuffer
  /** Gradients by the nodes of boundary l are in outward[l % 2]: a layer reads one and writes the other. */
  readonly outward: readonly [GPUBuffer, GPUBuffer]
  readonly staging: GPUBuffer
}

/** Every buffer of a session. Layouts: shaders/common.wgsl. */
export interface SessionBuffers {
  /** Bytes from one record to the next in the uniform buffers. */
  readonly layerStride: number
  readonly stepStride: number
  readonly layerUniforms: GPUBuffer
  readonly stepUniforms: GPUBuffer
  readonly models: GPUBuffer
  readonly parameters: GPUBuffer
  readonly knots: GPUBuffer
  readonly pieces: GPUBuffer
  readonly mask: GPUBuffer
  /** One a layer. */
  readonly basis: readonly GPUBuffer[]
  readonly places: readonly GPUBuffer[]
  readonly sums: readonly GPUBuffer[]
  readonly inbox: GPUBuffer
  readonly training: SetBuffers | undefined
  /** The rows that evaluations look at: the training set's where there is no validation set. */
  readonly validation: SetBuffers | undefined
  /** Where a gathered batch goes, beside the inbox; absent when every pass reads a whole set. */
  readonly gathered: Omit<SetBuffers, 'x'> | undefined
  readonly backward: TrainingBuffers | undefined
}

/**
 * Allocates every buffer of a session, before the first step. Activations are held for one batch; validation rows and
 * predictions go through the same ones.
 */
export function createBuffers(set: BufferSet, plan: Plan, layout: Layout, alignment: number): SessionBuffers {
  checkDispatch(plan, layout)
  const { models, batch } = plan
  const trains = plan.rows > 0
  const chunks = evaluationChunks(plan)
  const targets = targetWords(plan, layout)
  const gathers = trains && (batch < plan.rows || chunks > 1)
  const layerStride = Math.ceil((LAYER_WORDS * 4) / alignment) * alignment
  const stepStride = Math.ceil((STEP_WORDS * 4) / alignment) * alignment
  const uniform = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
  const rowsOf = (name: string, rows: number): SetBuffers => ({
    x: set.storage(`${name} inputs`, rows * layout.inputs),
    y: set.storage(`${name} targets`, rows * targets),
    weights: set.storage(`${name} weights`, rows),
  })
  const training = trains ? rowsOf('the training set', plan.rows) : undefined
  return {
    layerStride,
    stepStride,
    layerUniforms: set.create('layer records', (2 * layout.layers.length + chunks) * layerStride, uniform),
    stepUniforms: set.create('step records', (RING + 1 + chunks) * stepStride, uniform),
    models: set.storage('model records', models * 4),
    parameters: set.storage('the parameters', models * layout.parameters),
    knots: set.storage('the knots', models * layout.knots),
    pieces: set.storage('the local polynomials', models * piecesLayout(layout).size),
    mask: set.storage('the masks', models * layout.edges),
    basis: layout.layers.map(({ inputs, degree }) =>
      set.storage('the basis values of a layer', models * batch * inputs * (2 + 2 * (degree + 1))),
    ),
    places: layout.layers.map(({ inputs }) =>
      set.storage('the basis places of a layer', models * batch * inputs),
    ),
    sums: layout.layers.map(({ outputs }) => set.storage('the sums of a layer', models * batch * outputs)),
    inbox: set.storage('the input rows of a batch', batch * layout.inputs),
    training,
    validation: plan.validationRows > 0 ? rowsOf('the validation set', plan.validationRows) : training,
    gathered: gathers
      ? {
          y: set.storage('the targets of a batch', batch * targets),
          weights: set.storage('the weights of a batch', batch),
        }
      : undefined,
    backward: trains ? createTrainingBuffers(set, plan, layout, chunks) : undefined,
  }
}

function createTrainingBuffers(set: BufferSet, plan: Plan, layout: Layout, chunks: number): TrainingBuffers {
  const { models, batch } = plan
  const { layers } = layout
  const parameters = models * layout.parameters
  const widest = layers.reduce((most, layer) => Math.max(most, layer.inputs, layer.outputs), 0)
  const largestPartial = layers.reduce((most, layer) => {
    const sums = (layer.bases + 1) * layer.inputs * layer.outputs
    return Math.max(most, models * coefSlices(plan, layer).count * sums)
  }, 0)
  return {
    gradient: set.storage('the gradient', parameters),
    moments: set.storage("Adam's moments", 2 * parameters),
    bestParameters: set.storage('the best parameters', parameters),
    best: set.storage('the best losses', models * BEST_WORDS),
    normaliser: set.storage('the weight sums', models),
    losses: set.storage('the loss ring', RING * models),
    evaluations: set.storage('the evaluation ring', RING * models),
    partialLosses: set.storage('partial losses', 2 * models * chunks * Math.ceil(batch / WIDTH)),
    partialGradients: set.storage('partial gradients', largestPartial),
    outward: [
      set.storage('node gradients of even boundaries', models * batch * widest),
      set.storage('node gradients of odd boundaries', models * batch * widest),
    ],
    staging: set.create(
      'the read-back',
      4 * models * (2 * RING + BEST_WORDS),
      GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    ),
  }
}
