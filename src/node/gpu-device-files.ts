import { existsSync, readdirSync } from 'node:fs'

/**
 * Whether this machine may have a GPU, without starting anything. Linux shows GPUs as files: /dev/dri/renderD* (every
 * driver of the kernel), /dev/nvidia0 and so on (NVIDIA in containers), /dev/dxg (Windows' GPU in WSL). Elsewhere it is
 * always true: only asking the driver tells.
 */
export function mayHaveGpu(platform: NodeJS.Platform = process.platform, devices = '/dev'): boolean {
  if (platform !== 'linux') return true
  return (
    namesIn(`${devices}/dri`).some(name => /^renderD\d+$/.test(name)) ||
    namesIn(devices).some(name => /^nvidia\d+$/.test(name)) ||
    existsSync(`${devices}/dxg`)
  )
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
