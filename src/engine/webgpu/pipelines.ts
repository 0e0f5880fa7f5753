import common from '../../../shaders/common.wgsl?raw'
import { UnsupportedError } from '../../errors.ts'
import type { Kernel } from './kernels.ts'

/**
 * Constants in front of a shader. They are text, not WGSL `override`s: an override cannot size a function-scope array. A
 * value given as text is a literal (floats must keep their point).
 */
export type Prelude = Readonly<Record<string, number | string>>

/** How a kernel's bindings are used, by letter (kernels.ts). */
const BINDING_TYPES: Readonly<Record<string, GPUBufferBindingType>> = {
  r: 'read-only-storage',
  w: 'storage',
  u: 'uniform',
}

/** A number as a literal of type float: WGSL needs a point or an exponent in it. */
export function float(value: number): string {
  return value.toExponential()
}

/** A condition as a constant: 1 where it holds. */
export function flag(on: boolean): number {
  return on ? 1 : 0
}

/** A kernel, compiled for one prelude. */
export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline
  /** Layout of the kernel's own bindings (group 1). */
  readonly layout: GPUBindGroupLayout
}

/** Compiles kernels once a (kernel, prelude), however many ask for it at the same time. */
export class Pipelines {
  /** Group 0 of every kernel: layer and step by dynamic offset, and one record a model. */
  readonly shared: GPUBindGroupLayout
  readonly #device: GPUDevice
  readonly #compiled = new Map<string, Promise<CompiledKernel>>()
  readonly #layouts = new Map<string, GPUBindGroupLayout>()

  constructor(device: GPUDevice) {
    this.#device = device
    this.shared = device.createBindGroupLayout({
      label: 'webkan shared',
      entries: [
        {
          binding: 0,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: 'uniform', hasDynamicOffset: true },
        },
        {
          binding: 1,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: 'uniform', hasDynamicOffset: true },
        },
        { binding: 2, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'read-only-storage' } },
      ],
    })
  }

  compile(kernel: Kernel, prelude: Prelude): Promise<CompiledKernel> {
    const constants = Object.entries(prelude).map(([name, value]) =>
      typeof value === 'number' ? `const ${name} = ${value}u;` : `const ${name} = ${value};`,
    )
    const key = `${kernel.name}\n${constants.join('\n')}`
    let compiled = this.#compiled.get(key)
    if (compiled === undefined) {
      compiled = this.#compile(kernel, constants.join('\n'))
      this.#compiled.set(key, compiled)
    }
    return compiled
  }

  async #compile(kernel: Kernel, constants: string): Promise<CompiledKernel> {
    const device = this.#device
    const layout = this.#layout(kernel.bindings)
    const module = device.createShaderModule({
      label: kernel.name,
      code: `${kernel.directives ?? ''}${constants}\n${common}\n${kernel.code}`,
    })
    try {
      const pipeline = await device.createComputePipelineAsync({
        label: kernel.name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [this.shared, layout] }),
        compute: { module, entryPoint: 'main' },
      })
      return { pipeline, layout }
    } catch (error) {
      const { messages } = await module.getCompilationInfo()
      const details = messages.map(m => `${m.lineNum}:${m.linePos} ${m.message}`).join('; ')
      throw new UnsupportedError(
        `This device refuses the shader '${kernel.name}': ${details || String(error)}. Use the CPU engine, and report it.`,
        { cause: error },
      )
    }
  }

  #layout(bindings: string): GPUBindGroupLayout {
    let layout = this.#layouts.get(bindings)
    if (layout === undefined) {
      layout = this.#device.createBindGroupLayout({
        label: `webkan ${bindings}`,
        entries: Array.from(bindings, (use, binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: BINDING_TYPES[use]! },
        })),
      })
      this.#layouts.set(bindings, layout)
    }
    return layout
  }
}
