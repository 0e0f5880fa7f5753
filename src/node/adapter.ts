import { adapterName, isSoftware } from '../engine/webgpu/adapter.ts'

/** What a GPU adapter says of itself: plain data, so that a page can send it. */
export interface AdapterDescription {
  /** Such as 'nvidia hopper' or 'SwiftShader driver 5.0.0'. */
  readonly name: string
  /** A GPU that the CPU emulates. */
  readonly software: boolean
  readonly limits: Readonly<Record<string, number>>
}

/** The limits that decide which networks and batches fit. */
const shownLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const

/** The adapter that training would get, or undefined where there is none. */
export async function describeAdapter(gpu: GPU): Promise<AdapterDescription | undefined> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) return undefined
  return {
    name: adapterName(adapter.info),
    software: isSoftware(adapter.info),
    limits: Object.fromEntries(shownLimits.map(name => [name, adapter.limits[name]])),
  }
}
