import type { Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { coefSlices, WIDTH } from './buffers.ts'
import type { SessionBuffers } from './buffers.ts'
import { piecesLayout } from './pieces.ts'
import { layerWords } from './uniforms.ts'
import type { PassShape } from './uniforms.ts'

/** Fills the layer records of a session, one after another, as passes ask for them. */
export class LayerSlots {
  readonly #queue: GPUQueue
  readonly #plan: Plan
  readonly #layout: Layout
  readonly #buffers: SessionBuffers
  #count = 0

  constructor(queue: GPUQueue, plan: Plan, layout: Layout, buffers: SessionBuffers) {
    this.#queue = queue
    this.#plan = plan
    this.#layout = layout
    this.#buffers = buffers
  }

  /** A record of layer l in a pass: its offset in bytes. */
  layer(l: number, pass: PassShape): number {
    const { layerUniforms, layerStride } = this.#buffers
    const layout = this.#layout
    const offset = this.#count++ * layerStride
    const slices = coefSlices(this.#plan, layout.layers[l]!)
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
