import { arch, cpus, freemem, loadavg, platform, totalmem } from 'node:os'
import { installedVersion, ownVersion } from '../src/node/packages.ts'

/** Where a benchmark ran. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  /** Bytes. */
  readonly memory: number
  readonly freeMemory: number
  readonly system: string
  /** Processes that wanted a core in the minute before the run began: more than a fraction of one is a loaded machine. */
  readonly load: number
  /** Node and its engine, webkan, the packages a GPU is reached through. */
  readonly versions: Readonly<Record<string, string>>
}

export function describeMachine(): Machine {
  const versions: Record<string, string> = {
    node: process.versions.node,
    v8: process.versions.v8,
    webkan: ownVersion(),
  }
  for (const name of ['webgpu', 'puppeteer']) {
    const version = installedVersion(name)
    if (version !== undefined) versions[name] = version
  }
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    freeMemory: freemem(),
    system: `${platform()} ${arch()}`,
    load: loadavg()[0] ?? 0,
    versions,
  }
}
