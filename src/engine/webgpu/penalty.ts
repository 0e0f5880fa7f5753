import type { Layout } from '../../model/shape.ts'
import type { PenaltyPlan, Plan } from '../engine.ts'
import { WIDTH } from './buffers.ts'
import type { SessionBuffers, SetBuffers, TrainingBuffers } from './buffers.ts'
import { coefTile, SORT_ROWS } from './coefficients.ts'
import type { CoefCut } from './coefficients.ts'
import { kernels } from './kernels.ts'
import { itemCount, METRICS } from './penaltybuffers.ts'
import type { PenaltyBuffers } from './penaltybuffers.ts'
import type { Prelude } from './pipelines.ts'
import { inputsOf } from './products.ts'
import { folded, MOST_WORKGROUPS } from './recording.ts'
import type { Recording } from './recording.ts'

/** Invocations of the one workgroup a model that settles a layer: the most that every device has. */
const SETTLE_WIDTH = 256

/** The penalty's dispatches. A float of a prelude is text, as WGSL needs a point or an exponent. */
export class PenaltyPasses {
  readonly #plan: Plan
  readonly #layout: Layout
  readonly #penalty: PenaltyPlan
  readonly #session: SessionBuffers
  readonly #buffers: PenaltyBuffers
  readonly #metric: number

  constructor(
    plan: Plan,
    layout: Layout,
    penalty: PenaltyPlan,
    session: SessionBuffers,
    buffers: PenaltyBuffers,
  ) {
    this.#plan = plan
    this.#layout = layout
    this.#penalty = penalty
    this.#session = session
    this.#buffers = buffers
    this.#metric = METRICS[penalty.metric]
  }

  get #looksAtEdges(): boolean {
    return this.#penalty.l1 > 0 || this.#penalty.entropy > 0
  }

  /** METRIC, and the constants of kernels that evaluate splines of layer l. */
  #spline(l: number): Prelude {
    const { degree } = this.#layout.layers[l]!
    return { DEGREE: degree, ORDER: degree + 1, METRIC: this.#metric }
  }

  /** Moments of every layer over rows that went forward; `chunkSlot` is the step slot of an evaluation's chunk, if it has several. */
  norms(
    recording: Recording,
    slots: readonly number[],
    { x, weights }: SetBuffers,
    chunkSlot?: number,
  ): void {
    const { parameters, mask, basis, places } = this.#session
    this.#layout.layers.forEach((layer, l) => {
      recording.add(
        kernels.edgeNorms,
        { WIDTH, ...this.#spline(l), CHUNKED: chunkSlot === undefined ? 0 : 1 },
        [
          parameters,
          mask,
          basis[l]!,
          places[l]!,
          inputsOf(this.#session, l, x),
          weights,
          this.#buffers.norms[l]!,
        ],
        { layer: slots[l]!, step: chunkSlot },
        folded(itemCount(this.#penalty, layer), 1, this.#plan.models),
      )
    })
  }

  /** Factors of every layer, and the penalty into the partial losses; before reduce_loss. */
  settle(recording: Recording, training: TrainingBuffers, slots: readonly number[]): void {
    const { l1, entropy, coef, coefdiff } = this.#penalty
    const { norms, edges, nodes } = this.#buffers
    const { parameters, mask } = this.#session
    this.#layout.layers.forEach((_, l) => {
      recording.add(
        kernels.penalty,
        {
          WIDTH: SETTLE_WIDTH,
          LOSS_WIDTH: WIDTH,
          METRIC: this.#metric,
          L1: l1.toExponential(),
          ENTROPY: entropy.toExponential(),
          COEF: coef.toExponential(),
          COEFDIFF: coefdiff.toExponential(),
        },
        [norms[l]!, parameters, mask, edges[l]!, nodes[l]!, training.partialLosses],
        { layer: slots[l]! },
        [1, 1, this.#plan.models],
      )
    })
  }

  /** After backward_coef, before reduce_gradient: the penalty's share of layer l's partial gradients, cut as those are. */
  coef(
    recording: Recording,
    training: TrainingBuffers,
    slot: number,
    l: number,
    { weights }: SetBuffers,
    cut: CoefCut,
  ): void {
    if (!this.#looksAtEdges) return
    const layer = this.#layout.layers[l]!
    const edges = layer.inputs * layer.outputs
    const { parameters, basis, places } = this.#session
    const { models } = this.#plan
    const { sorted, partialGradients } = training
    if (cut.sorted && sorted) {
      recording.add(
        kernels.penaltyCoefSorted,
        { WIDTH, ...this.#spline(l), BLOCK: SORT_ROWS, AHEAD: 4 },
        [parameters, this.#buffers.edges[l]!, basis[l]!, sorted.order, weights, partialGradients],
        { layer: slot },
        [Math.min(MOST_WORKGROUPS, Math.ceil(edges / WIDTH)), cut.blocks * cut.slices.count, models],
      )
      return
    }
    const { tile, width } = coefTile(layer)
    recording.add(
      kernels.penaltyCoef,
      { WIDTH: width, ...this.#spline(l), TILE: tile },
      [parameters, this.#buffers.edges[l]!, basis[l]!, places[l]!, weights, partialGradients],
      { layer: slot },
      [
        Math.min(MOST_WORKGROUPS, Math.ceil(edges / width)),
        cut.slices.count * Math.ceil(layer.bases / tile),
        models,
      ],
    )
  }

  /** After all other gradients of layer l: those of the coefficients' own sizes and differences. */
  size(recording: Recording, training: TrainingBuffers, slot: number, l: number): void {
    const { coef, coefdiff } = this.#penalty
    if (!this.#plan.trainable.coef || (coef === 0 && coefdiff === 0)) return
    const { inputs, outputs, bases } = this.#layout.layers[l]!
    recording.add(
      kernels.penaltySize,
      { WIDTH, COEF: coef.toExponential(), COEFDIFF: coefdiff.toExponential() },
      [this.#session.parameters, training.normaliser, training.gradient],
      { layer: slot },
      folded(inputs * outputs * bases, WIDTH, this.#plan.models),
    )
  }

  /** After backward_input of layer l: the penalty's share of the gradient by the layer's inputs. */
  input(recording: Recording, slot: number, l: number, { x, weights }: SetBuffers, inward: GPUBuffer): void {
    if (!this.#looksAtEdges) return
    const { parameters, basis, places } = this.#session
    recording.add(
      kernels.penaltyInput,
      { WIDTH, ...this.#spline(l) },
      [
        parameters,
        this.#buffers.edges[l]!,
        basis[l]!,
        places[l]!,
        inputsOf(this.#session, l, x),
        weights,
        inward,
      ],
      { layer: slot },
      folded(this.#plan.batch * this.#layout.layers[l]!.inputs, WIDTH, this.#plan.models),
    )
  }
}
