/** The microbenchmarks as dispatches that bench/replay.ts can time. */
import type { TapedCommand } from '../tape.ts'

/** Where shaders of the benchmark's own run; close it. */
export class Limits {
  readonly device: GPUDevice
  readonly #buffers: GPUBuffer[] = []

  constructor(device: GPUDevice) {
    this.device = device
  }

  /** A storage buffer with these first words, or with zeros. */
  buffer(bytes: number, contents?: Float32Array<ArrayBuffer>): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
    const buffer = this.device.createBuffer({ size: bytes, usage })
    this.#buffers.push(buffer)
    if (contents) this.device.queue.writeBuffer(buffer, 0, contents)
    return buffer
  }

  /** A dispatch of `code` over `buffers`, with `constants` in front: text, as in the engine's own kernels. */
  async command(
    code: string,
    constants: Readonly<Record<string, string>>,
    buffers: readonly GPUBuffer[],
    threads: number,
    entryPoint = 'main',
  ): Promise<TapedCommand> {
    const prelude = Object.entries(constants).map(([name, value]) =>
      name === 'VALUE' ? `alias ${name} = ${value};` : `const ${name} = ${value}u;`,
    )
    const module = this.device.createShaderModule({ code: `${prelude.join('\n')}\n${code}` })
    const pipeline = await this.device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module, entryPoint },
    })
    const groups =
      buffers.length > 0 ? [{ index: 0, group: this.#group(pipeline, buffers), offsets: [] }] : []
    return { kernel: entryPoint, pipeline, groups, workgroups: folded(Math.ceil(threads / 256)) }
  }

  close(): void {
    for (const buffer of this.#buffers) buffer.destroy()
  }

  #group(pipeline: GPUComputePipeline, buffers: readonly GPUBuffer[]): GPUBindGroup {
    return this.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    })
  }
}

/** Workgroups in two dimensions: the first takes at most 65535. */
function folded(groups: number): readonly [number, number, number] {
  const y = Math.ceil(groups / 65535)
  return [Math.ceil(groups / y), y, 1]
}
