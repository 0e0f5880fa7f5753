import type { Kernel } from './kernels.ts'
import type { CompiledKernel, Pipelines, Prelude } from './pipelines.ts'

/** One dispatch, ready to be replayed any number of times. */
interface Command {
  readonly compiled: CompiledKernel
  readonly group: GPUBindGroup
  readonly layerOffset: number
  /** A step slot of its own, or undefined for the slot of the step that replays it. */
  readonly stepOffset: number | undefined
  readonly x: number
  readonly y: number
  readonly z: number
}

/** Workgroups in each dimension. */
export type Workgroups = readonly [x: number, y: number, z: number]

/** Most workgroups a dispatch dimension (a default limit of WebGPU). */
export const MOST_WORKGROUPS = 65535

/** Workgroups for `threads` threads of `width` a group, folded into two dimensions, for each of `models` models. */
export function folded(threads: number, width: number, models: number): Workgroups {
  const groups = Math.ceil(threads / width)
  const x = Math.min(groups, MOST_WORKGROUPS)
  return [x, Math.ceil(groups / x), models]
}

/**
 * A list of dispatches. It is made once, with every pipeline and bind group, and then replayed: nothing is allocated or awaited
 * inside a step.
 */
export class Recording {
  readonly #device: GPUDevice
  readonly #pipelines: Pipelines
  readonly #commands: Promise<Command>[] = []
  /** Dynamic offsets of group 0, filled anew for each dispatch: a literal would be an allocation. */
  readonly #offsets = new Uint32Array(2)
  #ready: readonly Command[] = []

  constructor(device: GPUDevice, pipelines: Pipelines) {
    this.#device = device
    this.#pipelines = pipelines
  }

  add(
    kernel: Kernel,
    prelude: Prelude,
    buffers: readonly GPUBuffer[],
    offsets: { readonly layer: number; readonly step?: number | undefined },
    [x, y, z]: Workgroups,
  ): void {
    const command = this.#pipelines.compile(kernel, prelude).then(compiled => ({
      compiled,
      group: this.#device.createBindGroup({
        label: kernel.name,
        layout: compiled.layout,
        entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
      layerOffset: offsets.layer,
      stepOffset: offsets.step,
      x,
      y,
      z,
    }))
    this.#commands.push(command)
  }

  /** Waits for all pipelines. Call once, before the first replay. */
  async finish(): Promise<this> {
    this.#ready = await Promise.all(this.#commands)
    return this
  }

  replay(pass: GPUComputePassEncoder, shared: GPUBindGroup, stepOffset: number): void {
    for (const command of this.#ready) {
      pass.setPipeline(command.compiled.pipeline)
      this.#offsets[0] = command.layerOffset
      this.#offsets[1] = command.stepOffset ?? stepOffset
      pass.setBindGroup(0, shared, this.#offsets, 0, 2)
      pass.setBindGroup(1, command.group)
      pass.dispatchWorkgroups(command.x, command.y, command.z)
    }
  }
}
