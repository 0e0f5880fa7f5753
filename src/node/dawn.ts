/** WebGPU in Node itself: Dawn's binding, the npm package `webgpu`, an optional peer dependency. */
import { requestWebGpuEngine } from '../engine/webgpu/engine.ts'
import { describeAdapter } from './adapter.ts'
import type { AdapterDescription } from './adapter.ts'
import { firstLine, hostedEngine, refusal } from './attempt.ts'
import type { Attempt, SoftwareAdapters } from './attempt.ts'
import { mayHaveVulkan } from './vulkan.ts'

/** Milliseconds of GPU work a submission: there is no page to keep smooth. */
const submissionBudget = 100

/**
 * Dawn works only as long as something refers to its GPU object: collected earlier, promises stay pending or Node aborts;
 * kept for longer, Node does not end.
 */
const inUse = new Set<GPU>()

/** An engine on Dawn's adapter, or why not. */
export async function tryDawn(software: SoftwareAdapters): Promise<Attempt> {
  const created = await createGpu()
  if ('refused' in created) return created
  const { gpu } = created
  const release = (): void => void inUse.delete(gpu)
  inUse.add(gpu)
  try {
    const adapter = await describeAdapter(gpu)
    const reason = `${adapter?.software ? 'Software adapter' : 'Hardware GPU'} through Dawn (npm package webgpu).`
    const engine = await requestWebGpuEngine({ gpu, software, budget: submissionBudget, reason })
    if (engine) return { engine: hostedEngine(engine, reason, release) }
    release()
    return { refused: refusal(adapter) }
  } catch (error) {
    release()
    return { refused: firstLine(error) }
  }
}

/** Dawn's adapter, for a report; a phrase where there is none. */
export async function describeDawn(): Promise<AdapterDescription | string> {
  const created = await createGpu()
  if ('refused' in created) return created.refused
  const { gpu } = created
  inUse.add(gpu)
  try {
    return (await describeAdapter(gpu)) ?? refusal(undefined)
  } catch (error) {
    return firstLine(error)
  } finally {
    inUse.delete(gpu)
  }
}

/**
 * Dawn's GPU object, or why there is none. Keep hold of it for as long as anything of it is in use, and no longer (see inUse).
 * @param flags Dawn's own, such as 'enable-dawn-features=allow_unsafe_apis'
 */
export async function createGpu(
  flags: readonly string[] = [],
): Promise<{ readonly gpu: GPU } | { readonly refused: string }> {
  try {
    const { create, globals } = await import('webgpu')
    if (!mayHaveVulkan()) return { refused: 'no adapter, as libvulkan.so.1 is not installed' }
    defineConstants(globals)
    return { gpu: create([...flags]) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
      return { refused: 'the package webgpu is not installed' }
    return { refused: `the package webgpu does not load here: ${firstLine(error)}` }
  }
}

/** WebGPU's flag constants are globals in every browser; Dawn leaves it to its user to make them so. */
function defineConstants(globals: object): void {
  const values = new Map(Object.entries(globals))
  for (const name of ['GPUBufferUsage', 'GPUMapMode', 'GPUShaderStage']) {
    if (!(name in globalThis))
      Object.defineProperty(globalThis, name, { value: values.get(name), configurable: true })
  }
}
