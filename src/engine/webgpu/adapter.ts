/** A name for people: description, or vendor and architecture, as far as the browser tells. */
export function adapterName(info: GPUAdapterInfo): string {
  const parts = info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' ')
  return parts || 'a GPU that does not give its name'
}

/** This page's, worker's or program's WebGPU: browsers without it have a navigator without `gpu`, Node 20 has no navigator. */
export function hostGpu(): GPU | undefined {
  return typeof navigator !== 'undefined' && 'gpu' in navigator ? navigator.gpu : undefined
}

/** Emulated by the CPU: SwiftShader (Chrome), llvmpipe and lavapipe (Mesa), WARP (Windows). */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const names = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render|warp/i.test(names)
}
