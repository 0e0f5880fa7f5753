import { createRequire } from 'node:module'

/** Why a package cannot be used, or undefined. */
export function missingPackage(name: string): string | undefined {
  try {
    createRequire(import.meta.url).resolve(name)
    return undefined
  } catch {
    return `The package ${name} is not installed; npm run bench:setup installs the peers.`
  }
}
