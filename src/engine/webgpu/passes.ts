import type { Layout } from '../../model/shape.ts'
import { HUBER_DELTA } from '../engine.ts'
import type { AdamPlan, Plan } from '../engine.ts'
import { rowSets } from '../rowsets.ts'
import { targetWords, WIDTH } from './buffers.ts'
import type { SessionBuffers, SetBuffers, TrainingBuffers } from './buffers.ts'
import { recordCoefficients } from './coefpasses.ts'
import { kernels } from './kernels.ts'
import { recordBasis, recordForward, recordInward } from './layerpasses.ts'
import { PenaltyPasses } from './penalty.ts'
import { flag, float } from './pipelines.ts'
import type { Prelude } from './pipelines.ts'
import { nodeGradients, outputGradients, recordBackwardProducts, recordProducts } from './products.ts'
import { folded } from './recording.ts'
import type { Recording } from './recording.ts'
import { recordSymbolic } from './symbolic.ts'
import type { Variants } from './variants.ts'

/** Numbers of the losses in the shaders. */
export const LOSSES = { mse: 0, 'cross-entropy': 1, mae: 2, huber: 3 } as const

/** One workgroup adds a whole gradient: as many threads as a workgroup may have with default limits. */
const CLIP_WIDTH = 256

/** Adds the dispatches of each pass through the network to a recording: one method a pass, one `add` a kernel. */
export class Passes {
  readonly plan: Plan
  readonly layout: Layout
  readonly buffers: SessionBuffers
  readonly variants: Variants
  readonly models: number
  /** Index of the last layer. */
  readonly last: number
  /** Target words a row. */
  readonly targets: number
  readonly penalty: PenaltyPasses | undefined

  constructor(plan: Plan, layout: Layout, buffers: SessionBuffers, variants: Variants) {
    this.plan = plan
    this.layout = layout
    this.buffers = buffers
    this.variants = variants
    this.models = plan.models
    this.last = layout.layers.length - 1
    this.targets = targetWords(plan, layout)
    this.penalty =
      plan.penalty && buffers.penalty
        ? new PenaltyPasses(plan, layout, plan.penalty, buffers, buffers.penalty)
        : undefined
  }

  /** The constants of kernels that evaluate splines of layer l. */
  spline(l: number): Prelude {
    const { degree } = this.layout.layers[l]!
    return { DEGREE: degree, ORDER: degree + 1 }
  }

  /** Basis, forward, symbolic edges and products of every layer, from the rows of x. */
  forward(recording: Recording, slots: readonly number[], rows: number, x: GPUBuffer): void {
    this.layout.layers.forEach((_, l) => {
      recordBasis(this, recording, slots[l]!, l, rows, x)
      recordForward(this, recording, slots[l]!, l, rows)
      recordSymbolic(this, recording, slots[l]!, l, rows, x)
      recordProducts(this, recording, slots[l]!, l, rows)
    })
  }

  /** Copies `passed` rows of a set into the inbox and beside it, in the step's order. */
  gather(
    recording: Recording,
    slot: number,
    passed: number,
    source: SetBuffers,
    step: number | undefined,
  ): void {
    const { buffers, plan, layout, targets } = this
    const { inbox, gathered } = buffers
    if (gathered === undefined) return
    recording.add(
      kernels.gather,
      { WIDTH, TARGETS: targets },
      [source.x, source.y, source.weights, inbox, gathered.y, gathered.weights],
      { layer: slot, step },
      folded(passed * (layout.inputs + targets + 1), WIDTH, rowSets(plan)),
    )
  }

