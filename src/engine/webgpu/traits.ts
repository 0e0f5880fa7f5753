import { isSoftware } from './adapter.ts'
import type { DeviceTraits } from './variants.ts'

/** WGSL's name for subgroups that a shader can tell apart: without it their sums have no place of their own. */
const SUBGROUP_ID = 'subgroup_id'

/** Optional features of an adapter that some kernel variant uses. */
export function usefulFeatures(adapter: GPUAdapter): GPUFeatureName[] {
  return adapter.features.has('subgroups') ? ['subgroups'] : []
}

/** What variants ask of a device; `language` is what its GPU object says of WGSL. */
export function deviceTraits(device: GPUDevice, language: WGSLLanguageFeatures | undefined): DeviceTraits {
  return {
    subgroups: device.features.has('subgroups') && language?.has(SUBGROUP_ID) === true,
    software: isSoftware(device.adapterInfo),
  }
}
