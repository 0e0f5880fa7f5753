/** Layers that multiply: between their sums and the next layer's inputs, and on the way back. */
import type { Layout } from '../../model/shape.ts'
import { WIDTH } from './buffers.ts'
import type { SessionBuffers, TrainingBuffers } from './buffers.ts'
import { kernels } from './kernels.ts'
import type { Passes } from './passes.ts'
import { firstOutputs } from './productbuffers.ts'
import { folded } from './recording.ts'
import type { Recording } from './recording.ts'

/** Says which outputs make which node, once for a session. */
export function writeFactors(queue: GPUQueue, { layers }: Layout, { products }: SessionBuffers): void {
  layers.forEach((layer, l) => {
    const own = products[l]
    if (own) queue.writeBuffer(own.first, 0, firstOutputs(layer))
  })
}

/** What layer l gets for its inputs: the network's, x; or the sums of the layer before, without their affine map; or its nodes. */
export function inputsOf({ products, sums }: SessionBuffers, l: number, x: GPUBuffer): GPUBuffer {
  return l === 0 ? x : (products[l - 1]?.nodes ?? sums[l - 1]!)
}

/** The gradient by the nodes after layer l. */
export function nodeGradients({ outward }: TrainingBuffers, l: number): GPUBuffer {
  return outward[(l + 1) % 2]!
}

/** The gradient by the outputs of layer l, after recordBackwardProducts. */
export function outputGradients(passes: Passes, training: TrainingBuffers, l: number): GPUBuffer {
  return passes.layout.layers[l]!.products && training.factors ? training.factors : nodeGradients(training, l)
}

/** The nodes of layer l from its sums; nothing for a layer that only sums. */
export function recordProducts(
  passes: Passes,
  recording: Recording,
  slot: number,
  l: number,
  rows: number,
): void {
  const { layout, buffers, models } = passes
  const products = buffers.products[l]
  if (!products) return
  recording.add(
    kernels.products,
    { WIDTH },
    [buffers.parameters, buffers.sums[l]!, products.first, products.nodes],
    { layer: slot },
    folded(rows * layout.layers[l]!.nodes, WIDTH, models),
  )
}

/** The gradient by the outputs of layer l from that by its nodes; nothing for a layer that only sums. */
export function recordBackwardProducts(
  passes: Passes,
  recording: Recording,
  training: TrainingBuffers,
  slot: number,
  l: number,
): void {
  const { layout, buffers, models, plan } = passes
  const products = buffers.products[l]
  if (!products || !training.factors) return
  recording.add(
    kernels.backwardProducts,
    { WIDTH },
    [buffers.parameters, buffers.sums[l]!, products.first, nodeGradients(training, l), training.factors],
    { layer: slot },
    folded(plan.batch * layout.layers[l]!.nodes, WIDTH, models),
  )
}
