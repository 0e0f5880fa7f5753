import type { Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { WIDTH } from './buffers.ts'
import type { SessionBuffers } from './buffers.ts'
import { coefCut } from './coefficients.ts'
import { piecesLayout } from './pieces.ts'
import { layerWords } from './uniforms.ts'
import type { PassShape } from './uniforms.ts'
import type { Variants } from './variants.ts'

/** Fills the layer records of a session, one after another, as passes ask for them. */
export class LayerSlots {
  readonly #queue: GPUQueue
  readonly #plan: Plan
  readonly #layout: Layout
  readonly #buffers: SessionBuffers
  readonly #variants: Variants
  #count = 0

  constructor(queue: GPUQueue, plan: Plan, layout: Layout, buffers: SessionBuffers, variants: Variants) {
    this.#queue = queue
    this.#plan = plan
    this.#layout = layout
    this.#buffers = buffers
    this.#variants = variants
  }

  /** A record of layer l in a pass: its offset in bytes. */
  layer(l: number, pass: PassShape): number {
    const { layerUniforms, layerStride } = this.#buffers
    const layout = this.#layout
    const offset = this.#count++ * layerStride
    const variant = this.#variants.layers[l]!.backward_coef
    const { slices } = coefCut(this.#plan, layout, layout.layers[l]!, variant)
    const words = layerWords(layout, piecesLayout(layout), l, pass, slices)
    this.#queue.writeBuffer(layerUniforms, offset, words)
    return offset
  }

  /**
   * A record a layer, for rows that go through the network together; `chunks` such passes add up to one loss.
   * @param own whether the rows are each model's own
   */
  pass(rows: number, chunks = 1, own = false): number[] {
    const shape = { rows, partials: chunks * Math.ceil(rows / WIDTH), chunk: 0, own }
    return this.#layout.layers.map((_, l) => this.layer(l, shape))
  }
}
