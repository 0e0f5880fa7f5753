import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the loader looks without being told (ld.so(8)); Debian and its kin keep libraries in a folder per machine type. */
const usualFolders = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/local/lib'].flatMap(folder => [
  folder,
  ...['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(machine => join(folder, machine)),
])

const loader = 'libvulkan.so.1'

/** Where to look, replaced by tests. */
export interface LibraryPlaces {
  readonly platform: NodeJS.Platform
  readonly libraryPath: string | undefined
  /** The list of libraries that `ldconfig` keeps. */
  readonly cache: string
  readonly folders: readonly string[]
}

/**
 * Whether Dawn can find Vulkan, the only way to a GPU it has on Linux. Asked before Dawn is: without Vulkan it writes two
 * lines of its own to stderr, past every setting. Elsewhere it is always true.
 */
export function mayHaveVulkan(places: Partial<LibraryPlaces> = {}): boolean {
  const {
    platform = process.platform,
    libraryPath = process.env['LD_LIBRARY_PATH'],
    cache = '/etc/ld.so.cache',
    folders = usualFolders,
  } = places
  if (platform !== 'linux') return true
  const told = libraryPath?.split(':').filter(folder => folder !== '') ?? []
  return [...told, ...folders].some(folder => existsSync(join(folder, loader))) || listedIn(cache)
}

function listedIn(cache: string): boolean {
  try {
    return readFileSync(cache).includes(loader)
  } catch {
    return false
  }
}
