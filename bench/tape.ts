/**
 * Listens in on a device: which dispatches an engine records, so that the benchmark can replay them one by one. The engine
 * neither knows nor pays: it gets a proxy of the device, which costs nothing between two submissions unless the tape runs.
 */

/** A dispatch as the engine encoded it: everything that is needed to do it again while its session is open. */
export interface TapedCommand {
  /** The pipeline's label: the kernel's name. */
  readonly kernel: string
  readonly pipeline: GPUComputePipeline
  readonly groups: readonly {
    readonly index: number
    readonly group: GPUBindGroup
    readonly offsets: readonly number[]
  }[]
  readonly workgroups: readonly [number, number, number]
}

/** The object itself but for what `overrides` has. Methods of a native object work on the object alone, hence `bind`. */
export function overriding<T extends object>(original: T, overrides: Partial<T>): T {
  return new Proxy(original, {
    get(target, key) {
      if (key in overrides) return Reflect.get(overrides, key)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  })
}

export class Tape {
  #commands: TapedCommand[] = []
  #running = false

  /** What was dispatched while `work` was done. */
  async record(work: () => Promise<unknown>): Promise<readonly TapedCommand[]> {
    this.#commands = []
    this.#running = true
    try {
      await work()
    } finally {
      this.#running = false
    }
    return this.#commands
  }

  /** The device as the engine is to see it. */
  listen(device: GPUDevice): GPUDevice {
    return overriding(device, {
      createCommandEncoder: descriptor => {
        const encoder = device.createCommandEncoder(descriptor)
        return this.#running ? this.#listenToEncoder(encoder) : encoder
      },
    })
  }

  #listenToEncoder(encoder: GPUCommandEncoder): GPUCommandEncoder {
    return overriding(encoder, {
      beginComputePass: descriptor => this.#listenToPass(encoder.beginComputePass(descriptor)),
    })
  }

  #listenToPass(pass: GPUComputePassEncoder): GPUComputePassEncoder {
    let pipeline: GPUComputePipeline | undefined
    const groups = new Map<number, TapedCommand['groups'][number]>()
    const setBindGroup = (
      index: number,
      group: GPUBindGroup,
      offsets: Iterable<number> = [],
      start = 0,
      length?: number,
    ): undefined => {
      const all = [...offsets]
      // The engine fills one array anew for each dispatch: a copy of what is in it now.
      const own = all.slice(start, length === undefined ? undefined : start + length)
      groups.set(index, { index, group, offsets: own })
      pass.setBindGroup(index, group, own)
    }
    return overriding(pass, {
      setPipeline: next => {
        pipeline = next
        pass.setPipeline(next)
      },
      setBindGroup: setBindGroup as GPUComputePassEncoder['setBindGroup'],
      dispatchWorkgroups: (x, y = 1, z = 1) => {
        if (!pipeline) throw new Error('The engine dispatches without a pipeline.')
        this.#commands.push({
          kernel: pipeline.label || 'a kernel without a label',
          pipeline,
          groups: [...groups.values()],
          workgroups: [x, y, z],
        })
        pass.dispatchWorkgroups(x, y, z)
      },
      dispatchWorkgroupsIndirect: () => {
        throw new Error('The benchmark cannot replay dispatchWorkgroupsIndirect: teach bench/tape.ts.')
      },
    })
  }
}
