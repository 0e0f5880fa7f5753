import { ConfigError } from '../../errors.ts'
import type { LayerLayout, Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { LBFGS_HISTORY } from '../memory.ts'
import { rowSets } from '../rowsets.ts'
import { coefCut } from './coefficients.ts'
import type { CoefCut } from './coefficients.ts'
import type { BufferAllocator } from './memory.ts'
import { createPenaltyBuffers } from './penaltybuffers.ts'
import type { PenaltyBuffers } from './penaltybuffers.ts'
import { piecesLayout } from './pieces.ts'
import { createProductBuffers, widestProducts } from './productbuffers.ts'
import type { ProductBuffers } from './productbuffers.ts'
import { MOST_WORKGROUPS } from './recording.ts'
import { createSymbolicBuffers } from './symbolicbuffers.ts'
import type { SymbolicBuffers } from './symbolicbuffers.ts'
import { LAYER_WORDS, STEP_WORDS } from './uniforms.ts'
import type { Variants } from './variants.ts'

/** Invocations a workgroup, everywhere but in backward_coef (see coefTile in coefficients.ts). */
export const WIDTH = 64
/** Steps between two read-backs at most: the length of the loss rings. */
export const RING = 1024
/** Words of the struct Best in shaders/common.wgsl. */
export const BEST_WORDS = 6
/** Words of the struct Lbfgs, and vectors of a model's memory, in shaders/lbfgs_state.wgsl. */
export const LBFGS_STATE_WORDS = 22 + LBFGS_HISTORY
export const LBFGS_MEMORY = 2 * LBFGS_HISTORY + 3

/** Rows of a set, on the device. */
export interface SetBuffers<B = GPUBuffer> {
  readonly x: B
  readonly y: B
  readonly weights: B
}

/** Target words a row: the outputs, or one class. */
export function targetWords(plan: Plan, layout: Layout): number {
  return plan.loss === 'cross-entropy' ? 1 : layout.outputs
}

/**
 * Rows that look at a network (evaluations, predictions, statistics) go through it at least so many at a time, where there are
 * so many.
 */
const LOOKING_ROWS = 1024

/** Rows that activations are held for: a batch, or more where small batches would make every look at the data slow. */
export function passCapacity(plan: Plan): number {
  return Math.max(plan.batch, Math.min(LOOKING_ROWS, Math.max(plan.rows, plan.validationRows)))
}

/** Rows that evaluations look at. */
export function evaluationRows(plan: Plan): number {
  return plan.validationRows || plan.rows
}

/** Passes that an evaluation takes; 1 when its rows fit one. */
export function evaluationChunks(plan: Plan): number {
  return Math.max(1, Math.ceil(evaluationRows(plan) / passCapacity(plan)))
}

/** Refuses what a dispatch cannot count. Throws ConfigError. */
export function checkDispatch(plan: Plan): void {
  const rows = MOST_WORKGROUPS * WIDTH
  if (plan.batch > rows)
    throw new ConfigError(
      `batch is ${plan.batch}; a GPU takes at most ${rows} rows a step. Use a smaller batch.`,
    )
  if (plan.models > MOST_WORKGROUPS)
    throw new ConfigError(
      `models is ${plan.models}; the limit is ${MOST_WORKGROUPS}. Use fewer seeds at once.`,
    )
}

/** What L-BFGS needs beside parameters and gradient: shaders/lbfgs_state.wgsl. */
export interface LbfgsBuffers<B = GPUBuffer> {
  /** [M][MEMORY][P], [M] states. */
  readonly memory: B
  readonly states: B
  /** [M]: loss at the trial points, and of an evaluation's rows. */
  readonly objective: B
  readonly evaluated: B
}

/** What shaders/sort_rows.wgsl writes of a layer: each layer in turn. */
export interface SortedBuffers<B = GPUBuffer> {
  /** [M][inputs][B], [M][inputs][blocks][G + 1]. */
  readonly order: B
  readonly starts: B
}

/** What a session that trains has beside what every session has. */
export interface TrainingBuffers<B = GPUBuffer> {
  readonly gradient: B
  /** What the optimizer remembers: Adam's moments, or see LbfgsBuffers. */
  readonly moments: B | undefined
  readonly lbfgs: LbfgsBuffers<B> | undefined
  /** [P]: 1 for a trainable parameter, else 0; only where weights decay. */
  readonly trained: B | undefined
  readonly bestParameters: B
  readonly best: B
  readonly normaliser: B
  readonly losses: B
  readonly evaluations: B
  readonly partialLosses: B
  readonly partialGradients: B
  readonly sorted: SortedBuffers<B> | undefined
  /** Gradients by the nodes of boundary l are in outward[l % 2]: a layer reads one and writes the other. */
  readonly outward: readonly [B, B]
  /** Gradients by the outputs of a layer with products, each in turn. */
  readonly factors: B | undefined
  readonly staging: B
}

/** Every buffer of a session. Layouts: shaders/common.wgsl. */
export interface SessionBuffers<B = GPUBuffer> {
  /** Bytes from one record to the next in the uniform buffers. */
  readonly layerStride: number
  readonly stepStride: number
  readonly layerUniforms: B
  readonly stepUniforms: B
  readonly models: B
  readonly parameters: B
  readonly knots: B
  readonly pieces: B
  readonly mask: B
  /** One a layer. */
  readonly basis: readonly B[]
  readonly places: readonly B[]
  readonly sums: readonly B[]
  readonly products: readonly (ProductBuffers<B> | undefined)[]
  readonly symbolic: readonly (SymbolicBuffers<B> | undefined)[]
  readonly inbox: B
  readonly training: SetBuffers<B> | undefined
  /** The rows that evaluations look at: the training set's where there is no validation set. */
  readonly validation: SetBuffers<B> | undefined
  /** Where a gathered batch goes, beside the inbox; absent when every pass reads a whole set. */
  readonly gathered: Omit<SetBuffers<B>, 'x'> | undefined
  readonly backward: TrainingBuffers<B> | undefined
  readonly penalty: PenaltyBuffers<B> | undefined
}

/**
 * Allocates every buffer of a session, before the first step. Activations are held for one batch; validation rows and
 * predictions go through the same ones.
 */
export function createBuffers<B>(
  set: BufferAllocator<B>,
  plan: Plan,
  layout: Layout,
  variants: Variants,
  alignment: number,
): SessionBuffers<B> {
  const { models } = plan
  const capacity = passCapacity(plan)
  const trains = plan.rows > 0
  const chunks = evaluationChunks(plan)
  const targets = targetWords(plan, layout)
  const sets = rowSets(plan)
  const gathers = trains && (plan.batch < plan.rows || chunks > 1)
  const layerStride = Math.ceil((LAYER_WORDS * 4) / alignment) * alignment
  const stepStride = Math.ceil((STEP_WORDS * 4) / alignment) * alignment
  const uniform = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
  const rowsOf = (name: string, rows: number): SetBuffers<B> => ({
    x: set.storage(`${name} inputs`, sets * rows * layout.inputs),
    y: set.storage(`${name} targets`, sets * rows * targets),
    weights: set.storage(`${name} weights`, sets * rows),
  })
  const training = trains ? rowsOf('the training set', plan.rows) : undefined
  return {
    layerStride,
    stepStride,
    layerUniforms: set.create('layer records', (3 * layout.layers.length + chunks) * layerStride, uniform),
    stepUniforms: set.create(
      'step records',
      (RING + 1 + chunks) * stepStride,
      uniform | GPUBufferUsage.STORAGE,
    ),
    models: set.storage('model records', models * 4),
    parameters: set.storage('the parameters', models * layout.parameters),
    knots: set.storage('the knots', models * layout.knots),
    pieces: set.storage('the local polynomials', models * piecesLayout(layout).size),
    mask: set.storage('the masks', models * layout.edges),
    basis: layout.layers.map(({ inputs, degree }) =>
      set.storage('the basis values of a layer', models * capacity * inputs * (2 + 2 * (degree + 1))),
    ),
    places: layout.layers.map(({ inputs }) =>
      set.storage('the basis places of a layer', models * capacity * inputs),
    ),
    sums: layout.layers.map(({ outputs }) => set.storage('the sums of a layer', models * capacity * outputs)),
    products: createProductBuffers(set, layout, models * capacity),
    symbolic: createSymbolicBuffers(set, layout),
    inbox: set.storage('the input rows of a batch', sets * capacity * layout.inputs),
    training,
    validation: plan.validationRows > 0 ? rowsOf('the validation set', plan.validationRows) : training,
    gathered: gathers
      ? {
          y: set.storage('the targets of a batch', sets * capacity * targets),
          weights: set.storage('the weights of a batch', sets * capacity),
        }
      : undefined,
    backward: trains ? createTrainingBuffers(set, plan, layout, variants, chunks) : undefined,
    penalty:
      trains && plan.penalty ? createPenaltyBuffers(set, plan.penalty, layout, models, chunks) : undefined,
  }
}

/** Whether the plan's optimizer shrinks weights. */
function decays({ optimizer }: Plan): boolean {
  return optimizer.kind === 'adam' && (optimizer.weightDecay ?? 0) > 0
}

function createTrainingBuffers<B>(
  set: BufferAllocator<B>,
  plan: Plan,
  layout: Layout,
  variants: Variants,
  chunks: number,
): TrainingBuffers<B> {
  const { models } = plan
  const capacity = passCapacity(plan)
  const { layers } = layout
  const parameters = models * layout.parameters
  const widest = layers.reduce((most, layer) => Math.max(most, layer.inputs, layer.outputs), 0)
  const factors = widestProducts(layout)
  const largest = (words: (cut: CoefCut, layer: LayerLayout) => number): number =>
    layers.reduce((most, layer, l) => {
      const variant = variants.layers[l]!.backward_coef
      return Math.max(most, words(coefCut(plan, layout, layer, variant), layer))
    }, 0)
  const sorts = variants.layers.some(layer => layer.backward_coef !== 'columns')
  return {
    gradient: set.storage('the gradient', parameters),
    moments: plan.optimizer.kind === 'adam' ? set.storage("Adam's moments", 2 * parameters) : undefined,
    lbfgs:
      plan.optimizer.kind === 'lbfgs'
        ? {
            memory: set.storage('the memory of L-BFGS', LBFGS_MEMORY * parameters),
            states: set.storage('the states of L-BFGS', models * LBFGS_STATE_WORDS),
            objective: set.storage('trial losses', models),
            evaluated: set.storage('evaluated losses', models),
          }
        : undefined,
    trained: decays(plan) ? set.storage('the trainable parameters', layout.parameters) : undefined,
    bestParameters: set.storage('the best parameters', parameters),
    best: set.storage('the best losses', models * BEST_WORDS),
    normaliser: set.storage('the weight sums', models),
    losses: set.storage('the loss ring', RING * models),
    evaluations: set.storage('the evaluation ring', RING * models),
    partialLosses: set.storage('partial losses', 2 * models * chunks * Math.ceil(capacity / WIDTH)),
    partialGradients: set.storage('partial gradients', models * largest(({ partials }) => partials)),
    sorted: sorts
      ? {
          order: set.storage(
            'the sorted rows',
            models * plan.batch * largest(({ sorted }, { inputs }) => (sorted ? inputs : 0)),
          ),
          starts: set.storage(
            'the starts of places',
            models *
              largest(({ sorted, blocks }, { inputs, intervals }) =>
                sorted ? inputs * blocks * (intervals + 1) : 0,
              ),
          ),
        }
      : undefined,
    outward: [
      set.storage('node gradients of even boundaries', models * capacity * widest),
      set.storage('node gradients of odd boundaries', models * capacity * widest),
    ],
    factors: factors > 0 ? set.storage('the gradients of factors', models * capacity * factors) : undefined,
    staging: set.create(
      'the read-back',
      4 * models * (2 * RING + BEST_WORDS + LBFGS_STATE_WORDS + 1),
      GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    ),
  }
}
