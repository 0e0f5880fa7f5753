import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The version of webkan itself: from the nearest package.json above this file, in dist/ as in src/. */
export function ownVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = readManifest(join(folder, 'package.json'))
    if (manifest?.name === 'webkan') return manifest.version
    if (folder === dirname(folder)) return 'unknown'
  }
}

/** The version of an installed package that lets its package.json be read, or undefined where it is not installed. */
export function installedVersion(name: string): string | undefined {
  try {
    return readManifest(createRequire(import.meta.url).resolve(`${name}/package.json`))?.version
  } catch {
    return undefined
  }
}

function readManifest(path: string): { name: string; version: string } | undefined {
  let manifest: unknown
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
  if (!(manifest instanceof Object) || !('name' in manifest) || !('version' in manifest)) return undefined
  return { name: String(manifest.name), version: String(manifest.version) }
}