  /** The rows' losses and their gradient by the outputs. */
  loss(
    recording: Recording,
    training: TrainingBuffers,
    slot: number,
    rows: number,
    source: Omit<SetBuffers, 'x'>,
  ): void {
    const { buffers, plan, models, last } = this
    recording.add(
      kernels.loss,
      {
        WIDTH,
        LOSS: LOSSES[plan.loss],
        DELTA: float(plan.huberDelta ?? HUBER_DELTA),
        PRODUCTS: flag(buffers.products[last] !== undefined),
      },
      [
        buffers.parameters,
        buffers.products[last]?.nodes ?? buffers.sums[last]!,
        source.y,
        source.weights,
        nodeGradients(training, last),
        training.partialLosses,
      ],
      { layer: slot },
      [Math.ceil(rows / WIDTH), 1, models],
    )
  }

  /** The loss of a step, or of an evaluation with its verdict, into its ring or elsewhere. */
  reduceLoss(
    recording: Recording,
    training: TrainingBuffers,
    slot: number,
    to: { readonly evaluation: boolean; readonly ring: GPUBuffer; readonly step?: number | undefined },
  ): void {
    const { models } = this
    recording.add(
      kernels.reduceLoss[this.variants.session.reductions],
      { WIDTH, EVALUATION: flag(to.evaluation) },
      [training.partialLosses, training.normaliser, to.ring, training.best],
      { layer: slot, step: to.step },
      [1, 1, models],
    )
  }

  /** Adam's step, with what may be added to it before: clipping, then weight decay. */
  adam(
    recording: Recording,
    training: TrainingBuffers,
    moments: GPUBuffer,
    slot: number,
    adam: AdamPlan,
  ): void {
    const { buffers, layout, models } = this
    const { beta1, beta2, epsilon, weightDecay = 0, clip } = adam
    const layer = { layer: slot }
    const eachParameter = folded(layout.parameters, WIDTH, models)
    if (clip !== undefined)
      recording.add(
        kernels.clipGradient[this.variants.session.reductions],
        { WIDTH: CLIP_WIDTH, CLIP: float(clip) },
        [training.gradient],
        layer,
        [1, 1, models],
      )
    if (weightDecay > 0 && training.trained)
      recording.add(
        kernels.weightDecay,
        { WIDTH, WEIGHT_DECAY: float(weightDecay) },
        [training.trained, buffers.parameters, training.best],
        layer,
        eachParameter,
      )
    recording.add(
      kernels.adam,
      { WIDTH, BETA_1: float(beta1), BETA_2: float(beta2), EPSILON: float(epsilon) },
      [training.gradient, buffers.parameters, moments, training.best],
      layer,
      eachParameter,
    )
  }

  /** All gradients of a batch, the rows of `source`, from the outputs' down to the first layer, or on to the inputs. */
  backward(
    recording: Recording,
    training: TrainingBuffers,
    slots: readonly number[],
    toInputs: boolean,
    source: SetBuffers,
  ): void {
    const { buffers, plan, layout, models, last, penalty } = this
    const { trainable } = plan
    for (let l = last; l >= 0; l--) {
      const layer = layout.layers[l]!
      const edges = layer.inputs * layer.outputs
      const slot = { layer: slots[l]! }
      recordBackwardProducts(this, recording, training, slot.layer, l)
      recordCoefficients(this, recording, training, slot.layer, l, source)
      if (trainable.scaleSpline)
        recording.add(
          kernels.scaleSpline,
          { WIDTH, TRAIN_COEF: flag(trainable.coef) },
          [buffers.parameters, training.gradient],
          slot,
          folded(edges, WIDTH, models),
        )
      penalty?.size(recording, training, slot.layer, l)
      if (trainable.nodeScale || trainable.nodeBias)
        recording.add(
          kernels.backwardNode[this.variants.session.reductions],
          { WIDTH, TRAIN_NODE_SCALE: flag(trainable.nodeScale), TRAIN_NODE_BIAS: flag(trainable.nodeBias) },
          [buffers.sums[l]!, outputGradients(this, training, l), training.normaliser, training.gradient],
          slot,
          folded(layer.outputs, 1, models),
        )
      if (l > 0 || toInputs) {
        recordInward(this, recording, training, slot.layer, l)
        penalty?.input(recording, slot.layer, l, source, training.outward[l % 2]!)
      }
    }
  }
}
