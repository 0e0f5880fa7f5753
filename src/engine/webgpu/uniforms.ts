import type { LayerLayout, Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { batchSize, batchStart, epochOf, firstCorrection, rateFactor, secondCorrection } from '../schedule.ts'
import { shuffleKey } from '../shuffle.ts'
import type { ShuffleKey } from '../shuffle.ts'
import { gpuOptimizer } from './optimizer.ts'
import type { PiecesLayout } from './pieces.ts'

/** Words of the structs Layer and Step in shaders/common.wgsl. */
export const LAYER_WORDS = 26
export const STEP_WORDS = 16
const NONE = 0xffffffff

/** Rows that go through the network together, and how their loss and gradients are summed. */
export interface PassShape {
  readonly rows: number
  /** Partial loss sums a model, and where this chunk's begin. */
  readonly partials: number
  readonly chunk: number
  /** Whether every model has rows of its own: then inputs, targets and weights are [M][rows][...]. */
  readonly own: boolean
}

/** How the batch is cut for a layer's coefficient gradient. */
export interface Slices {
  readonly count: number
  readonly rows: number
}

/** One Layer struct. */
export function layerWords(
  layout: Layout,
  pieces: PiecesLayout,
  l: number,
  pass: PassShape,
  slices: Slices,
): Uint32Array<ArrayBuffer> {
  const layer = layout.layers[l]!
  const previous: LayerLayout | undefined = layout.layers[l - 1]
  // Nodes of a layer with products come with their affine map.
  const summed = previous?.products ? undefined : previous
  return Uint32Array.of(
    pass.rows,
    layer.inputs,
    layer.outputs,
    layer.bases,
    layer.knotsPerInput,
    previous || pass.own ? pass.rows * layer.inputs : 0,
    layout.parameters,
    layout.knots,
    pieces.size,
    layout.edges,
    layer.coef,
    layer.scaleBase,
    layer.scaleSpline,
    layer.nodeScale,
    layer.nodeBias,
    layer.knots,
    pieces.offsets[l]!,
    layer.edges,
    summed?.nodeScale ?? NONE,
    summed?.nodeBias ?? NONE,
    slices.count,
    slices.rows,
    pass.partials,
    pass.chunk,
    pass.own ? pass.rows : 0,
    layer.nodes,
  )
}

/** One Step struct, as two views of the same words. */
export class StepWords {
  readonly bytes: ArrayBuffer
  readonly #words: Uint32Array
  readonly #floats: Float32Array
  readonly #strideWords: number
  #epoch: { readonly number: number; readonly key: ShuffleKey } | undefined

  /** `count` structs, `stride` bytes apart. */
  constructor(count: number, stride: number) {
    this.bytes = new ArrayBuffer(count * stride)
    this.#words = new Uint32Array(this.bytes)
    this.#floats = new Float32Array(this.bytes)
    this.#strideWords = stride / 4
  }

  /** A training step, counted from 0, whose losses go to `slot` and `evaluation` of the rings. */
  writeStep(index: number, plan: Plan, step: number, slot: number, evaluation: number): void {
    const optimizer = gpuOptimizer(plan)
    const at = index * this.#strideWords
    const words = this.#words
    words[at] = slot
    words[at + 1] = step + 1
    words[at + 2] = evaluation
    words[at + 3] = batchStart(plan, step)
    words[at + 4] = batchSize(plan, step)
    words[at + 5] = plan.rows
    words[at + 6] = 0
    words[at + 7] = plan.patience
    if (plan.batch < plan.rows) {
      const key = this.#keyOf(plan, epochOf(plan, step))
      words[at + 6] = key.halfBits
      words.set(key.rounds, at + 8)
    }
    if (optimizer.kind !== 'adam') return
    this.#floats[at + 12] = firstCorrection(optimizer, step)
    this.#floats[at + 13] = secondCorrection(optimizer, step)
    this.#floats[at + 14] = rateFactor(optimizer, step)
  }

  /** Steps from the one at `index` on that one dispatch takes. */
  writeCount(index: number, count: number): void {
    this.#words[index * this.#strideWords + 15] = count
  }

  /**
   * Ticks of L-BFGS: from `done` iterations of every model on, up to `target` of them. Losses are those of the models' own
   * iterations, so that one record serves every tick of a run.
   */
  writeTicks(plan: Plan, done: number, target: number): void {
    const words = this.#words
    words.fill(0, 0, STEP_WORDS)
    words[1] = target
    words[3] = done
    words[4] = plan.rows
    words[5] = plan.rows
    words[7] = plan.patience
  }

  /** The shuffle's key of an epoch; made once for all its steps. */
  #keyOf(plan: Plan, epoch: number): ShuffleKey {
    if (this.#epoch?.number !== epoch)
      this.#epoch = { number: epoch, key: shuffleKey(plan.seed, epoch, plan.rows) }
    return this.#epoch.key
  }

  /** Rows start .. start + size of a set of `sourceRows`, in order, outside training. */
  writeRange(index: number, start: number, size: number, sourceRows: number): void {
    const at = index * this.#strideWords
    this.#words.fill(0, at, at + STEP_WORDS)
    this.#words[at + 3] = start
    this.#words[at + 4] = size
    this.#words[at + 5] = sourceRows
  }
}
