import type { Recording } from './recording.ts'

/** A step's cost beside a forward pass of the same rows: the way back is about twice the way there. */
export const BACK_AND_FORTH = 3

/**
 * Replays recordings in submissions of bounded length: a GPU serves one submission after another, and a page's own drawing
 * waits behind a long one. Length is counted in rows that pass through the network forward, which is what the time goes with.
 */
export class Submissions {
  readonly #device: GPUDevice
  readonly #shared: GPUBindGroup
  readonly #limit: number
  #rows = 0
  #encoder: GPUCommandEncoder | undefined
  #pass: GPUComputePassEncoder | undefined

  /** @param limit rows a submission; one recording may exceed it, and then has a submission of its own. */
  constructor(device: GPUDevice, shared: GPUBindGroup, limit: number) {
    this.#device = device
    this.#shared = shared
    this.#limit = limit
  }

  add(recording: Recording, rows: number, stepOffset: number): void {
    if (this.#rows > 0 && this.#rows + rows > this.#limit) this.submit()
    this.#encoder ??= this.#device.createCommandEncoder()
    this.#pass ??= this.#encoder.beginComputePass()
    recording.replay(this.#pass, this.#shared, stepOffset)
    this.#rows += rows
  }

  /** Submits what was added since the last time. */
  submit(): void {
    if (!this.#encoder || !this.#pass) return
    this.#pass.end()
    this.#device.queue.submit([this.#encoder.finish()])
    this.#encoder = undefined
    this.#pass = undefined
    this.#rows = 0
  }
}
